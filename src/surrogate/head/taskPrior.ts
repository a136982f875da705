import { ridge } from '../../core/cholesky.js';

/** Values of one task on rows of a scaled feature matrix. */
export interface TaskValues {
  /** rows of the feature matrix */
  rows: Int32Array;
  /** SI, positive */
  values: Float64Array;
}

/**
 * Gaussian prior of the weights of a task: mean and covariance over the training tasks, the covariance as deviations / sqrt(tasks) (low rank).
 * `mean` [width]; `deviations` [tasks, width] row-major.
 */
export interface TaskPrior {
  width: number;
  tasks: number;
  mean: Float64Array;
  deviations: Float64Array;
}

/** Weights of one task: ridge of value / mean - 1 on centred features (docs/method.md 2). `X` is [rows, width] row-major. */
export function taskWeights(X: Float64Array, width: number, task: TaskValues, lambda = 10): Float64Array {
  const n = task.rows.length,
    Z = new Float64Array(n * width),
    mean = new Float64Array(width);
  let level = 0;
  for (let i = 0; i < n; i++) {
    level += task.values[i] / n;
    for (let j = 0; j < width; j++) mean[j] += X[task.rows[i] * width + j] / n;
  }
  const target = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    target[i] = task.values[i] / level - 1;
    for (let j = 0; j < width; j++) Z[i * width + j] = X[task.rows[i] * width + j] - mean[j];
  }
  return ridge(Z, target, n, width, lambda);
}

/** Prior from the weights of the training tasks (empirical Bayes). */
export function taskPrior(weights: readonly Float64Array[], width: number): TaskPrior {
  const tasks = weights.length,
    mean = new Float64Array(width),
    deviations = new Float64Array(tasks * width);
  for (const w of weights) for (let j = 0; j < width; j++) mean[j] += w[j] / tasks;
  weights.forEach((w, t) => {
    for (let j = 0; j < width; j++) deviations[t * width + j] = (w[j] - mean[j]) / Math.sqrt(tasks);
  });
  return { width, tasks, mean, deviations };
}
