import type { Dataset } from '../dataset/dataset.js';
import type { Workload } from '../graph/workload.js';
import type { ModelParts } from '../surrogate/modelFiles.js';
import type { TrainingTask } from './closedForm.js';
import type { Model, ModelInfo, ModelMetrics } from './model.js';

/** What a method trains from: workloads of one domain and the tasks over them (rows are positions in `workloads`). */
export interface TrainingInput {
  domain: string;
  workloads: readonly Workload[];
  tasks: readonly TrainingTask[];
  seed: number;
  /** folder for checkpoints of long trainings; undefined: none are kept */
  checkpoints?: string;
  signal?: AbortSignal;
  onProgress?(done: number, total: number, what: string): void;
  /** method-specific settings, e.g. episodes */
  settings?: Record<string, number | string>;
}

/** A way to train models: one file, one line in `methods.ts`. */
export interface Method {
  readonly name: string;
  /** one line for `--help` */
  readonly summary: string;
  train(input: TrainingInput, info: ModelInfo): Promise<Model>;
  toParts(model: Model): ModelParts;
  fromParts(saved: ModelParts & { info: ModelInfo; metrics: ModelMetrics; where: string }): Promise<Model>;
}

/** A method without what its entry in `methods.ts` says of it. */
export type WorkOfMethod = Omit<Method, 'name' | 'summary'>;

/** Tasks of a dataset as training input. */
export const trainingTasks = (dataset: Dataset): TrainingTask[] =>
  dataset.tasks.map((t) => ({
    id: `${t.device}${t.condition ? `@${t.condition}` : ''}:${t.target}`,
    device: t.device,
    target: t.target,
    rows: t.rows,
    values: t.values,
  }));
