import { fitEfficiency } from '../analytical/fit/fitEfficiency.js';
import type { Efficiency } from '../analytical/rules/efficiencies.js';
import { type BoostSettings, boostTrees } from '../core/boostedTrees.js';
import { kept } from '../core/kept.js';
import { createRandom, type Random } from '../core/random.js';
import type { OperatorRow, OperatorTask } from './operatorTask.js';

/** Rows that the constants of a task are fitted to, and those it gives to the trees. */
const CONSTANT_ROWS = 500,
  TREE_ROWS = 6000;
/** Steps of their search, and what keeps those that a task does not tell where the search starts. */
const SEARCH = { steps: 600, held: 0.01 };
const TREES: BoostSettings = { trees: 400, rate: 0.09, leaves: 40, least: 8, ridge: 4, clip: 0.3 };

const constantsOfTask = new WeakMap<OperatorTask, Efficiency>();

/** Constants of a rule that make a task's rows fit best; the same for a task whatever is left out. */
const constantsOf = (task: OperatorTask, start: Efficiency): Efficiency =>
  kept(constantsOfTask, task, () => {
    const rows = createRandom('constants').sample(task.rows.length, Math.min(CONSTANT_ROWS, task.rows.length)),
      kernels = rows.map((i) => ({ predict: (e: Efficiency) => task.rows[i].rule(e), measured: task.seconds[i] }));
    return fitEfficiency([kernels], start, SEARCH);
  });

/** The training tasks as functions of an operator: a rule with constants of their own, and what it leaves, by trees over all tasks together. */
export class TaskFunctions {
  readonly constants: readonly Efficiency[];
  private readonly width: number;
  private readonly centre: Float64Array;
  private readonly scale: Float64Array;
  private readonly leftover: (row: ArrayLike<number>) => number;
  private readonly seen = new WeakMap<OperatorRow, Float64Array>();

  constructor(tasks: readonly OperatorTask[], start: Efficiency, random: Random) {
    const width = tasks[0].rows[0].numbers.length;
    this.width = width;
    this.centre = new Float64Array(width);
    this.scale = new Float64Array(width);
    const all = tasks.flatMap((t) => t.rows);
    for (const { numbers } of all) for (let j = 0; j < width; j++) this.centre[j] += numbers[j] / all.length;
    for (const { numbers } of all)
      for (let j = 0; j < width; j++) this.scale[j] += (numbers[j] - this.centre[j]) ** 2 / all.length;
    for (let j = 0; j < width; j++) this.scale[j] = Math.sqrt(this.scale[j]) || 1;
    this.constants = tasks.map((t) => constantsOf(t, start));
    // what one device alone leaves is not known to be of others
    this.leftover = new Set(tasks.map((t) => t.device)).size > 1 ? this.fit(tasks, random) : () => 0;
  }

  /** Numbers in standard deviations around their mean, [width]. */
  scaled({ numbers }: OperatorRow): Float64Array {
    return numbers.map((v, j) => (v - this.centre[j]) / this.scale[j]);
  }

  /** What each task's rule leaves of an operator, in logs, [tasks]; kept for as long as the row is. */
  at(row: OperatorRow): Float64Array {
    return kept(this.seen, row, () => {
      const asked = new Float64Array(this.width + 1);
      asked.set(row.numbers);
      return Float64Array.from(this.constants, (_, t) => {
        asked[this.width] = t;
        return this.leftover(asked);
      });
    });
  }

  /** log (measured / rule) of rows of all tasks, by their numbers and which task it is. */
  private fit(tasks: readonly OperatorTask[], random: Random): TaskFunctions['leftover'] {
    const width = this.width + 1,
      rows = tasks.flatMap((task, t) =>
        random.sample(task.rows.length, Math.min(TREE_ROWS, task.rows.length)).map((i) => ({ task, t, i })),
      );
    const data = new Float64Array(rows.length * width);
    const logs = Float64Array.from(rows, ({ task, t, i }, r) => {
      data.set(task.rows[i].numbers, r * width);
      data[r * width + width - 1] = t;
      return Math.log(task.seconds[i] / task.rows[i].rule(this.constants[t]));
    });
    return boostTrees(data, logs, width, TREES);
  }
}
