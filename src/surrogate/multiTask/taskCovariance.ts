import { columnPrior, innerProducts } from './columnPrior.js';
import {
  carry,
  type KernelParts,
  kernelOf,
  LEVEL_VARIANCE,
  ownVariance,
  type SeenWorkloads,
  type TaskPosterior,
} from './taskPosterior.js';

/**
 * Mean and covariance of the log values of workloads after a support, their own variances included; the diagonal is the square of what `predictTask` gives.
 * @param parts of the asked with the support, [rows, support]
 * @param among of the asked with each other, [rows, rows]
 * @returns [rows] and [rows, rows]
 */
export function taskCovariance(
  { columns, support, hypotheses }: TaskPosterior,
  asked: SeenWorkloads,
  parts: KernelParts,
  among: KernelParts,
): { mean: Float64Array; covariance: Float64Array } {
  const rows = asked.noise.length,
    measured = support.noise.length,
    mean = new Float64Array(rows),
    covariance = new Float64Array(rows * rows);
  for (const h of hypotheses) {
    const prior = columnPrior(asked.at, columns, h.weights),
      shared = innerProducts(prior, prior, columns),
      cross = innerProducts(prior, h.prior, columns),
      m = prior.mean.slice(),
      k = new Float64Array(rows * measured);
    for (let i = 0; i < rows; i++) m[i] += carry(h, cross, parts, i, k.subarray(i * measured, (i + 1) * measured));
    for (let i = 0; i < rows; i++) {
      mean[i] += h.probability * m[i];
      for (let j = 0; j <= i; j++) {
        const cell = i * rows + j;
        let v = LEVEL_VARIANCE + h.scales.tasks * shared[cell] + h.unit * kernelOf(among, cell, h.scales);
        if (i === j) v += ownVariance(prior, asked, h.unit, h.scales, i);
        for (let s = 0; s < measured; s++) v -= k[i * measured + s] * k[j * measured + s];
        covariance[cell] += h.probability * ((i === j ? Math.max(v, 1e-8) : v) + m[i] * m[j]);
      }
    }
  }
  for (let i = 0; i < rows; i++)
    for (let j = 0; j <= i; j++) {
      const c = covariance[i * rows + j] - mean[i] * mean[j];
      covariance[i * rows + j] = covariance[j * rows + i] = i === j ? Math.max(c, 1e-8) : c;
    }
  return { mean, covariance };
}
