import type { Task } from '../dataset/dataset.js';
import { Z90 } from '../surrogate/head/tuneSettings.js';
import { estimateOf, type Prediction, type Predictor, type SupportRow } from '../surrogate/predictor.js';

/** How a device changed since an adapter was made: another version of the runtime, a driver, another machine of its kind. */
export interface Drift {
  /** new value / old value, of all workloads together */
  ratio: number;
  /** standard deviation of the log of that ratio */
  level: number;
  /** standard deviation of what a workload changes by beside it, in logs */
  own: number;
  /** new measurements behind it */
  measured: number;
}

/**
 * What a version of a runtime changes, in logs, before anything is measured: standard deviation of the common factor and of each model beside it. Of PyTorch
 * releases on the devices of datasets/timm, whose medians are -0.011 to -0.052 and 0.011 to 0.064 (`npx tsx bench/drift.ts`).
 */
const LEVEL = 0.05,
  OWN = 0.05;
/** How many new measurements the expected change of a single workload counts for. */
const OWN_WEIGHT = 4;

/** The adapter before: what it was adapted from and what it predicts. */
export interface Before {
  predictor: Predictor;
  support: readonly SupportRow[];
  task: Task;
}

/** Logs of new over old values of the workloads measured again or anew, each with the variance of the old value. */
function changes({ predictor, support, task }: Before, fresh: readonly SupportRow[]): { log: number; variance: number }[] {
  const measured = new Map(support.map((row) => [row.workload.id, row.value]));
  const predictions = predictor.predict(fresh.map((row) => row.workload));
  return fresh.map(({ workload, value }, i) => {
    const before = measured.get(workload.id);
    if (before !== undefined) return { log: Math.log(value / before), variance: 0 };
    const { value: predicted, low, high } = estimateOf(predictions[i], task.target);
    const deviation = low !== null && high !== null && low > 0 ? Math.log(high / low) / (2 * Z90) : Number.POSITIVE_INFINITY;
    return { log: Math.log(value / predicted), variance: deviation ** 2 };
  });
}

/** Mean and variance of a normal variable of mean 0 and deviation `LEVEL` after observations of some variances. */
function levelAfter(seen: readonly { log: number; variance: number }[], own: number): { mean: number; variance: number } {
  let precision = 1 / LEVEL ** 2,
    sum = 0;
  for (const { log, variance } of seen) {
    const weight = 1 / (own ** 2 + variance);
    precision += weight;
    sum += weight * log;
  }
  return { mean: sum / precision, variance: 1 / precision };
}

/** What a few new measurements say of the change since an adapter was made; the expected one where there is none. */
export function driftSince(before: Before, fresh: readonly SupportRow[]): Drift {
  const seen = fresh.length ? changes(before, fresh) : [];
  const first = levelAfter(seen, OWN);
  // only what was measured before and again shows its own change: elsewhere the error of the old prediction is larger; the level takes one degree of freedom
  const again = seen.filter(({ variance }) => variance === 0);
  const squares = again.reduce((sum, { log }) => sum + (log - first.mean) ** 2, 0);
  const own = Math.sqrt((OWN_WEIGHT * OWN ** 2 + squares) / (OWN_WEIGHT + Math.max(0, again.length - 1)));
  const { mean, variance } = levelAfter(seen, own);
  return { ratio: Math.exp(mean), level: Math.sqrt(variance), own, measured: seen.length };
}

/** The measurements of before as they would be now, each as unsure as a workload changes, behind the new ones. */
export function carriedSupport(before: readonly SupportRow[], fresh: readonly SupportRow[], { ratio, own }: Drift): SupportRow[] {
  const again = new Set(fresh.map((row) => row.workload.id));
  const carried = before
    .filter((row) => !again.has(row.workload.id))
    .map((row) => ({ ...row, value: row.value * ratio, spread: Math.hypot(row.spread || 0, own), carried: true }));
  return [...fresh, ...carried];
}

/** Widens the intervals of a predictor that stands on carried measurements by what the common change and that of each workload leave open. */
export function withDrift(predictor: Predictor, { target }: Task, { level, own }: Drift): Predictor {
  const change = Z90 * Math.hypot(level, own);
  const widened = (prediction: Prediction): Prediction => {
    const estimate = estimateOf(prediction, target),
      { value, low, high } = estimate;
    if (low === null || high === null) return prediction;
    const factor = (side: number) => Math.exp(Math.hypot(Math.log(side), change));
    const wider = { ...estimate, low: value / factor(value / low), high: value * factor(high / value) };
    return { ...prediction, targets: { ...prediction.targets, [target]: wider } };
  };
  return { name: predictor.name, predict: (workloads) => predictor.predict(workloads).map(widened) };
}
