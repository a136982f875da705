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

/** Cells with fewer rows say nothing of how far others are. */
const LEAST_ROWS = 5;

/**
 * Interval of a further model on a further accelerator: how far runs of one model on one accelerator are from their median, and how far such medians are
 * from one another, of all frameworks together, since each was run with a few models only; around the middle of the own framework's.
 * @param frameworks measured over predicted, by model and accelerator, of each framework; `own` is one of them
 */
export function newModelBand(own: readonly (readonly number[])[], frameworks: readonly (readonly (readonly number[])[])[]): Band {
  const middles = (groups: readonly (readonly number[])[]) =>
    groups.filter((ratios) => ratios.length >= LEAST_ROWS).map((ratios) => Math.log(median([...ratios])));
  const each = frameworks.map(middles).filter((m) => m.length > 1),
    freedom = each.reduce((sum, m) => sum + m.length - 1, 0),
    mine = middles(own);
  if (!freedom || !mine.length) return newAcceleratorBand(own);
  const squares = each.reduce((sum, m) => sum + m.reduce((s, x) => s + (x - mean(m)) ** 2, 0), 0);
  const between = t95(freedom) * Math.sqrt((squares / freedom) * (1 + 1 / mine.length)),
    middle = mean(mine);
  const all = frameworks.flat().filter((ratios) => ratios.length >= LEAST_ROWS);
  const within = (q: number) => median(all.map((ratios) => Math.log(quantile(ratios, q)) - Math.log(median([...ratios]))));
  return rounded([Math.exp(middle - Math.hypot(within(0.05), between)), Math.exp(middle + Math.hypot(within(0.95), between))]);
}

/** From the lower of both to the higher. */
export const wider = (a: Band, b: Band): Band => [Math.min(a[0], b[0]), Math.max(a[1], b[1])];
