import type { Workload } from '../graph/workload.js';
import type { ModelParts } from '../surrogate/modelFolder.js';
import type { TrainingTask } from './closedForm.js';
import type { Model, ModelInfo, ModelMetrics } from './model.js';
import type { MeasuredOperators } from './tableSums.js';

/** What a method trains from: workloads of one domain and the tasks over them (rows are positions in `workloads`). */
export interface TrainingInput {
  domain: string;
  workloads: readonly Workload[];
  tasks: readonly TrainingTask[];
  /** single operators that were measured */
  operators?: readonly MeasuredOperators[];
  seed: number;
  /** folder for checkpoints of long trainings; undefined: none are kept */
  checkpoints?: string;
  signal?: AbortSignal;
  onProgress?(done: number, total: number, what: string): void;
  /** method-specific settings, e.g. episodes */
  settings?: Record<string, number | string>;
}

/** A way to train models: one file, one line in `methods.ts`. */
export interface Method<M extends Model = Model> {
  readonly name: string;
  /** one line for `--help` */
  readonly summary: string;
  train(input: TrainingInput, info: ModelInfo): Promise<M>;
  toParts(model: M): ModelParts;
  fromParts(saved: ModelParts & { info: ModelInfo; metrics: ModelMetrics; where: string }): Promise<M>;
}

/** A method without what its entry in `methods.ts` says of it. */
export type WorkOfMethod<M extends Model = Model> = Omit<Method<M>, 'name' | 'summary'>;
