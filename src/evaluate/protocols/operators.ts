import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { HwcastError } from '../../core/errors.js';
import { createRandom, type Random } from '../../core/random.js';
import { OperatorDevices } from '../../operators/operatorDevices.js';
import { OPERATOR_FAMILIES, type OperatorFamily, readOperatorTasks } from '../../operators/operatorFamilies.js';
import type { OperatorRow, OperatorTask } from '../../operators/operatorTask.js';
import { adaptLogTask, trainLogTasks } from '../../surrogate/head/logTasks.js';
import type { CaseGroup, CaseMethod, EvaluationCase, Part } from '../evaluationCase.js';
import { NETWORK_SCORING } from '../scoring.js';
import type { Protocol, ProtocolOptions } from './protocol.js';

/** Operators that are asked of each draw, and candidates among which the support is chosen. */
const QUERIES = 500,
  CANDIDATES = 400;
/** Rows of each task that the closed form is trained on. */
const CLOSED_FORM_ROWS = 300;
/** Neighbours of aiconfigurator's estimate. */
const NEIGHBOURS = 2;

/** Rows that a task must have to be asked. */
const LEAST_ROWS = 200;

/** A row of a task with what was measured. */
interface Row {
  row: OperatorRow;
  seconds: number;
}

const numbersOf = (rows: readonly Row[]): Float64Array => Float64Array.from(rows.flatMap(({ row }) => columnsOf(row)));
/** All numbers of a row. */
const columnsOf = ({ numbers, steps }: OperatorRow): number[] => [...numbers, ...steps];
const secondsOf = (rows: readonly Row[]): Float64Array => Float64Array.from(rows, (r) => r.seconds);
/** Measured over roofline. */
const ratiosOf = (rows: readonly Row[]): Float64Array => Float64Array.from(rows, ({ row, seconds }) => seconds / row.roofline);

/** `max(F / 0.75 peak, Q / 0.8 bandwidth) + overhead` */
const roofline: CaseMethod<Row> = {
  name: 'roofline',
  answer: (_, query) => ({ latency: query.map(({ row }) => ({ value: row.roofline })) }),
};

/** The utilisation of the two nearest measured rows, as aiconfigurator borrows it; the roofline where nothing is measured. */
const neighbours: CaseMethod<Row> = {
  name: 'neighbours',
  answer(support, query) {
    const logs = ratiosOf(support).map(Math.log);
    return {
      latency: query.map(({ row: own }) => {
        const columns = columnsOf(own);
        const nearest = support
          .map(({ row }, i) => ({
            log: logs[i],
            distance: columnsOf(row).reduce((sum, v, j) => sum + (v - columns[j]) ** 2, 0),
          }))
          .sort((a, b) => a.distance - b.distance)
          .slice(0, NEIGHBOURS);
        const log = nearest.length ? nearest.reduce((sum, n) => sum + n.log, 0) / nearest.length : 0;
        return { value: own.roofline * Math.exp(log) };
      }),
    };
  },
};

/** The Bayesian head of the house on the same numbers. */
function closedForm(tasks: readonly OperatorTask[], random: Random): CaseMethod<Row> {
  const width = columnsOf(tasks[0].rows[0]).length;
  const model = trainLogTasks(
    tasks.map((task) => {
      const all = rowsOf(task),
        rows = random.sample(all.length, Math.min(CLOSED_FORM_ROWS, all.length)).map((i) => all[i]);
      return { id: runnerOf(task), group: task.device, X: numbersOf(rows), values: ratiosOf(rows) };
    }),
    width,
    random,
  );
  return {
    name: 'closed-form',
    least: 1,
    answer(support, query) {
      const predicted = adaptLogTask(model, { X: numbersOf(support), values: ratiosOf(support) }, numbersOf(query));
      return { latency: query.map(({ row }, i) => ({ value: row.roofline * predicted[i] })) };
    },
  };
}

const rowsOf = ({ rows, seconds }: OperatorTask): Row[] => rows.map((row, i) => ({ row, seconds: seconds[i] }));
const runnerOf = ({ device, backend, source }: OperatorTask): string => `${device}, ${backend} ${source}`;

/** Each device left out with all that ran on it; what ran there is asked one by one. */
function* casesOf(family: OperatorFamily, folder: string, options: ProtocolOptions): Generator<EvaluationCase<Row>> {
  const tasks = readOperatorTasks(folder, family).filter((t) => t.rows.length >= LEAST_ROWS),
    devices = [...new Set(tasks.map((t) => t.device))].sort();
  for (const device of devices) {
    if (options.devices && !options.devices.includes(device)) continue;
    options.onProgress?.(`  ${family.name} without ${device}`);
    const rest = tasks.filter((t) => t.device !== device),
      random = createRandom(options.seed).fork(`${family.name} ${device}`),
      engine = new OperatorDevices(rest, family.start, random.fork('waves')),
      closed = closedForm(rest, random.fork('closed form'));
    for (const task of tasks.filter((t) => t.device === device)) {
      const rows = rowsOf(task),
        own: CaseMethod<Row> = {
          name: 'operators',
          answer: (support, query) => ({
            latency: engine.adapt(
              task,
              support.map((r) => r.row),
              secondsOf(support),
            )(query.map((q) => q.row)),
          }),
        };
      const methods = [roofline, neighbours, closed, own];
      yield {
        place: { protocol: 'operators', space: family.name, task: 'leave one device out', device: runnerOf(task) },
        targets: ['latency'],
        // nothing measured, too
        sizes: [0, ...options.k],
        selections: options.selections,
        draws: (k) => (k === 0 ? 1 : options.draws),
        parts: (draw) => [
          partOf(rows, methods, (among, k) => engine.choose(task, among, k), random.fork(`${runnerOf(task)} ${draw}`)),
        ],
        truth: ({ seconds }) => seconds,
        scoring: NETWORK_SCORING,
      };
    }
  }
}

function partOf(
  rows: readonly Row[],
  methods: readonly CaseMethod<Row>[],
  choose: (among: readonly OperatorRow[], k: number) => number[],
  random: Random,
): Part<Row> {
  // of small tables two fifths are candidates
  const count = Math.min(rows.length, QUERIES + CANDIDATES),
    drawn = random.sample(rows.length, count).map((i) => rows[i]),
    most = Math.round((count * QUERIES) / (QUERIES + CANDIDATES)),
    asked = drawn.slice(0, most),
    candidates = drawn.slice(most);
  return {
    methods,
    candidates: (k) => (candidates.length < k ? undefined : candidates),
    choose: (among, count) =>
      choose(
        among.map((r) => r.row),
        count,
      ).map((i) => among[i]),
    query: () => asked,
  };
}

/** Single operators on a device that was left out: public tables of kernels of language models. */
export const operators: Protocol = {
  name: 'operators',
  report: 'networks',
  async *groups(options) {
    const folder = options.data && (existsSync(join(options.data, 'llm-ops')) ? join(options.data, 'llm-ops') : options.data);
    if (!folder)
      throw new HwcastError('usage', '--protocol operators needs --data FOLDER with the public tables', {
        hint: 'the folder that holds llm-ops, or aic_gemm.csv.gz itself',
      });
    const names = OPERATOR_FAMILIES.map((f) => f.name),
      unknown = options.spaces?.find((name) => !names.includes(name));
    if (unknown !== undefined)
      throw new HwcastError('usage', `no family of operators '${unknown}'`, { hint: `--space takes ${names.join(', ')}` });
    for (const family of OPERATOR_FAMILIES.filter((f) => options.spaces?.includes(f.name) ?? true))
      yield { cases: casesOf(family, folder, options) as Iterable<EvaluationCase>, across: 'mean' } satisfies CaseGroup;
  },
};
