import { KERNEL_KINDS } from '../../analytical/kernelWork.js';
import { backwardSolve, cholesky, forwardSolve } from '../../core/cholesky.js';
import type { Random } from '../../core/random.js';
import {
  covarianceOfRows,
  kindsOf,
  LEVEL_VARIANCE,
  logSum,
  type MeasuredSum,
  noiseOf,
  OWN,
  type TaskWeights,
  timesCovariance,
} from './fitSums.js';
import { featureVariances, KERNEL_WIDTH, WEIGHTS } from './kernelFeatures.js';
import type { UtilisationPrior } from './utilisationPrior.js';

/** Variances of weights on machines that no task is like. */
const UNLIKE = featureVariances(0.1, 0.1, 0.1);

/**
 * Weights that a further task may have, drawn from the posterior of what all tasks share plus what is a task's own: draws of the prior, moved by what the
 * rows differ from theirs (Matheron's rule: Wilson et al., ICML 2020, eq. 9), around the most probable weights.
 * @returns [count, WEIGHTS], in single precision, as model folders keep them
 */
export function drawWeights(
  rows: readonly MeasuredSum[],
  fits: readonly TaskWeights[],
  prior: UtilisationPrior,
  count: number,
  random: Random,
): Float64Array {
  const n = rows.length,
    gradients = new Float64Array(n * WEIGHTS),
    residual = new Float64Array(n);
  rows.forEach(({ set, task, log }, i) => {
    const { weights, level } = fits[task];
    residual[i] = log - level - logSum(set, weights, gradients.subarray(i * WEIGHTS, (i + 1) * WEIGHTS));
  });
  const has = kindsOf(gradients, n),
    shared = timesCovariance(gradients, has, n, prior.covariance),
    K = covarianceOfRows(rows, has, gradients, shared),
    noise = residual.map((r) => noiseOf(r, prior.noise));
  for (let i = 0; i < n; i++) K[i * n + i] += noise[i];
  cholesky(K, n);
  const mean = meanOf(fits),
    roots = rootsOf(prior),
    draws = new Float64Array(count * WEIGHTS);
  for (let c = 0; c < count; c++) {
    const common = drawShared(roots, random),
      own = fits.map(() => drawIndependent(OWN, random)),
      level = fits.map(() => Math.sqrt(LEVEL_VARIANCE) * random.normal());
    const left = Float64Array.from(rows, ({ task }, i) => {
      let sum = level[task] + Math.sqrt(noise[i]) * random.normal();
      for (let d = 0; d < WEIGHTS; d++) sum += gradients[i * WEIGHTS + d] * (common[d] + own[task][d]);
      return -sum;
    });
    forwardSolve(K, n, left);
    backwardSolve(K, n, left);
    for (let i = 0; i < n; i++) for (let d = 0; d < WEIGHTS; d++) common[d] += shared[i * WEIGHTS + d] * left[i];
    const further = drawIndependent(OWN, random);
    for (let d = 0; d < WEIGHTS; d++) draws[c * WEIGHTS + d] = Math.fround(mean[d] + common[d] + further[d]);
  }
  return draws;
}

/** What the tasks have in common: the mean of their weights. */
function meanOf(fits: readonly TaskWeights[]): Float64Array {
  const mean = new Float64Array(WEIGHTS);
  for (const { weights } of fits) for (let d = 0; d < WEIGHTS; d++) mean[d] += weights[d] / fits.length;
  return mean;
}

/** Weights around what is expected of a machine that no task is like; [count, WEIGHTS] */
export function drawUnlike(count: number, random: Random): Float64Array {
  const draws = new Float64Array(count * WEIGHTS);
  for (let c = 0; c < count; c++) draws.set(drawIndependent(UNLIKE, random).map(Math.fround), c * WEIGHTS);
  return draws;
}

/** @param variances of the features of a kind, [KERNEL_WIDTH] */
const drawIndependent = (variances: Float64Array, random: Random): Float64Array =>
  Float64Array.from({ length: WEIGHTS }, (_, d) => Math.sqrt(variances[d % KERNEL_WIDTH]) * random.normal());

/** Lower Cholesky factors of the blocks of a covariance. */
function rootsOf({ covariance }: UtilisationPrior): Float64Array[] {
  const size = KERNEL_WIDTH * KERNEL_WIDTH;
  return KERNEL_KINDS.map((_, k) => {
    const block = covariance.slice(k * size, (k + 1) * size);
    cholesky(block, KERNEL_WIDTH);
    return block;
  });
}

function drawShared(roots: readonly Float64Array[], random: Random): Float64Array {
  const out = new Float64Array(WEIGHTS);
  roots.forEach((root, k) => {
    const z = Float64Array.from({ length: KERNEL_WIDTH }, () => random.normal());
    for (let a = 0; a < KERNEL_WIDTH; a++)
      for (let b = 0; b <= a; b++) out[k * KERNEL_WIDTH + a] += root[a * KERNEL_WIDTH + b] * z[b];
  });
  return out;
}
