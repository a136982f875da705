import { fitEfficiency } from '../analytical/fit/fitEfficiency.js';
import type { Efficiency } from '../analytical/rules/efficiencies.js';
import { ridge } from '../core/cholesky.js';
import { createRandom, type Random } from '../core/random.js';
import type { OperatorRow, OperatorTask } from './operatorTask.js';

/** Random Fourier features of what a rule leaves on one task (Rahimi and Recht, NIPS 2007): how many, scale in standard deviations, amplitude, ridge. */
const WAVES = 300,
  FREQUENCY = 0.4,
  AMPLITUDE = 3,
  LINEAR = 0.3,
  RIDGE = 0.5;
/** Rows that constants, ridge and neighbours of a task are taken from. */
const CONSTANT_ROWS = 500,
  RIDGE_ROWS = 1500;
/** Neighbours that correct the ridge, the distance over which they count, in mean squares of standard deviations, and what an absent one weighs. */
const NEIGHBOURS = 8,
  REACH = 0.1,
  ABSENT = 0.5;

const constantsOfTask = new WeakMap<OperatorTask, Efficiency>();

/** Constants of a rule that make a task's rows fit best; the same for a task whatever is left out. */
function constantsOf(task: OperatorTask, start: Efficiency): Efficiency {
  let constants = constantsOfTask.get(task);
  if (!constants) {
    const rows = createRandom('constants').sample(task.rows.length, Math.min(CONSTANT_ROWS, task.rows.length));
    const kernels = rows.map((i) => ({ predict: (e: Efficiency) => task.rows[i].rule(e), measured: task.seconds[i] }));
    constants = fitEfficiency([kernels], start);
    constantsOfTask.set(task, constants);
  }
  return constants;
}

/** What a rule with a task's own constants leaves on it: log (measured / rule) as a function of what an operator is. */
interface Leftover {
  weights: Float64Array;
  /** scaled numbers of the rows, [rows, width], and what the ridge leaves of them */
  rows: Float64Array;
  rest: Float64Array;
}

/** The training tasks as functions of an operator. */
export class TaskFunctions {
  readonly constants: readonly Efficiency[];
  private readonly width: number;
  private readonly centre: Float64Array;
  private readonly scale: Float64Array;
  private readonly frequency: Float64Array;
  private readonly phase: Float64Array;
  private readonly leftovers: readonly Leftover[];
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
    this.frequency = Float64Array.from({ length: WAVES * width }, () => FREQUENCY * random.normal());
    this.phase = Float64Array.from({ length: WAVES }, () => 2 * Math.PI * random.next());
    this.constants = tasks.map((t) => constantsOf(t, start));
    this.leftovers = tasks.map((t, i) => this.fit(t, this.constants[i], random));
  }

  /** Numbers in standard deviations around their mean, [width]. */
  scaled({ numbers }: OperatorRow): Float64Array {
    return numbers.map((v, j) => (v - this.centre[j]) / this.scale[j]);
  }

  /** What each task's rule leaves of an operator, in logs, [tasks]; kept for as long as the row is. */
  at(row: OperatorRow): Float64Array {
    let values = this.seen.get(row);
    if (!values) {
      const scaled = this.scaled(row),
        features = this.featuresOf(scaled);
      values = Float64Array.from(this.leftovers, (l) => dot(l.weights, features) + this.correction(l, scaled));
      this.seen.set(row, values);
    }
    return values;
  }

  /** [WAVES + width + 1] */
  private featuresOf(scaled: Float64Array): Float64Array {
    const { width } = this,
      out = new Float64Array(WAVES + width + 1);
    for (let r = 0; r < WAVES; r++) {
      let angle = this.phase[r];
      for (let j = 0; j < width; j++) angle += this.frequency[r * width + j] * scaled[j];
      out[r] = AMPLITUDE * Math.sqrt(2 / WAVES) * Math.cos(angle);
    }
    for (let j = 0; j < width; j++) out[WAVES + j] = LINEAR * scaled[j];
    out[WAVES + width] = 1;
    return out;
  }

  private fit(task: OperatorTask, constants: Efficiency, random: Random): Leftover {
    const n = Math.min(RIDGE_ROWS, task.rows.length),
      at = random.sample(task.rows.length, n),
      size = WAVES + this.width + 1,
      features = new Float64Array(n * size),
      rows = new Float64Array(n * this.width);
    const logs = Float64Array.from(at, (i, r) => {
      const scaled = this.scaled(task.rows[i]);
      rows.set(scaled, r * this.width);
      features.set(this.featuresOf(scaled), r * size);
      return Math.log(task.seconds[i] / task.rows[i].rule(constants));
    });
    const weights = ridge(features, logs, n, size, RIDGE);
    const rest = logs.map((log, r) => log - dot(weights, features.subarray(r * size, (r + 1) * size)));
    return { weights, rows, rest };
  }

  /** Mean of what the ridge leaves of the nearest rows, less the farther they are: shapes that another device ran as well are known as they are there. */
  private correction({ rows, rest }: Leftover, scaled: Float64Array): number {
    const { width } = this,
      near: { distance: number; rest: number }[] = [];
    for (let r = 0; r < rest.length; r++) {
      const most = near.length < NEIGHBOURS ? Number.POSITIVE_INFINITY : near[NEIGHBOURS - 1].distance;
      let distance = 0;
      for (let j = 0, at = r * width; j < width && distance < most; j++) distance += (rows[at + j] - scaled[j]) ** 2;
      if (distance >= most) continue;
      near.push({ distance, rest: rest[r] });
      near.sort((a, b) => a.distance - b.distance);
      near.length = Math.min(near.length, NEIGHBOURS);
    }
    let sum = 0,
      total = ABSENT;
    for (const { distance, rest } of near) {
      const weight = Math.exp(-distance / width / REACH);
      sum += weight * rest;
      total += weight;
    }
    return sum / total;
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
