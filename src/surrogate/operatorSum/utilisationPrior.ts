import { KERNEL_KINDS, type KernelWork } from '../../analytical/kernelWork.js';
import { backwardSolve, cholesky, forwardSolve, inverseOf } from '../../core/cholesky.js';
import { featureVariances, KERNEL_WIDTH, kernelNumbers, WEIGHTS, writeFeatures } from './kernelFeatures.js';
import type { Machine } from './machine.js';

/** A measured operator. */
export interface MeasuredKernel {
  kernel: KernelWork;
  /** of one call, launch left out */
  seconds: number;
  /** that it was measured on */
  machine: Machine;
}

/** Gaussian over the weights of log (measured / roofline), a block a kind, and how far models are from the sums of their kernels. */
export interface UtilisationPrior {
  /** [WEIGHTS] */
  mean: Float64Array;
  /** [kinds, KERNEL_WIDTH, KERNEL_WIDTH] */
  covariance: Float64Array;
  /** variance of the log of a model around the sum of its kernels */
  noise: number;
}

/** Of kernels that run one after another without the host. */
const NOISE = 0.003;
/** Variances before anything is measured. */
const UNMEASURED = featureVariances(0.3, 0.3, 0.3);
/** Variance of the log of one operator around what its features say. */
const OPERATOR_NOISE = 0.02;
/** What operators inside of models may differ from lone ones. */
const INSIDE = featureVariances(0.1, 0.1, 0.03);

const square = KERNEL_WIDTH * KERNEL_WIDTH;

/** Nothing measured. */
export function vaguePrior(): UtilisationPrior {
  const covariance = new Float64Array(KERNEL_KINDS.length * square);
  for (let k = 0; k < KERNEL_KINDS.length; k++)
    for (let j = 0; j < KERNEL_WIDTH; j++) covariance[k * square + j * KERNEL_WIDTH + j] = UNMEASURED[j];
  return { mean: new Float64Array(WEIGHTS), covariance, noise: NOISE };
}

/** Posterior of the weights after measured operators, by Bayesian linear regression in each kind. */
export function measuredPrior(measured: readonly MeasuredKernel[]): UtilisationPrior {
  const prior = vaguePrior();
  KERNEL_KINDS.forEach((kind, k) => {
    const of = measured.filter((m) => m.kernel.kind === kind);
    if (of.length) fitKind(prior, k, of);
  });
  return prior;
}

function fitKind(prior: UtilisationPrior, k: number, of: readonly MeasuredKernel[]): void {
  const W = KERNEL_WIDTH,
    precision = new Float64Array(square),
    mean = new Float64Array(W),
    phi = new Float64Array(W);
  for (let j = 0; j < W; j++) precision[j * W + j] = 1 / UNMEASURED[j];
  for (const { kernel, seconds, machine } of of) {
    const { seconds: roofline, numbers } = kernelNumbers(kernel, machine, 1),
      log = Math.log(seconds / roofline);
    writeFeatures(k, numbers, phi, 0);
    for (let i = 0; i < W; i++) {
      mean[i] += (phi[i] * log) / OPERATOR_NOISE;
      for (let j = 0; j <= i; j++) precision[i * W + j] += (phi[i] * phi[j]) / OPERATOR_NOISE;
    }
  }
  cholesky(precision, W);
  forwardSolve(precision, W, mean);
  backwardSolve(precision, W, mean);
  prior.mean.set(mean, k * W);
  const covariance = inverseOf(precision, W);
  for (let j = 0; j < W; j++) covariance[j * W + j] += INSIDE[j];
  prior.covariance.set(covariance, k * square);
}
