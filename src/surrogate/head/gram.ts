import type { TaskPrior } from './taskPrior.js';

/** Support set as the head sees it: features [k, width] row-major and values in SI. */
export interface Support {
  X: Float64Array;
  values: Float64Array;
  /** variance of each value relative to the noise of a setting, 1 where unknown */
  noiseScale?: Float64Array;
}

/**
 * Inner products of the support that every setting shares: Gram matrices of each group of columns, of the task deviations and of the prior mean.
 */
export interface Gram {
  k: number;
  scale: number;
  residual: Float64Array;
  /** X mean, [k] */
  atMean: Float64Array;
  /** X deviations^T, [k, tasks] */
  atDeviations: Float64Array;
  device: Float64Array;
  groups: Float64Array[];
  noiseScale: Float64Array;
}

/** @param group position of each column's group, [width], in the list of groups that the settings give variances for */
export function gram(prior: TaskPrior, group: Uint8Array, support: Support): Gram {
  const { width, tasks, mean, deviations } = prior,
    k = support.values.length,
    { X } = support;
  let scale = 0;
  for (const v of support.values) scale += v / k;
  const residual = support.values.map((v) => v / scale - 1);
  const atMean = new Float64Array(k),
    atDeviations = new Float64Array(k * tasks),
    device = new Float64Array(k * k);
  const count = group.reduce((most, g) => Math.max(most, g + 1), 0);
  const groups = Array.from({ length: count }, () => new Float64Array(k * k));
  for (let i = 0; i < k; i++) {
    for (let j = 0; j < width; j++) atMean[i] += X[i * width + j] * mean[j];
    for (let t = 0; t < tasks; t++) {
      let s = 0;
      for (let j = 0; j < width; j++) s += X[i * width + j] * deviations[t * width + j];
      atDeviations[i * tasks + t] = s;
    }
    for (let i2 = 0; i2 <= i; i2++) {
      let s = 0.5 * atMean[i] * atMean[i2];
      for (let t = 0; t < tasks; t++) s += atDeviations[i * tasks + t] * atDeviations[i2 * tasks + t];
      device[i * k + i2] = device[i2 * k + i] = s;
      for (let j = 0; j < width; j++) groups[group[j]][i * k + i2] += X[i * width + j] * X[i2 * width + j];
      for (const g of groups) g[i2 * k + i] = g[i * k + i2];
    }
  }
  return {
    k,
    scale,
    residual,
    atMean,
    atDeviations,
    device,
    groups,
    noiseScale: support.noiseScale ?? new Float64Array(k).fill(1),
  };
}
