import { KERNEL_KINDS } from '../../analytical/kernelWork.js';
import { backwardSolve, cholesky, forwardSolve } from '../../core/cholesky.js';
import { median } from '../../core/statistics.js';
import { CONSTANT, featureVariances, KERNEL_WIDTH, WEIGHTS } from './kernelFeatures.js';
import type { KernelSet } from './kernelSet.js';
import type { UtilisationPrior } from './utilisationPrior.js';

/** A measured model of a task. */
export interface MeasuredSum {
  /** position of the task */
  task: number;
  set: KernelSet;
  /** log of the measured value */
  log: number;
}

/** Weights of the utilisation of kernels in a task, and the level of the task: log of its unit and of what it adds to all. */
export interface TaskWeights {
  /** [WEIGHTS] */
  weights: Float64Array;
  level: number;
}

/** How the weights of a task differ from those of its siblings. */
export const OWN = featureVariances(0.02, 0.02, 0.005);
export const LEVEL_VARIANCE = 0.5;
/** Models differ from the sums of their kernels as Student's t of this many degrees of freedom, so that exceptions count less. */
const DEGREES = 4;
const MOST_STEPS = 10;
/** Steps that go part of the way, while shares of time still change. */
const CAREFUL = { steps: 3, part: 0.6 };
const KINDS = KERNEL_KINDS.length;
const SETTLED = 0.02;
/** Most that a kernel may differ from its roofline, in logs. */
const MOST_LOG = 5;

/** Times of kernels under weights, [n] seconds. */
export function kernelTimes({ seconds, kind, features }: KernelSet, weights: Float64Array): Float64Array {
  const times = new Float64Array(seconds.length);
  for (let i = 0; i < times.length; i++) {
    let log = 0;
    for (let j = 0, w = kind[i] * KERNEL_WIDTH, f = i * KERNEL_WIDTH; j < KERNEL_WIDTH; j++)
      log += weights[w + j] * features[f + j];
    times[i] = seconds[i] * Math.exp(Math.min(MOST_LOG, Math.max(-MOST_LOG, log)));
  }
  return times;
}

/** Log of the sum of kernels under weights; fills the gradient, [WEIGHTS], where given. */
export function logSum(set: KernelSet, weights: Float64Array, gradient?: Float64Array): number {
  const { kind, features } = set,
    times = kernelTimes(set, weights),
    n = times.length,
    sum = times.reduce((all, t) => all + t, 0);
  if (gradient) {
    gradient.fill(0);
    for (let i = 0; i < n; i++) {
      const share = times[i] / sum;
      for (let j = 0, w = kind[i] * KERNEL_WIDTH, f = i * KERNEL_WIDTH; j < KERNEL_WIDTH; j++)
        gradient[w + j] += share * features[f + j];
    }
  }
  return Math.log(sum);
}

/**
 * Most probable weights of related tasks: log value = level + log sum over kernels of roofline time times exp(weights . features), weights of a task = those
 * that all share (`prior`) + its own. Gauss-Newton on the sum, each step the closed form of a Gaussian (Rasmussen and Williams, 2006, 2.2) with the noise
 * of a Student's t reweighted (Lange, Little and Taylor, JASA 1989).
 * @returns a task each
 */
export function fitSums(rows: readonly MeasuredSum[], tasks: number, prior: UtilisationPrior): TaskWeights[] {
  const n = rows.length,
    of = Array.from({ length: tasks }, (_, t) => rows.map((_, i) => i).filter((i) => rows[i].task === t));
  const fits = of.map((): TaskWeights => ({ weights: prior.mean.slice(), level: 0 }));
  const gradients = new Float64Array(n * WEIGHTS),
    sums = new Float64Array(n);
  const evaluate = () => {
    rows.forEach(({ set, task }, i) => {
      sums[i] = logSum(set, fits[task].weights, gradients.subarray(i * WEIGHTS, (i + 1) * WEIGHTS));
    });
  };
  evaluate();
  const levels = of.map((at) => (at.length ? median(at.map((i) => rows[i].log - sums[i])) : 0));
  fits.forEach((f, t) => {
    f.level = levels[t];
  });
  for (let step = 0; step < MOST_STEPS; step++) {
    const moved = oneStep(rows, of, fits, levels, prior, { gradients, sums }, step < CAREFUL.steps ? CAREFUL.part : 1, step > 0);
    evaluate();
    if (moved < SETTLED) break;
  }
  return fits;
}

/** Variance of a row by what it is off: that of a Gaussian which counts it as Student's t does. @param noise see `UtilisationPrior` */
export const noiseOf = (residual: number, noise: number): number => (noise * (DEGREES + residual ** 2 / noise)) / (DEGREES + 1);

/** Moves weights and levels towards the solution of the linearised problem. @returns the largest change of a weight */
function oneStep(
  rows: readonly MeasuredSum[],
  of: readonly (readonly number[])[],
  fits: TaskWeights[],
  levels: readonly number[],
  prior: UtilisationPrior,
  { gradients, sums }: { gradients: Float64Array; sums: Float64Array },
  part: number,
  isRobust: boolean,
): number {
  const n = rows.length,
    has = kindsOf(gradients, n),
    shared = timesCovariance(gradients, has, n, prior.covariance),
    K = covarianceOfRows(rows, has, gradients, shared);
  const solution = new Float64Array(n);
  rows.forEach(({ task, log }, i) => {
    const { weights, level } = fits[task],
      residual = log - level - sums[i];
    K[i * n + i] += isRobust ? noiseOf(residual, prior.noise) : prior.noise * DEGREES;
    let moved = 0;
    for (let d = 0; d < WEIGHTS; d++) moved += gradients[i * WEIGHTS + d] * (weights[d] - prior.mean[d]);
    solution[i] = log - levels[task] - sums[i] + moved;
  });
  cholesky(K, n);
  forwardSolve(K, n, solution);
  backwardSolve(K, n, solution);
  const common = prior.mean.slice();
  for (let i = 0; i < n; i++) for (let d = 0; d < WEIGHTS; d++) common[d] += shared[i * WEIGHTS + d] * solution[i];
  let most = 0;
  of.forEach((at, t) => {
    const { weights } = fits[t],
      made = common.slice();
    let level = levels[t];
    for (const i of at) {
      level += LEVEL_VARIANCE * solution[i];
      for (let d = 0; d < WEIGHTS; d++) made[d] += OWN[d % KERNEL_WIDTH] * gradients[i * WEIGHTS + d] * solution[i];
    }
    for (let d = 0; d < WEIGHTS; d++) {
      most = Math.max(most, Math.abs(made[d] - weights[d]));
      weights[d] += part * (made[d] - weights[d]);
    }
    fits[t].level += part * (level - fits[t].level);
  });
  return most;
}

/** Whether each row has kernels of each kind, [n, kinds]: the constant of a kind that is not there has no gradient. */
export function kindsOf(gradients: Float64Array, n: number): Uint8Array {
  const has = new Uint8Array(n * KINDS);
  for (let i = 0; i < n; i++)
    for (let k = 0; k < KINDS; k++) has[i * KINDS + k] = gradients[i * WEIGHTS + k * KERNEL_WIDTH + CONSTANT] === 0 ? 0 : 1;
  return has;
}

/** [n, WEIGHTS] times the blocks of a covariance. */
export function timesCovariance(gradients: Float64Array, has: Uint8Array, n: number, covariance: Float64Array): Float64Array {
  const W = KERNEL_WIDTH,
    out = new Float64Array(n * WEIGHTS);
  for (let i = 0; i < n; i++)
    for (let k = 0; k < KINDS; k++) {
      if (!has[i * KINDS + k]) continue;
      const at = i * WEIGHTS + k * W,
        block = k * W * W;
      for (let a = 0; a < W; a++) {
        let sum = 0;
        for (let b = 0; b < W; b++) sum += covariance[block + a * W + b] * gradients[at + b];
        out[at + a] = sum;
      }
    }
  return out;
}

/** Prior covariance of the log values of rows, lower triangle of [n, n]. */
export function covarianceOfRows(
  rows: readonly MeasuredSum[],
  has: Uint8Array,
  gradients: Float64Array,
  shared: Float64Array,
): Float64Array {
  const n = rows.length,
    W = KERNEL_WIDTH,
    K = new Float64Array(n * n),
    own = new Float64Array(n * WEIGHTS);
  for (let i = 0; i < own.length; i++) own[i] = shared[i] + OWN[(i % WEIGHTS) % W] * gradients[i];
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      const isSame = rows[i].task === rows[j].task,
        left = isSame ? own : shared;
      let sum = isSame ? LEVEL_VARIANCE : 0;
      for (let k = 0; k < KINDS; k++) {
        if (!has[i * KINDS + k] || !has[j * KINDS + k]) continue;
        for (let d = 0, a = i * WEIGHTS + k * W, b = j * WEIGHTS + k * W; d < W; d++) sum += left[a + d] * gradients[b + d];
      }
      K[i * n + j] = sum;
    }
  return K;
}
