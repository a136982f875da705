import { existsSync } from 'node:fs';
import { kept } from '../../core/kept.js';
import { createRandom } from '../../core/random.js';
import { type Dataset, taskId } from '../../dataset/dataset.js';
import { readDataset } from '../../dataset/store.js';
import type { Workload } from '../../graph/workload.js';
import type { TrainingTask } from '../../networks/closedForm.js';
import { measuredOperators, operatorsWithout } from '../../networks/measuredOperators.js';
import { describeModel, isDescribed } from '../../networks/modelDescription.js';
import type { MeasuredOperators } from '../../networks/tableSums.js';
import { familyOf } from '../../networks/tableSums.js';
import { trainMultiTask } from '../../networks/trainMultiTask.js';
import type { ProtocolOptions } from './protocol.js';
import { LEAST_TESTED, modelTasks, nameOf, positions, type Tested, type TestedTask } from './tableCases.js';
import { unmeasuredMethods } from './unmeasuredMethods.js';

/** Folds of the models, for those that are left out. */
export const FOLDS = 4;
/** Operators of the models of the zoo. */
const OPERATORS: Readonly<Record<string, readonly string[]>> = {
  'zoo-h100': ['datasets/zoo-h100-operators', 'datasets/zoo-ort-operators'],
  'zoo-h200': ['datasets/zoo-h200-operators'],
};

/** The operators of the models of datasets, where there are any. */
export function operatorsOf(datasets: readonly Dataset[]): Promise<Dataset[]> {
  const folders = datasets.flatMap(({ card }) => OPERATORS[card.name] ?? []).filter((folder) => existsSync(folder));
  return Promise.all(folders.map((folder) => readDataset(folder)));
}

/** What of the operators may be known without some models and without some tasks. */
export function knownOperators(
  operators: readonly Dataset[],
  isLeft: (model: string) => boolean,
  task?: TrainingTask,
): MeasuredOperators[] {
  return operators
    .flatMap((data) => measuredOperators(data, operatorsWithout(data, isLeft)))
    .filter(({ setting }) => !task || setting.dtype !== task.setting?.dtype);
}

/** Each task left out with near copies of it on any hardware, and a quarter of the models at a time, which are then measured and asked. */
export function* newModels(
  data: Dataset,
  { devices, seed, onProgress }: ProtocolOptions,
  operators: readonly Dataset[],
): Generator<TestedTask> {
  const tasks = modelTasks(data),
    fold = foldOf(data.workloads, seed),
    foldById = new Map(data.workloads.map((w, row) => [w.id, fold[row]]));
  for (const task of tasks) {
    if (task.rows.length < LEAST_TESTED * FOLDS || (devices && !devices.includes(task.device))) continue;
    const rest = tasks.filter((t) => !nearCopies(t, task));
    if (!rest.length) continue;
    onProgress?.(`  new models, without ${nameOf(task)} and its near copies`);
    const parts = Array.from({ length: FOLDS }, (_, f): Tested => {
      const learner = trainMultiTask(
        data.workloads,
        rest.map((t) => restricted(t, (row) => fold[row] !== f)),
        { random: createRandom(seed), operators: knownOperators(operators, (id) => foldById.get(id) === f, task) },
      );
      // nothing is known of models without a graph but their names
      const isAsked = (row: number) => fold[row] === f && isDescribed(describeModel(data.workloads[row]));
      const pool = positions(task).filter((i) => isAsked(task.rows[i]));
      return { task, learner, pool, further: unmeasuredMethods(data, task, learner, pool) };
    });
    yield { device: nameOf(task), target: task.target, parts };
  }
}

/** Fold of each workload; models whose names begin alike are in one. */
export function foldOf(workloads: readonly Workload[], seed: number): Int32Array {
  const folds = new Map<string, number>(),
    random = createRandom(seed).fork('folds');
  return Int32Array.from(workloads, ({ id }) => kept(folds, familyOf(id), () => random.int(FOLDS)));
}

export const restricted = (task: TrainingTask, keep: (row: number) => boolean): TrainingTask => {
  const at = positions(task).filter((i) => keep(task.rows[i]));
  return { ...task, rows: Int32Array.from(at, (i) => task.rows[i]), values: Float64Array.from(at, (i) => task.values[i]) };
};

/** The same hardware and kind of runtime, where they differ in threads or batch only. */
const nearCopies = (a: TrainingTask, b: TrainingTask): boolean =>
  (a.runtime === b.runtime && precisionOf(a) === precisionOf(b)) || taskId(a) === taskId(b);
const precisionOf = ({ device, condition }: TrainingTask): string =>
  /(fp16|fp32|bf16|int8|amp)/.exec(`${device} ${condition}`)?.[1] ?? '';
