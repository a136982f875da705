import { normalCdf } from '../core/statistics.js';

/** Outcomes of a measurement that are tried: medians of as many equal shares of a standard normal distribution. */
const OUTCOMES = 24;
const DRAWS = Float64Array.from({ length: OUTCOMES }, (_, i) => standardQuantile((i + 0.5) / OUTCOMES));

/**
 * How many verdicts fewer are expected to be wrong once a workload is measured, for each, [n]: the expected value of perfect information about it (Raiffa and
 * Schlaifer, Applied statistical decision theory, 1961) where every wrong verdict costs the same. The workload itself is known then; the others move by what
 * their errors have in common with its own.
 * @param meets probability that each meets the budget, [n]
 * @param correlation of the errors of predictions, [n, n]
 */
export function valueOfMeasuring(meets: ArrayLike<number>, correlation: Float64Array): Float64Array {
  const n = meets.length,
    worth = new Float64Array(n);
  for (let j = 0; j < n; j++) {
    const distance = standardQuantile(meets[j]),
      wrong = Math.min(meets[j], 1 - meets[j]);
    for (let i = 0; i < n; i++) worth[i] += i === j ? wrong : Math.max(0, wrong - wrongAfter(distance, correlation[i * n + j]));
  }
  return worth;
}

/** Expected probability of a wrong verdict on a workload `distance` deviations below its limit, after one of this correlation was measured. */
function wrongAfter(distance: number, correlation: number): number {
  const left = Math.sqrt(1 - correlation ** 2);
  if (!(left > 1e-6)) return 0;
  let sum = 0;
  for (const z of DRAWS) sum += normalCdf(-Math.abs(distance - correlation * z) / left);
  return sum / OUTCOMES;
}

/** Quantile of the standard normal distribution within 9 deviations, by bisection. */
function standardQuantile(p: number): number {
  let [low, high] = [-9, 9];
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    if (normalCdf(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
