import { mean, symmetricError } from '../core/statistics.js';

type Values = ArrayLike<number>;
const over = (y: Values, f: (i: number) => number): number => mean(Float64Array.from({ length: y.length }, (_, i) => f(i)));

/** Symmetric mean absolute percentage error, 200 mean(|y - p| / (|y| + |p|)); 0 of 0 is no error. NaN for an empty list, as all here. */
export const smape = (y: Values, p: Values): number => over(y, (i) => symmetricError(y[i], p[i]));

/** `smape` of predictions rounded to whole units of `step` (0.5 for 36 Kb blocks): without it a prediction of 0.1 DSP for 0 counts as 200 %. */
export const smapeRounded = (y: Values, p: Values, step = 1): number =>
  over(y, (i) => symmetricError(y[i], Math.round(p[i] / step) * step));

/** rule4ml's form: 200 mean(|y - p| / (|y| + |p| + 1)). */
export const smapePlusOne = (y: Values, p: Values): number =>
  over(y, (i) => (200 * Math.abs(y[i] - p[i])) / (Math.abs(y[i]) + Math.abs(p[i]) + 1));

/** Coefficient of determination, 1 - sum (y - p)^2 / sum (y - mean y)^2; NaN where all values are the same. */
export function r2(y: Values, p: Values): number {
  const center = mean(y);
  const total = over(y, (i) => (y[i] - center) ** 2);
  return total > 0 ? 1 - over(y, (i) => (y[i] - p[i]) ** 2) / total : Number.NaN;
}

export const rmse = (y: Values, p: Values): number => Math.sqrt(over(y, (i) => (y[i] - p[i]) ** 2));

/** Share of predictions within 10 % of the value; for 0 only 0. */
export const within10 = (y: Values, p: Values): number => over(y, (i) => (Math.abs(y[i] - p[i]) <= 0.1 * Math.abs(y[i]) ? 1 : 0));

/** Share of predictions that are the value after rounding. */
export const exact = (y: Values, p: Values): number => over(y, (i) => (Math.round(p[i]) === y[i] ? 1 : 0));

/** Share of values inside the 90 % interval; null where an answer has none. */
export const coverage = (
  answers: readonly { low?: number | null; high?: number | null }[],
  truth: readonly number[],
): number | null => {
  const inside = answers.map(({ low, high }, i) =>
    typeof low === 'number' && typeof high === 'number' ? low <= truth[i] && truth[i] <= high : null,
  );
  return inside.includes(null) ? null : mean(inside.map((hit) => (hit ? 1 : 0)));
};

export interface CountScores {
  n: number;
  r2: number;
  smape: number;
  smapeRounded: number;
  smapePlusOne: number;
  rmse: number;
  within10: number;
  exact: number;
}

/** Scores of predicted counts `p` of designs whose counts are `y`; SMAPE in percent, shares as fractions. */
export const countScores = (y: Values, p: Values): CountScores => ({
  n: y.length,
  r2: r2(y, p),
  smape: smape(y, p),
  smapeRounded: smapeRounded(y, p),
  smapePlusOne: smapePlusOne(y, p),
  rmse: rmse(y, p),
  within10: within10(y, p),
  exact: exact(y, p),
});
