import type { TaskPrior } from './taskPrior.js';

/**
 * Which networks to measure, before anything is measured: greedily the one whose value is most uncertain under the prior given those already
 * chosen (pivoted Cholesky of the prior covariance). `variance` gives each feature group's weight variance, `device` that of the training tasks.
 * @param X candidates, [rows, width] row-major
 * @param fixed candidates already measured: they count as chosen first
 * @returns positions of `k` candidates (all where there are fewer), in the order to measure them
 */
export function chooseSupport(
  prior: TaskPrior,
  group: Uint8Array,
  X: Float64Array,
  k: number,
  options: { variance: ArrayLike<number>; device: number; noise?: number; offset?: number; fixed?: readonly number[] },
): number[] {
  const { width, tasks, deviations } = prior,
    rows = X.length / width,
    { variance, device, noise = 1e-2, offset = 1e-2, fixed = [] } = options;
  // covariance = F F^T with F = [sqrt(device) deviations x, sqrt(variance) x, sqrt(offset)]
  const inner = tasks + width,
    F = new Float64Array(rows * inner),
    left = new Float64Array(rows).fill(offset);
  for (let i = 0; i < rows; i++) {
    for (let t = 0; t < tasks; t++) {
      let s = 0;
      for (let j = 0; j < width; j++) s += X[i * width + j] * deviations[t * width + j];
      F[i * inner + t] = Math.sqrt(device) * s;
    }
    for (let j = 0; j < width; j++) F[i * inner + tasks + j] = Math.sqrt(variance[group[j]]) * X[i * width + j];
    for (let a = 0; a < inner; a++) left[i] += F[i * inner + a] ** 2;
  }
  const chosen: number[] = [],
    factors: Float64Array[] = [],
    taken = new Uint8Array(rows);
  for (let step = 0; step < Math.min(k + fixed.length, rows); step++) {
    let best = step < fixed.length ? fixed[step] : -1;
    if (best < 0) for (let i = 0; i < rows; i++) if (!taken[i] && (best < 0 || left[i] > left[best])) best = i;
    taken[best] = 1;
    if (step >= fixed.length) chosen.push(best);
    const L = new Float64Array(rows),
      root = Math.sqrt(Math.max(left[best], 0) + noise);
    for (let i = 0; i < rows; i++) {
      let s = offset;
      for (let a = 0; a < inner; a++) s += F[i * inner + a] * F[best * inner + a];
      for (const f of factors) s -= f[i] * f[best];
      L[i] = s / root;
      left[i] -= L[i] * L[i];
    }
    factors.push(L);
  }
  return chosen;
}
