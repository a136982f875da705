import { kendall, mean, median, spearman } from '../core/statistics.js';
import type { IntervalEstimate } from '../surrogate/predictor.js';

/** Scores of predictions against measured values; shares and errors as fractions. */
export interface Scores {
  spearman: number;
  kendall: number;
  mape: number;
  medianApe: number;
  within5: number;
  within10: number;
  /** share of measured values inside the 90 % interval */
  coverage90: number;
}

export function scores(
  predictions: readonly Pick<IntervalEstimate, 'value' | 'low' | 'high'>[],
  truth: ArrayLike<number>,
): Scores {
  const values = Float64Array.from(predictions, (p) => p.value),
    errors = values.map((v, i) => Math.abs(v - truth[i]) / truth[i]);
  const share = (test: (i: number) => boolean) => mean(errors.map((_, i) => (test(i) ? 1 : 0)));
  return {
    spearman: spearman(values, truth),
    kendall: kendall(values, truth),
    mape: mean(errors),
    medianApe: median(errors),
    within5: share((i) => errors[i] <= 0.05),
    within10: share((i) => errors[i] <= 0.1),
    coverage90: share((i) => predictions[i].low <= truth[i] && truth[i] <= predictions[i].high),
  };
}
