import { fitEfficiency, type MeasuredKernel } from '../analytical/fit/fitEfficiency.js';
import type { Efficiency } from '../analytical/rules/efficiencies.js';
import { type BoostSettings, boostTrees } from '../core/boostedTrees.js';
import { kept } from '../core/kept.js';
import { createRandom, type Random } from '../core/random.js';
import type { OperatorRow, OperatorTask } from './operatorTask.js';

/** Rows of a task that its constants are fitted to, those of all tasks together, and those it gives to the trees. */
const CONSTANT_ROWS = 500,
  TOGETHER_ROWS = 60,
  TREE_ROWS = 6000;
/** Steps of the search, and what keeps those that a task does not tell where they are for all. */
const SEARCH = { steps: 600, held: 0.01 };
const TREES: BoostSettings = { trees: 800, rate: 0.09, leaves: 30, least: 8, ridge: 4, clip: 0.3 };

/** A row that leaves more than this, in logs, was disturbed. */
const MOST_UNEXPLAINED = 0.4;

/** Some rows of a task as the search for constants takes them. */
const kernelsOf = ({ rows, seconds }: OperatorTask, most: number): MeasuredKernel[] =>
  createRandom('constants')
    .sample(rows.length, Math.min(most, rows.length))
    .map((i) => ({ predict: (e) => rows[i].rule(e), measured: seconds[i] }));

/** Constants of a rule that make each task's rows fit best; what a task does not tell is that of all of them together. */
function constantsOf(tasks: readonly OperatorTask[], start: Efficiency): Efficiency[] {
  const together = fitEfficiency(
    tasks.map((t) => kernelsOf(t, TOGETHER_ROWS)),
    start,
    { steps: SEARCH.steps },
  );
  return tasks.map((t) => fitEfficiency([kernelsOf(t, CONSTANT_ROWS)], together, SEARCH));
}

/** The training tasks as functions of an operator: a rule with constants of their own, and what it leaves, by trees over all tasks together. */
export class TaskFunctions {
  readonly constants: readonly Efficiency[];
  private readonly width: number;
  private readonly steps: number;
  private readonly centre: Float64Array;
  private readonly scale: Float64Array;
  private readonly leftover: (row: ArrayLike<number>) => number;
  private readonly seen = new WeakMap<OperatorRow, Float64Array>();
  /** positions of each task's rows by their sizes, and what they leave over the trees */
  private readonly positions = new Map<number, ReadonlyMap<string, number>>();
  private readonly unexplained = new Map<string, number>();

  constructor(
    private readonly tasks: readonly OperatorTask[],
    start: Efficiency,
    random: Random,
  ) {
    const width = tasks[0].rows[0].numbers.length;
    this.width = width;
    this.steps = tasks[0].rows[0].steps.length;
    this.centre = new Float64Array(width);
    this.scale = new Float64Array(width);
    const all = tasks.flatMap((t) => t.rows);
    for (const { numbers } of all) for (let j = 0; j < width; j++) this.centre[j] += numbers[j] / all.length;
    for (const { numbers } of all)
      for (let j = 0; j < width; j++) this.scale[j] += (numbers[j] - this.centre[j]) ** 2 / all.length;
    for (let j = 0; j < width; j++) this.scale[j] = Math.sqrt(this.scale[j]) || 1;
    this.constants = constantsOf(tasks, start);
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
      const asked = new Float64Array(this.width + this.steps + 1);
      return Float64Array.from(this.constants, (_, t) => this.treesAt(row, t, asked));
    });
  }

  private treesAt(row: OperatorRow, t: number, asked = new Float64Array(this.width + this.steps + 1)): number {
    this.ask(asked, 0, row, t);
    return this.leftover(asked);
  }

  /** What a task's own row of the very sizes leaves over its trees, in logs; 0 where it has none. */
  unexplainedBy(t: number, { sizes }: OperatorRow): number {
    const { rows, seconds } = this.tasks[t],
      key = sizes.join(),
      at = kept(this.positions, t, () => new Map(rows.map((row, i) => [row.sizes.join(), i]))).get(key);
    if (at === undefined) return 0;
    return kept(this.unexplained, `${t} ${key}`, () => {
      const left = Math.log(seconds[at] / rows[at].rule(this.constants[t])) - this.treesAt(rows[at], t);
      return Math.max(-MOST_UNEXPLAINED, Math.min(MOST_UNEXPLAINED, left));
    });
  }

  /** What the trees are asked: numbers, steps, and which task it is. */
  private ask(into: Float64Array, offset: number, row: OperatorRow, t: number): void {
    into.set(row.numbers, offset);
    into.set(row.steps, offset + this.width);
    into[offset + this.width + this.steps] = t;
  }

  /** log (measured / rule) of rows of all tasks, by their numbers and which task it is. */
  private fit(tasks: readonly OperatorTask[], random: Random): TaskFunctions['leftover'] {
    const width = this.width + this.steps + 1,
      rows = tasks.flatMap((task, t) =>
        random.sample(task.rows.length, Math.min(TREE_ROWS, task.rows.length)).map((i) => ({ task, t, i })),
      );
    const data = new Float64Array(rows.length * width);
    const logs = Float64Array.from(rows, ({ task, t, i }, r) => {
      this.ask(data, r * width, task.rows[i], t);
      return Math.log(task.seconds[i] / task.rows[i].rule(this.constants[t]));
    });
    return boostTrees(data, logs, width, TREES);
  }
}
