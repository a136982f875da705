import { HwcastError } from '../core/errors.js';
import type { Task } from '../dataset/dataset.js';
import type { Workload } from '../graph/workload.js';
import { type IntervalEstimate, intervalsOf, type Predictor, type SupportRow } from '../surrogate/predictor.js';
import { flopsBaseline } from './baselines/flops.js';
import { type Scores, scores } from './scores.js';

/** Predictions of networks whose value is known, and how good they are. */
export interface Checked {
  support: readonly SupportRow[];
  workloads: readonly Workload[];
  /** measured, SI */
  truth: Float64Array;
  predictions: readonly IntervalEstimate[];
  scores: Scores;
  /** value proportional to FLOPs, the factor from the same support: what there is without a model */
  flops: Scores;
}

/**
 * Compares an adapted predictor with measurements it has not seen.
 * @param support what it was adapted to; `others` may not repeat these networks
 * @throws HwcastError `bad-input` for fewer than three others, or one that is in the support
 */
export function checkAdapted(
  predictor: Predictor,
  support: readonly SupportRow[],
  others: readonly SupportRow[],
  task: Task,
): Checked {
  const known = new Set(support.map((s) => s.workload.id)),
    seen = others.find((o) => known.has(o.workload.id));
  if (seen) throw new HwcastError('bad-input', `'${seen.workload.id}' is in the support set and cannot check it`);
  if (others.length < 3) throw new HwcastError('bad-input', `${others.length} networks are too few to check a predictor`);
  const workloads = others.map((o) => o.workload),
    truth = Float64Array.from(others, (o) => o.value),
    predictions = intervalsOf(predictor.predict(workloads), task.target);
  return {
    support,
    workloads,
    truth,
    predictions,
    scores: scores(predictions, truth),
    flops: scores(intervalsOf(flopsBaseline().adapt(support, task).predict(workloads), task.target), truth),
  };
}

/** Positions of `count` networks spread evenly over the measured range, fastest first: a small honest table. */
export function spreadOver(truth: ArrayLike<number>, count: number): number[] {
  const order = Array.from({ length: truth.length }, (_, i) => i).sort((a, b) => truth[a] - truth[b] || a - b);
  if (order.length <= count) return order;
  return Array.from({ length: count }, (_, i) => order[Math.round((i * (order.length - 1)) / (count - 1))]);
}
