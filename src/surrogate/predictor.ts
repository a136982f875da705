import type { Target } from '../dataset/dataset.js';
import type { Workload } from '../graph/workload.js';

/** Where a predicted number came from, best first. */
export type Provenance = 'measured' | 'adapted' | 'surrogate' | 'analytical';

/** One predicted value with its 90 % interval; SI units. */
export interface Prediction {
  value: number;
  unit: string;
  low: number;
  high: number;
  provenance: Provenance;
  warnings: string[];
}

/** One measurement of a new device, as adaptation needs it. */
export interface SupportRow {
  workload: Workload;
  /** SI, positive */
  value: number;
  repeats?: number;
  spread?: number;
}

export interface SupportTask {
  device: string;
  target: Target;
}

/** Anything that predicts; pure and synchronous on batches. Every implementation passes `checkPredictor` (test/surrogate/checkPredictor.ts). */
export interface Predictor {
  readonly name: string;
  predict(workloads: readonly Workload[]): Prediction[];
}

/** A predictor that learns a new task from a few measurements: `adapt` returns a new predictor and leaves this one alone. */
export interface FewShotPredictor {
  readonly name: string;
  adapt(support: readonly SupportRow[], task: SupportTask): Predictor;
}
