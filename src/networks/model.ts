import type { Task } from '../dataset/dataset.js';
import type { Target } from '../graph/targets.js';
import type { Workload } from '../graph/workload.js';
import type { RunSetting } from '../surrogate/operatorSum/machine.js';
import type { Learner, Predictor } from '../surrogate/predictor.js';
import type { UnmeasuredSetting } from './unmeasuredSetting.js';

/** What the model was trained on and how; becomes `config.json`. */
export interface ModelInfo {
  method: string;
  /** space name, or `graphs` */
  domain: string;
  seed: number;
  datasets: { name: string; licence: string; sha256: string }[];
  excludedDevices: string[];
  /** what licences of the datasets ask to be named */
  attribution?: string[];
  /** tasks trained on */
  tasks: (Task & { networks: number })[];
}

/** Scores of the model on training devices left out in turn, as `metrics.json` holds them. */
export interface ModelMetrics {
  protocol: string;
  rows: {
    device: string;
    /** where the device has several */
    condition?: string;
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
  /** says what to measure on a new device, and learns it from that */
  readonly learner: Learner;
  /** workloads that were trained on, where the model keeps them by name */
  readonly known?: readonly Workload[];
  /** networks that must be in every support set (HELP's reference networks); empty for most methods */
  readonly references: readonly Workload[];
  /** the predictor of a task that was trained on. @throws HwcastError `not-found` */
  trained(task: Task): Predictor;
  /** latency on known hardware in a setting that was not measured, of models that know sums over operators */
  inSetting?(setting: RunSetting): UnmeasuredSetting | undefined;
}
