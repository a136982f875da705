import { normalCdf } from '../core/statistics.js';
import { Z90 } from './head/tuneSettings.js';
import type { Estimate } from './predictor.js';

/**
 * Probability that the true value is at most `limit` (in the unit of the estimate), null where nothing is known of its error.
 *
 * The value is taken as the median, `low` and `high` as the 5 % and 95 % quantiles, and each side as half of a normal distribution of its own width:
 * P = Phi(1.645 (limit - value) / (high - value)) above the value, with (value - low) below it. That is done on the logarithms where the interval is nearer
 * to symmetric there (`log` link: the log-normal), on the values otherwise (`linear` link: the normal; cut at a floor: two widths). So it reproduces
 * value, low and high in every case, and grows with `limit`. A side of no width is a step.
 */
export function probabilityBelow({ value, low, high }: Pick<Estimate, 'value' | 'low' | 'high'>, limit: number): number | null {
  if (low === null || high === null) return null;
  if (!(limit > 0 && isNearerInLogs(value, low, high))) return splitNormal(limit, value, low, high);
  return splitNormal(Math.log(limit), Math.log(value), Math.log(low), Math.log(high));
}

/** Whether the two sides of an interval differ less in their logarithms than in their values. */
function isNearerInLogs(value: number, low: number, high: number): boolean {
  if (!(low > 0)) return false;
  const asymmetry = (below: number, above: number) => Math.abs(above - below) / (above + below);
  return asymmetry(Math.log(value / low), Math.log(high / value)) < asymmetry(value - low, high - value);
}

function splitNormal(limit: number, value: number, low: number, high: number): number {
  const isAbove = limit >= value,
    width = isAbove ? high - value : value - low;
  if (width === 0) return isAbove ? 1 : 0;
  return normalCdf((Z90 * (limit - value)) / width);
}
