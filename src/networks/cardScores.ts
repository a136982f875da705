import { mean, median, spearman } from '../core/statistics.js';
import type { IntervalEstimate } from '../surrogate/predictor.js';
import type { ModelMetrics } from './model.js';

type Scores = Pick<ModelMetrics['rows'][number], 'spearman' | 'medianApe' | 'within10' | 'coverage90'>;

/** Scores of a model card: predictions of one task beside what was measured. */
export function cardScores(predicted: readonly IntervalEstimate[], truth: readonly number[]): Scores {
  const errors = predicted.map((p, i) => Math.abs(p.value / truth[i] - 1));
  const rank = spearman(
    predicted.map((p) => p.value),
    truth,
  );
  return {
    spearman: Number.isFinite(rank) ? rank : null,
    medianApe: median(errors),
    within10: mean(errors.map((e) => (e <= 0.1 ? 1 : 0))),
    coverage90: mean(predicted.map((p, i) => (p.low <= truth[i] && truth[i] <= p.high ? 1 : 0))),
  };
}
