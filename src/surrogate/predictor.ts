import { HwcastError } from '../core/errors.js';
import type { Task } from '../dataset/dataset.js';
import type { Target } from '../graph/targets.js';
import type { Workload } from '../graph/workload.js';
import type { RunSetting } from './operatorSum/machine.js';

/** Where a predicted number came from, best first. */
export type Provenance = 'measured' | 'adapted' | 'surrogate' | 'analytical';

/** One predicted value, in SI units or counts. */
export interface Estimate {
  value: number;
  /** 90 % interval; null where nothing is known of the error */
  low: number | null;
  high: number | null;
  unit: string;
  provenance: Provenance;
}

/** What is predicted of one workload: an estimate of each target, and what the reader of it should know. */
export interface Prediction {
  targets: Partial<Record<Target, Estimate>>;
  warnings: string[];
  /** what was taken for granted where the workload does not say */
  assumptions: string[];
}

/** Anything that predicts; pure and synchronous on batches. Every implementation passes `checkPredictor` (test/surrogate/checkPredictor.ts). */
export interface Predictor<W = Workload> {
  readonly name: string;
  predict(workloads: readonly W[]): Prediction[];
  /** what the errors of predictions have in common, where that is known: their correlation in logs, [n, n] */
  correlation?(workloads: readonly W[]): Float64Array;
}

/** One measurement of a new device, as adaptation needs it. */
export interface SupportRow<W = Workload> {
  workload: W;
  /** SI, positive */
  value: number;
  repeats?: number;
  spread?: number;
  /** measured before the device changed, and scaled to what it would be now: not itself a measurement of the task */
  carried?: boolean;
}

/** A task to learn, and how it runs, as far as that is known. */
export interface AskedTask extends Task {
  setting?: RunSetting | undefined;
}

/** Learns a new task from a few measurements: `adapt` returns a new predictor and leaves this one alone. */
export interface FewShot<W = Workload> {
  readonly name: string;
  adapt(support: readonly SupportRow<W>[], task: AskedTask): Predictor<W>;
}

/** Also says what to measure: `k` of the candidates, most informative first, where `measured` are known already. */
export interface Learner<W = Workload> extends FewShot<W> {
  /** @param target what is to be known of the others, where that changes the choice */
  choose(candidates: readonly W[], k: number, measured?: readonly W[], target?: Target): W[];
}

/** The estimate of one target. @throws HwcastError `unsupported` where the predictor has none */
export function estimateOf(prediction: Prediction, target: Target): Estimate {
  const estimate = prediction.targets[target];
  if (!estimate)
    throw new HwcastError(
      'unsupported',
      `no ${target} is predicted, only ${Object.keys(prediction.targets).join(', ') || 'nothing'}`,
    );
  return estimate;
}

/** An estimate whose interval is known. */
export type IntervalEstimate = Estimate & { low: number; high: number };

/** The estimates of one target with their intervals. @throws HwcastError `unsupported` where one is missing or its error is not known */
export const intervalsOf = (predictions: readonly Prediction[], target: Target): IntervalEstimate[] =>
  predictions.map((prediction) => {
    const estimate = estimateOf(prediction, target),
      { low, high } = estimate;
    if (low === null || high === null) throw new HwcastError('unsupported', `nothing is known of the error of this ${target}`);
    return { ...estimate, low, high };
  });

/** A prediction of one target. */
export const singleTarget = (
  target: Target,
  estimate: Estimate,
  warnings: readonly string[] = [],
  assumptions: readonly string[] = [],
): Prediction => ({ targets: { [target]: estimate }, warnings: [...warnings], assumptions: [...assumptions] });
