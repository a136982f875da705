/**
 * How closely single matrix products can be known at all: what two measurements of one shape differ by (another version of the back end, the same device and
 * kernels), and the error on a fifth of each device's rows where all others of it are known: `npx tsx scripts/operatorFloor.ts DATA`.
 */
import { join } from 'node:path';
import { createRandom } from '../src/core/random.js';
import { mean } from '../src/core/statistics.js';
import { OPERATOR_FAMILIES, readOperatorTasks } from '../src/operators/operatorFamilies.js';
import type { OperatorTask } from '../src/operators/operatorTask.js';
import { TaskFunctions } from '../src/operators/taskFunctions.js';
import { markdownTable, percent } from './markdown.js';

const [data] = process.argv.slice(2);
if (!data) throw new Error('usage: npx tsx scripts/operatorFloor.ts DATA');

const LEAST_ROWS = 200,
  ASKED = 0.2;
const [gemm] = OPERATOR_FAMILIES,
  tasks = readOperatorTasks(join(data, 'llm-ops'), gemm).filter((t) => t.rows.length >= LEAST_ROWS),
  random = createRandom('floor');

/** A task without the rows at some positions. */
const without = (task: OperatorTask, at: ReadonlySet<number>): OperatorTask => ({
  ...task,
  rows: task.rows.filter((_, i) => !at.has(i)),
  seconds: task.seconds.filter((_, i) => !at.has(i)),
});

/** Relative differences of two measurements of one shape. */
function repeats({ rows, seconds }: OperatorTask): number[] {
  const first = new Map<string, number>();
  return rows.flatMap(({ sizes }, i) => {
    const shape = sizes.join(),
      other = first.get(shape);
    if (other === undefined) first.set(shape, seconds[i]);
    return other === undefined ? [] : [Math.abs(seconds[i] / other - 1)];
  });
}

const asked = tasks.map((t) => new Set(random.sample(t.rows.length, Math.round(ASKED * t.rows.length)))),
  known = tasks.map((t, i) => without(t, asked[i])),
  functions = new TaskFunctions(known, gemm.start, random.fork('trees'));
const errorOf = (task: OperatorTask, t: number): number =>
  mean(
    [...asked[t]].map((i) => {
      const row = task.rows[i];
      return Math.abs((row.rule(functions.constants[t]) * Math.exp(functions.at(row)[t])) / task.seconds[i] - 1);
    }),
  );

const devices = [...new Set(tasks.map((t) => t.device))].sort(),
  errors = tasks.map(errorOf);
const lines = devices.map((device) => {
  const own = tasks.flatMap((t, i) => (t.device === device ? [i] : [])),
    pairs = own.flatMap((i) => repeats(tasks[i]));
  return {
    error: mean(own.map((i) => errors[i])),
    cells: [device, String(own.length), pairs.length ? `${percent(mean(pairs))} of ${pairs.length}` : '-'],
  };
});
process.stdout.write(
  `matrix products in bf16: error where four fifths of a device's own rows are known\n\n${markdownTable(
    ['device', 'tasks', 'two measurements of one shape differ by', 'error'],
    [...lines.map((l) => [...l.cells, percent(l.error)]), ['mean', '', '', percent(mean(lines.map((l) => l.error)))]],
  )}\n`,
);
