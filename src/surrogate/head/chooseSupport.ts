import type { TaskPrior } from './taskPrior.js';

/**
 * Which networks to measure, before anything is measured (docs/method.md 6): greedily the one whose value is most uncertain under the prior given those already
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
  const rows = X.length / prior.width,
    { variance, device, noise = 1e-2, offset = 1e-2, fixed = [] } = options;
  const { F, inner } = priorFactor(prior, group, X, { variance, device }),
    left = new Float64Array(rows).fill(offset);
  for (let i = 0; i < rows; i++) for (let a = 0; a < inner; a++) left[i] += F[i * inner + a] ** 2;
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

/** Covariance of the candidates under the prior, but for the offset: F F^T with F = [sqrt(device) deviations x, sqrt(variance) x], [rows, inner]. */
function priorFactor(
  { width, tasks, deviations }: TaskPrior,
  group: Uint8Array,
  X: Float64Array,
  { variance, device }: { variance: ArrayLike<number>; device: number },
): { F: Float64Array; inner: number } {
  const rows = X.length / width,
    inner = tasks + width,
    F = new Float64Array(rows * inner);
  for (let i = 0; i < rows; i++) {
    for (let t = 0; t < tasks; t++) {
      let s = 0;
      for (let j = 0; j < width; j++) s += X[i * width + j] * deviations[t * width + j];
      F[i * inner + t] = Math.sqrt(device) * s;
    }
    for (let j = 0; j < width; j++) F[i * inner + tasks + j] = Math.sqrt(variance[group[j]]) * X[i * width + j];
  }
  return { F, inner };
}

/**
 * Which candidates to measure so that the others are known best: greedily the one that takes most of the variance of all candidates, given those already chosen. Unlike
 * `chooseSupport` it leaves alone what is uncertain by itself only. Options as there; `noiseScale` is the noise variance of each candidate relative to `noise`, [rows].
 */
export function chooseForAll(
  prior: TaskPrior,
  group: Uint8Array,
  X: Float64Array,
  k: number,
  options: {
    variance: ArrayLike<number>;
    device: number;
    noise: number;
    noiseScale: ArrayLike<number>;
    offset?: number;
    fixed?: readonly number[];
  },
): number[] {
  const rows = X.length / prior.width,
    { noise, noiseScale, offset = 1e-2, fixed = [] } = options;
  const { F, inner } = priorFactor(prior, group, X, options),
    C = new Float64Array(rows * rows).fill(offset);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j <= i; j++) {
      for (let a = 0; a < inner; a++) C[i * rows + j] += F[i * inner + a] * F[j * inner + a];
      C[j * rows + i] = C[i * rows + j];
    }
  return mostInformative(
    C,
    Float64Array.from({ length: rows }, (_, i) => noise * noiseScale[i]),
    k,
    { fixed },
  );
}

/**
 * Greedily the candidate whose measurement takes most of the variance of all, given those already chosen.
 * @param C covariance of the candidates, [rows, rows]; overwritten
 * @param noise variance of a measurement of each, [rows]
 * @param worth factor on what each takes, [rows]; 1 unless told
 * @returns positions of `k` candidates (all where there are fewer), in the order to measure them
 */
export function mostInformative(
  C: Float64Array,
  noise: ArrayLike<number>,
  k: number,
  { fixed = [], worth }: { fixed?: readonly number[]; worth?: ArrayLike<number> } = {},
): number[] {
  const rows = noise.length,
    chosen: number[] = [],
    taken = new Uint8Array(rows);
  for (let step = 0; step < Math.min(k + fixed.length, rows); step++) {
    let best = step < fixed.length ? fixed[step] : -1,
      most = -1;
    for (let i = 0; i < rows && step >= fixed.length; i++) {
      if (taken[i]) continue;
      let gain = 0;
      for (let j = 0; j < rows; j++) gain += C[i * rows + j] ** 2;
      // what is left of a variance may round to less than nothing
      gain /= Math.max(C[i * rows + i], 0) + noise[i];
      if (worth) gain *= worth[i];
      if (gain > most) {
        most = gain;
        best = i;
      }
    }
    taken[best] = 1;
    if (step >= fixed.length) chosen.push(best);
    const own = C.slice(best * rows, (best + 1) * rows),
      variance = Math.max(own[best], 0) + noise[best];
    for (let i = 0; i < rows; i++) for (let j = 0; j < rows; j++) C[i * rows + j] -= (own[i] * own[j]) / variance;
  }
  return chosen;
}
