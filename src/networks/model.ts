import type { Target } from '../dataset/dataset.js';
import type { Workload } from '../graph/workload.js';
import type { FewShotPredictor, Predictor } from '../surrogate/predictor.js';

/** What the model was trained on and how; becomes `config.json`. */
export interface ModelInfo {
  method: string;
  /** space name, or `graphs` */
  domain: string;
  seed: number;
  datasets: { name: string; licence: string; sha256: string }[];
  excludedDevices: string[];
  /** tasks trained on */
  tasks: { device: string; condition: string; target: Target; networks: number }[];
}

/** Scores of the model on training devices left out in turn, as `metrics.json` holds them. */
export interface ModelMetrics {
  protocol: string;
  rows: {
    device: string;
    target: Target;
    measurements: number;
    /** null where one side is constant */
    spearman: number | null;
    medianApe: number;
    within10: number;
    coverage90: number;
  }[];
}

/** A trained model of any method. */
export interface Model {
  readonly info: ModelInfo;
  readonly metrics: ModelMetrics;
  readonly fewShot: FewShotPredictor;
  /** positions of the candidates to measure on a new device, most informative first */
  choose(candidates: readonly Workload[], k: number, measured?: readonly number[]): number[];
  /** networks that must be in every support set (HELP's reference networks); empty for most methods */
  readonly references: readonly Workload[];
  /** the predictor of a device that was trained on. @throws HwcastError `not-found` */
  trained(device: string, target: Target): Predictor;
}
