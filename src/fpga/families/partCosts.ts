import { backwardSolve, cholesky, forwardSolve } from '../../core/cholesky.js';

/** Cost of each part of a design on one family, and a smooth correction where designs like it were measured. */
export interface PartCosts {
  /** cost a unit of each feature, non-negative, [width] */
  readonly costs: readonly number[];
  /** correction of log cost: Gaussian process over log features */
  readonly residual: { lengthScale: number; rows: number[][]; alpha: number[]; mean: number } | null;
}

/** Part costs whose correction is solved when it is first asked for. */
export function lazyPartCosts(costs: readonly number[], correct: () => PartCosts['residual']): PartCosts {
  let residual: PartCosts['residual'] | undefined;
  return {
    costs,
    get residual() {
      if (residual === undefined) residual = correct();
      return residual;
    },
  };
}

const SWEEPS = 400;
/** Weight of the prior costs, in squared relative error a row. */
const PRIOR_WEIGHT = 2e-3;
/** Variance of the smooth correction and of what no feature explains, both of log cost. */
const RESIDUAL_VARIANCE = 0.1;
const NOISE_VARIANCE = 3e-3;
const LEAST_COUNT = 4;

/**
 * Non-negative costs that minimise the squared relative error, by coordinate descent; a cost is drawn towards `prior` (0 where none is given), all the way where no
 * row has the feature. `X` [rows][width].
 */
export function fitCosts(X: readonly Float64Array[], y: readonly number[], prior?: readonly number[]): number[] {
  const width = X[0].length,
    G = new Float64Array(width * width),
    b = new Float64Array(width);
  X.forEach((x, i) => {
    const w = 1 / Math.max(1, y[i]);
    for (let a = 0; a < width; a++) {
      const xa = x[a] * w;
      if (xa === 0) continue;
      b[a] += xa;
      for (let c = 0; c < width; c++) G[a * width + c] += xa * x[c] * w;
    }
  });
  const costs = new Float64Array(width);
  for (let a = 0; a < width; a++) {
    const shrink = PRIOR_WEIGHT * (G[a * width + a] || 1);
    G[a * width + a] += shrink;
    b[a] += shrink * (prior?.[a] ?? 0);
    costs[a] = prior?.[a] ?? 0;
  }
  for (let s = 0; s < SWEEPS; s++) {
    let moved = 0;
    for (let a = 0; a < width; a++) {
      let rest = b[a];
      for (let c = 0; c < width; c++) rest -= G[a * width + c] * costs[c];
      const next = Math.max(0, costs[a] + rest / G[a * width + a]);
      moved = Math.max(moved, Math.abs(next - costs[a]) * Math.sqrt(G[a * width + a]));
      costs[a] = next;
    }
    if (moved < 1e-6) break;
  }
  return [...costs];
}

export const costOf = (costs: readonly number[], x: ArrayLike<number>): number => {
  let sum = 0;
  for (let j = 0; j < costs.length; j++) sum += costs[j] * x[j];
  return Math.max(LEAST_COUNT, sum);
};

/** Log features, scaled so that a distance of one is a clear difference of one design to another. */
const position = (x: ArrayLike<number>, scale: ArrayLike<number>): Float64Array =>
  Float64Array.from({ length: x.length }, (_, j) => Math.log1p(x[j]) * scale[j]);

/** Scale of each log feature over a set of designs: 1 / standard deviation, over the square root of how many vary. */
export function positionScale(X: readonly Float64Array[]): number[] {
  const width = X[0].length;
  const deviation = Array.from({ length: width }, (_, j) => {
    const mean = X.reduce((s, x) => s + Math.log1p(x[j]), 0) / X.length;
    return Math.sqrt(X.reduce((s, x) => s + (Math.log1p(x[j]) - mean) ** 2, 0) / X.length);
  });
  const varying = deviation.filter((d) => d > 0).length;
  return deviation.map((d) => (d > 0 ? 1 / Math.max(d, 0.3) / Math.sqrt(varying) : 0));
}

const squaredDistance = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let d = 0;
  for (let j = 0; j < a.length; j++) d += (a[j] - b[j]) ** 2;
  return d;
};
const kernel = (d: number, lengthScale: number): number => RESIDUAL_VARIANCE * Math.exp(-d / (2 * lengthScale * lengthScale));

/** Rows of features with what every fit of a smooth correction to some of them shares: positions and squared distances, [rows, rows]. */
export interface PlacedRows {
  X: readonly Float64Array[];
  positions: readonly Float64Array[];
  distances: Float64Array;
}
export function placedRows(X: readonly Float64Array[], scale: readonly number[]): PlacedRows {
  const n = X.length,
    positions = X.map((x) => position(x, scale)),
    distances = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) distances[i * n + j] = squaredDistance(positions[i], positions[j]);
  return { X, positions, distances };
}

/** Adds the smooth correction to costs, from the rows `at` (ascending) with counts `y` of all. `lengthScale` in standard deviations of the log features; 0: none. */
export function fitPartCosts(
  { X, positions, distances }: PlacedRows,
  at: readonly number[],
  y: readonly number[],
  costs: readonly number[],
  lengthScale: number,
): PartCosts {
  if (!lengthScale) return { costs: [...costs], residual: null };
  const n = at.length,
    rows = at.map((r) => positions[r]),
    log = at.map((r) => Math.log(Math.max(1, y[r]) / costOf(costs, X[r])));
  const mean = log.reduce((a, b) => a + b, 0) / n;
  const K = new Float64Array(n * n),
    alpha = Float64Array.from(log, (v) => v - mean);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) K[i * n + j] = kernel(distances[at[i] * X.length + at[j]], lengthScale);
    K[i * n + i] += NOISE_VARIANCE;
  }
  cholesky(K, n);
  forwardSolve(K, n, alpha);
  backwardSolve(K, n, alpha);
  return { costs: [...costs], residual: { lengthScale, rows: rows.map((r) => [...r]), alpha: [...alpha], mean } };
}

/** Count of a design that was not measured. */
export function predictPartCosts({ costs, residual }: PartCosts, x: ArrayLike<number>, scale: readonly number[]): number {
  const base = costOf(costs, x);
  if (!residual) return base;
  const at = position(x, scale);
  let log = residual.mean;
  residual.rows.forEach((row, i) => {
    log += residual.alpha[i] * kernel(squaredDistance(at, row), residual.lengthScale);
  });
  return base * Math.exp(log);
}
