import { mean, median, quantile } from '../src/core/statistics.js';
import { student95 } from '../src/fpga/residual/predictiveWidth.js';
import type { Band } from '../src/llm/servingConstants.js';

const rounded = (values: readonly number[]): Band => [Number(values[0].toPrecision(3)), Number(values[1].toPrecision(3))];

/** 5 % and 95 % quantiles. */
export const band = (ratios: readonly number[]): Band => rounded([0.05, 0.95].map((q) => quantile(ratios, q)));

/** Quantile at 95 % of Student's t; of one and two degrees of freedom in closed form. */
const t95 = (n: number): number =>
  n === 1 ? Math.tan(0.45 * Math.PI) : n === 2 ? 0.9 * Math.sqrt(2 / (4 * 0.95 * 0.05)) : student95(n);

/**
 * Interval of a run on a further accelerator from runs on some: how far runs on one are from its median, and how far the medians of accelerators are from
 * one another, as Student's t, since there are few. Of one accelerator: the quantiles of its runs.
 * @param groups measured over predicted, by accelerator
 */
export function newAcceleratorBand(groups: readonly (readonly number[])[]): Band {
  if (groups.length < 2) return band(groups.flat());
  const count = groups.length,
    medians = groups.map((ratios) => Math.log(median([...ratios]))),
    middle = mean(medians),
    variance = medians.reduce((sum, m) => sum + (m - middle) ** 2, 0) / (count - 1);
  const between = t95(count - 1) * Math.sqrt(variance * (1 + 1 / count));
  const within = (q: number) => median(groups.map((ratios, i) => Math.log(quantile(ratios, q)) - medians[i]));
  return rounded([Math.exp(middle - Math.hypot(within(0.05), between)), Math.exp(middle + Math.hypot(within(0.95), between))]);
}
