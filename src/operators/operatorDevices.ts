import { ridge } from '../core/cholesky.js';
import type { Random } from '../core/random.js';
import { mostInformative } from '../surrogate/head/chooseSupport.js';
import { supportWidth, Z90 } from '../surrogate/head/tuneSettings.js';
import { type KernelParts, predictTask, type SeenWorkloads, taskPosterior } from '../surrogate/multiTask/taskPosterior.js';
import type { OperatorTask } from './operatorFamilies.js';

/** Random Fourier features of the utilisation on one device (Rahimi and Recht, NIPS 2007), their scale per octave-normalised number, amplitude and ridge. */
const WAVES = 400,
  FREQUENCY = 0.4,
  AMPLITUDE = 3,
  LINEAR = 0.3,
  RIDGE = 0.3;
/** Rows that the utilisation of a device is fitted to, and rows of the table that is the unit of scales. */
const MOST_ROWS = 3000,
  TABLE_ROWS = 300;
/** Length, in standard deviations of the numbers, over which a device differs from others. */
const LENGTH = 0.7;
/** Variance of the level of a device around what the others have: peaks and bandwidths are known. */
const LEVEL = 0.1;
/** Variance of one operator around what its numbers say. */
const NOISE = 0.004;

/** Operators: their numbers, [rows, width], and the seconds of their roofline, [rows]. */
export interface Operators {
  numbers: Float64Array;
  roofline: Float64Array;
}

/** Log (measured / roofline) on each training device and back end, as a function of what an operator is. */
export class OperatorDevices {
  private readonly centre: Float64Array;
  private readonly scale: Float64Array;
  private readonly frequency: Float64Array;
  private readonly phase: Float64Array;
  /** of each task */
  private readonly weights: Float64Array[];
  private readonly kinds: string[];
  /** [TABLE_ROWS, tasks] */
  private readonly table: Float64Array;
  private readonly width: number;

  constructor(tasks: readonly OperatorTask[], random: Random) {
    const width = tasks[0].width;
    this.width = width;
    this.kinds = tasks.map((t) => t.backend);
    this.centre = new Float64Array(width);
    this.scale = new Float64Array(width);
    this.measureScale(tasks);
    this.frequency = Float64Array.from({ length: WAVES * width }, () => FREQUENCY * random.normal());
    this.phase = Float64Array.from({ length: WAVES }, () => 2 * Math.PI * random.next());
    this.weights = tasks.map((t) => this.fit(t, random));
    const pool = tasks.flatMap((t) => pick(t, random.sample(t.seconds.length, Math.min(t.seconds.length, 40))));
    const rows = random.sample(pool.length, Math.min(TABLE_ROWS, pool.length)).map((i) => pool[i]);
    this.table = this.valuesOf(this.scaled(Float64Array.from(rows.flat())));
  }

  private measureScale(tasks: readonly OperatorTask[]): void {
    const { width } = this,
      rows = tasks.reduce((n, t) => n + t.seconds.length, 0);
    for (const { numbers } of tasks) numbers.forEach((v, i) => (this.centre[i % width] += v / rows));
    for (const { numbers } of tasks)
      numbers.forEach((v, i) => (this.scale[i % width] += (v - this.centre[i % width]) ** 2 / rows));
    for (let j = 0; j < width; j++) this.scale[j] = Math.sqrt(this.scale[j]) || 1;
  }

  private scaled(numbers: Float64Array): Float64Array {
    return numbers.map((v, i) => (v - this.centre[i % this.width]) / this.scale[i % this.width]);
  }

  /** [rows, WAVES + width + 1] of scaled numbers */
  private featuresOf(scaled: Float64Array): Float64Array {
    const { width } = this,
      rows = scaled.length / width,
      size = WAVES + width + 1,
      out = new Float64Array(rows * size);
    for (let i = 0; i < rows; i++) {
      for (let r = 0; r < WAVES; r++) {
        let angle = this.phase[r];
        for (let j = 0; j < width; j++) angle += this.frequency[r * width + j] * scaled[i * width + j];
        out[i * size + r] = AMPLITUDE * Math.sqrt(2 / WAVES) * Math.cos(angle);
      }
      for (let j = 0; j < width; j++) out[i * size + WAVES + j] = LINEAR * scaled[i * width + j];
      out[i * size + WAVES + width] = 1;
    }
    return out;
  }

  private fit(task: OperatorTask, random: Random): Float64Array {
    const n = task.seconds.length,
      rows = n <= MOST_ROWS ? [...task.seconds.keys()] : random.sample(n, MOST_ROWS);
    const features = this.featuresOf(this.scaled(Float64Array.from(pick(task, rows).flat()))),
      logs = Float64Array.from(rows, (i) => Math.log(task.seconds[i] / task.roofline[i]));
    return ridge(features, logs, rows.length, features.length / rows.length, RIDGE);
  }

  /** Log utilisation of each training task, [rows, tasks] */
  private valuesOf(scaled: Float64Array): Float64Array {
    const features = this.featuresOf(scaled),
      rows = scaled.length / this.width,
      size = features.length / rows,
      tasks = this.weights.length,
      out = new Float64Array(rows * tasks);
    for (let i = 0; i < rows; i++)
      this.weights.forEach((w, t) => {
        let sum = 0;
        for (let f = 0; f < size; f++) sum += w[f] * features[i * size + f];
        out[i * tasks + t] = sum;
      });
    return out;
  }

  /** The predictor of a new device from measured operators of it, none at all included: seconds, with 90 % intervals. */
  adapt(support: Operators, seconds: ArrayLike<number>): (asked: Operators) => { value: number; low: number; high: number }[] {
    const own = this.scaled(support.numbers),
      logs = Float64Array.from(support.roofline, (r, i) => Math.log(seconds[i] / r)),
      see = (at: Float64Array): SeenWorkloads => ({ at, noise: new Float64Array(at.length / this.weights.length).fill(NOISE) });
    const posterior = taskPosterior(this.table, this.kinds, see(this.valuesOf(own)), logs, this.parts(own, own), LEVEL);
    const { standardised } = posterior.leftOut,
      square = standardised.reduce((sum, v) => sum + v * v, 0) / Math.max(1, standardised.length),
      width = standardised.length ? supportWidth(standardised.length, square) : 1;
    return ({ numbers, roofline }) => {
      const asked = this.scaled(numbers),
        { mean, deviation } = predictTask(posterior, see(this.valuesOf(asked)), this.parts(asked, own), this.selfParts(asked));
      return Array.from(roofline, (r, i) => {
        const half = Z90 * width * deviation[i];
        return { value: r * Math.exp(mean[i]), low: r * Math.exp(mean[i] - half), high: r * Math.exp(mean[i] + half) };
      });
    };
  }

  /** Which of some operators to measure so that the others are known best, [k] positions. */
  choose({ numbers }: Pick<Operators, 'numbers'>, k: number): number[] {
    const scaled = this.scaled(numbers),
      at = this.valuesOf(scaled),
      tasks = this.weights.length,
      n = scaled.length / this.width,
      parts = this.parts(scaled, scaled),
      C = new Float64Array(n * n);
    const mean = Float64Array.from(
      { length: n },
      (_, i) => at.subarray(i * tasks, (i + 1) * tasks).reduce((a, v) => a + v, 0) / tasks,
    );
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let t = 0; t < tasks; t++) sum += (at[i * tasks + t] - mean[i]) * (at[j * tasks + t] - mean[j]);
        C[i * n + j] = LEVEL + sum / tasks + 0.01 * parts.linear[i * n + j] + 0.05 * parts.smooth[i * n + j];
      }
    return mostInformative(C, new Float64Array(n).fill(0.005), k, {});
  }

  private parts(a: Float64Array, b: Float64Array): KernelParts {
    const { width } = this,
      rows = a.length / width,
      others = b.length / width,
      linear = new Float64Array(rows * others),
      smooth = new Float64Array(rows * others);
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < others; j++) {
        let inner = 0,
          squares = 0;
        for (let d = 0; d < width; d++) {
          inner += a[i * width + d] * b[j * width + d];
          squares += (a[i * width + d] - b[j * width + d]) ** 2;
        }
        linear[i * others + j] = inner / width;
        smooth[i * others + j] = Math.exp((-0.5 * squares) / width / LENGTH ** 2);
      }
    return { linear, smooth, words: new Float64Array(rows * others) };
  }

  private selfParts(a: Float64Array): KernelParts {
    const { width } = this,
      rows = a.length / width,
      linear = new Float64Array(rows);
    for (let i = 0; i < rows; i++) for (let d = 0; d < width; d++) linear[i] += a[i * width + d] ** 2 / width;
    return { linear, smooth: new Float64Array(rows).fill(1), words: new Float64Array(rows) };
  }
}

/** Numbers of some rows of a task. */
const pick = ({ numbers, width }: OperatorTask, rows: readonly number[]): number[][] =>
  rows.map((i) => Array.from(numbers.subarray(i * width, (i + 1) * width)));
