import { cartesian } from '../../core/cartesian.js';
import { forwardSolve, precisionsOf, solveWithEvidence } from '../../core/cholesky.js';
import { quantile } from '../../core/statistics.js';
import { type ColumnPrior, columnPrior, innerProducts } from './columnPrior.js';

/** How alike workloads are by what they are, three ways: [rows, support rows] row-major each, and on the diagonal [rows]. */
export interface KernelParts {
  linear: Float64Array;
  smooth: Float64Array;
  words: Float64Array;
}

/** Workloads as the tasks of a table see them. */
export interface SeenWorkloads {
  /** values of the tasks, their level taken out, [rows, columns] */
  at: Float64Array;
  /** variance of each workload that the tasks do not explain: where it was predicted from what it is, [rows] */
  noise: Float64Array;
}

/** Scales of the parts of the covariance. */
export interface Scales {
  /** of what devices have in common */
  tasks: number;
  /** of what is a workload's own on each device */
  own: number;
  linear: number;
  smooth: number;
  words: number;
}

const GRID: readonly Scales[] = cartesian({
  tasks: [0.5, 2],
  own: [0.03, 0.1, 0.3],
  linear: [0.02, 0.3],
  smooth: [0.05, 0.5],
  words: [0.02, 0.3],
});
/** Scales of the choice of what to measure, when there is no evidence yet. */
export const SCALES_OF_CHOICE: Scales = { tasks: 1, own: 0.1, linear: 0.1, smooth: 0.1, words: 0.1 };

/** Variance of the level of a task, in squared logs: nothing is known of it. */
export const LEVEL_VARIANCE = 25;
/** Hypotheses whose probability is below this share of the best are dropped. */
const LEAST = 1e-3;
/** Weight of the tasks of one kind of runtime against the others, in the hypothesis that the new one is of that kind. */
const KIND_WEIGHT = 10;

interface Hypothesis {
  weights: Float64Array;
  scales: Scales;
  probability: number;
  /** mean variance of the workloads of the table under the weights: the unit of the scales */
  unit: number;
  prior: ColumnPrior;
  factor: Float64Array;
  /** K^-1 (y - mean), [rows] */
  solution: Float64Array;
}

/** A new task after its support: a mixture of Gaussians by the evidence of each hypothesis. */
export interface TaskPosterior {
  columns: number;
  support: SeenWorkloads;
  hypotheses: readonly Hypothesis[];
  /** log of the evidence of the support, up to a constant of its size */
  evidence: number;
  /** what each measurement differs from what the others say of it, in logs and in standard deviations, [rows] */
  leftOut: { residual: Float64Array; standardised: Float64Array };
}

/**
 * Weights of the training tasks by what the new one may be like: all, those of one kind of runtime, those that agree with the support up to a factor (by
 * their mean square difference, and more sharply by its square).
 * @param kinds kind of runtime of each task
 * @param values logs of the support, [rows]
 */
export function weightHypotheses(kinds: readonly string[], at: Float64Array, values: Float64Array): Float64Array[] {
  const columns = kinds.length,
    different = [...new Set(kinds)];
  const all = new Float64Array(columns).fill(1);
  const ofKind =
    different.length > 1 ? different.map((kind) => Float64Array.from(kinds, (k) => (k === kind ? KIND_WEIGHT : 1))) : [];
  if (values.length < 3) return [all, ...ofKind];
  const distance = Float64Array.from(kinds, (_, c) => {
    let sum = 0,
      squares = 0;
    for (let m = 0; m < values.length; m++) {
      const d = at[m * columns + c] - values[m];
      sum += d;
      squares += d * d;
    }
    return Math.max(0, squares / values.length - (sum / values.length) ** 2);
  });
  const floor = quantile(distance, 0.1) + 1e-3,
    least = distance.reduce((a, b) => Math.min(a, b)) + 1e-3;
  return [all, ...ofKind, distance.map((d) => 1 / (d + floor)), distance.map((d) => 1 / (d + least) ** 2)];
}

/** Variance that is a workload's own, of a row. */
export const ownVariance = (
  prior: ColumnPrior,
  seen: SeenWorkloads,
  unit: number,
  scales: Pick<Scales, 'own'>,
  row: number,
): number => scales.own * 0.5 * (prior.variance[row] + unit) + seen.noise[row];

/** How alike the two workloads of a cell are, the three ways together. */
export const kernelOf = (
  parts: KernelParts,
  cell: number,
  { linear, smooth, words }: Pick<Scales, 'linear' | 'smooth' | 'words'>,
): number => linear * parts.linear[cell] + smooth * parts.smooth[cell] + words * parts.words[cell];

/**
 * Posterior of a new task.
 * @param table the tasks at all workloads of their table, level taken out, [workloads, columns]: the unit of the scales
 * @param values logs of the measurements, [rows]
 * @param parts of the support with itself
 */
export function taskPosterior(
  table: Float64Array,
  kinds: readonly string[],
  support: SeenWorkloads,
  values: Float64Array,
  parts: KernelParts,
): TaskPosterior {
  const columns = kinds.length,
    rows = values.length;
  const hypotheses = weightHypotheses(kinds, support.at, values).flatMap((weights) => {
    const unit = meanVariance(table, columns, weights),
      prior = columnPrior(support.at, columns, weights);
    const shared = innerProducts(prior, prior, columns);
    return GRID.map((scales): Hypothesis => {
      const factor = new Float64Array(rows * rows);
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j <= i; j++)
          factor[i * rows + j] =
            LEVEL_VARIANCE + scales.tasks * shared[i * rows + j] + unit * kernelOf(parts, i * rows + j, scales);
        factor[i * rows + i] += ownVariance(prior, support, unit, scales, i) + 1e-6;
      }
      const solution = values.map((v, i) => v - prior.mean[i]);
      return { weights, scales, probability: solveWithEvidence(factor, rows, solution), unit, prior, factor, solution };
    });
  });
  const best = Math.max(...hypotheses.map((h) => h.probability));
  const likely = hypotheses
    .map((h) => ({ ...h, probability: Math.exp(h.probability - best) }))
    .filter((h) => h.probability > LEAST);
  const total = likely.reduce((a, h) => a + h.probability, 0);
  const weighed = likely.map((h) => ({ ...h, probability: h.probability / total }));
  return {
    columns,
    support,
    hypotheses: weighed,
    leftOut: leaveOneOut(weighed, rows),
    evidence: best + Math.log(total / hypotheses.length),
  };
}

/** Leave-one-out residuals of a Gaussian in closed form (Rasmussen and Williams, 2006, eq. 5.12), averaged over hypotheses. */
function leaveOneOut(hypotheses: readonly Hypothesis[], rows: number): TaskPosterior['leftOut'] {
  const residual = new Float64Array(rows),
    standardised = new Float64Array(rows);
  for (const { factor, solution, probability } of hypotheses) {
    precisionsOf(factor, rows).forEach((precision, i) => {
      residual[i] += (probability * solution[i]) / precision;
      standardised[i] += (probability * solution[i]) / Math.sqrt(precision);
    });
  }
  return { residual, standardised };
}

/** Mean over the workloads of a table of their variance across weighted tasks. */
export function meanVariance(table: Float64Array, columns: number, weights: ArrayLike<number>): number {
  const { variance } = columnPrior(table, columns, weights);
  return Math.max(1e-6, variance.reduce((a, v) => a + v, 0) / variance.length);
}

/**
 * What the support adds to the mean of a workload under a hypothesis.
 * @param shared with the support by what the tasks have in common, and `parts` by what workloads are, [rows, support]
 * @param k becomes what they have in common, the factor of the support taken out, [support]
 */
export function carry(h: Hypothesis, shared: Float64Array, parts: KernelParts, row: number, k: Float64Array): number {
  let added = 0;
  for (let j = 0; j < k.length; j++) {
    const cell = row * k.length + j;
    k[j] = LEVEL_VARIANCE + h.scales.tasks * shared[cell] + h.unit * kernelOf(parts, cell, h.scales);
    added += k[j] * h.solution[j];
  }
  forwardSolve(h.factor, k.length, k);
  return added;
}

/**
 * Mean and standard deviation of the log value of each workload, its own variance included; [rows] each.
 * @param parts of the asked with the support
 * @param self parts of each asked workload with itself, [rows]
 */
export function predictTask(
  { columns, support, hypotheses }: TaskPosterior,
  asked: SeenWorkloads,
  parts: KernelParts,
  self: KernelParts,
): { mean: Float64Array; deviation: Float64Array } {
  const rows = asked.noise.length,
    measured = support.noise.length;
  const mean = new Float64Array(rows),
    square = new Float64Array(rows);
  const seen = new Map<Float64Array, { prior: ColumnPrior; shared: Float64Array }>();
  const k = new Float64Array(measured);
  for (const h of hypotheses) {
    let under = seen.get(h.weights);
    if (!under) {
      const prior = columnPrior(asked.at, columns, h.weights);
      under = { prior, shared: innerProducts(prior, h.prior, columns) };
      seen.set(h.weights, under);
    }
    const { prior, shared } = under;
    for (let i = 0; i < rows; i++) {
      const m = prior.mean[i] + carry(h, shared, parts, i, k);
      let v =
        LEVEL_VARIANCE +
        h.scales.tasks * prior.variance[i] +
        h.unit * kernelOf(self, i, h.scales) +
        ownVariance(prior, asked, h.unit, h.scales, i);
      for (let j = 0; j < measured; j++) v -= k[j] * k[j];
      mean[i] += h.probability * m;
      square[i] += h.probability * (Math.max(v, 1e-8) + m * m);
    }
  }
  return { mean, deviation: square.map((s, i) => Math.sqrt(Math.max(s - mean[i] ** 2, 1e-8))) };
}
