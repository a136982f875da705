import { HwcastError } from '../core/errors.js';
import { readTextChecked } from '../core/files.js';
import { type Task, taskId } from '../dataset/dataset.js';
import type { Dtype } from '../graph/opGraph.js';
import type { Target } from '../graph/targets.js';
import type { Workload } from '../graph/workload.js';
import { workloadRows } from '../graph/workloadRows.js';
import { workloadsOf } from '../graph/workloadsOf.js';
import type { RunSetting } from '../surrogate/operatorSum/machine.js';
import type { Prediction, Predictor } from '../surrogate/predictor.js';
import { type Adapted, loadAdapter } from './adapter.js';
import { bundledModels } from './bundledModel.js';
import type { Model } from './model.js';
import { loadModel } from './modelFolder.js';
import { rooflineOfDevice } from './rooflinePredictor.js';
import type { UnmeasuredSetting } from './unmeasuredSetting.js';

export interface PredictOptions {
  /** an adapted device: the adapter file, or what `adapt` or `loadAdapter` gave */
  adapter?: string | Pick<Adapted, 'predictor' | 'task'>;
  /** a model or its folder; unless told the bundled one that was trained on the device */
  model?: string | Model;
  /** a device the model was trained on, or one of the catalogue (roofline) */
  device?: string;
  /** how the device ran, where the model knows several ways */
  condition?: string;
  /** latency unless told; an adapter has its own */
  target?: Target;
  /** images per batch and element type of the roofline */
  batch?: number;
  dtype?: Dtype;
}

/**
 * The predictor that the options name, in order of trust: adapter, trained device of the model, roofline of the device.
 * @throws HwcastError `usage` when they name none or leave a condition open, `bad-input` for an adapter of something else, `not-found` for an unknown device.
 */
export async function predictorFor(options: PredictOptions): Promise<{ predictor: Predictor; task: Task }> {
  if (options.adapter) {
    const { adapter } = options,
      where = typeof adapter === 'string' ? adapter : undefined;
    const { task, predictor } = typeof adapter === 'string' ? await loadAdapter(adapter, options.model) : adapter;
    if (options.target && options.target !== task.target)
      throw new HwcastError('bad-input', `the adapter predicts ${task.target}, not ${options.target}`, {
        where,
        hint: `adapt with a support file of ${options.target}`,
      });
    for (const field of ['device', 'condition'] as const)
      if (options[field] !== undefined && options[field] !== task[field])
        throw new HwcastError('bad-input', `the adapter is of ${field} '${task[field]}', not of '${options[field]}'`, {
          where,
          hint: `leave out the ${field}, or the adapter`,
        });
    return { predictor, task };
  }
  const target = options.target ?? 'latency',
    { device } = options;
  const devices: string[] = [],
    models: Model[] = [];
  for await (const model of modelsOf(options.model)) {
    models.push(model);
    const trained = model.info.tasks.filter((t) => t.target === target);
    devices.push(...new Set(trained.map((t) => t.device)));
    const task = trainedTask(
      trained.filter((t) => t.device === device),
      options.condition,
    );
    if (task) return { predictor: model.trained(task), task };
  }
  if (!device)
    throw new HwcastError('usage', 'which device? give --adapter ADAPTER or --device ID', {
      hint: devices.length ? `the model knows ${devices.slice(0, 8).join(', ')}${devices.length > 8 ? ', ..' : ''}` : undefined,
    });
  return {
    predictor: rooflineOfDevice(device, target, devices, { ...options, learned: (setting) => firstOf(models, setting) }),
    task: { device, condition: options.condition ?? '', target },
  };
}

/** What the first of the models that knows the setting says of it. */
function firstOf(models: readonly Model[], setting: RunSetting): UnmeasuredSetting | undefined {
  for (const model of models) {
    const known = model.inSetting?.(setting);
    if (known) return known;
  }
  return undefined;
}

/** The model asked for, or those that come with hwcast. */
async function* modelsOf(model: string | Model | undefined): AsyncGenerator<Model> {
  if (model === undefined) yield* bundledModels();
  else yield typeof model === 'string' ? await loadModel(model) : model;
}

/** The trained task of the condition asked for, or the only one. @throws HwcastError `usage`, `not-found` naming the conditions there are */
function trainedTask(tasks: readonly Task[], condition: string | undefined): Task | undefined {
  if (!tasks.length) return undefined;
  const found =
    condition === undefined ? (tasks.length === 1 ? tasks[0] : undefined) : tasks.find((t) => t.condition === condition);
  if (found) return { device: found.device, condition: found.condition, target: found.target };
  throw new HwcastError(
    condition === undefined ? 'usage' : 'not-found',
    condition === undefined
      ? `the model knows ${tasks.length} conditions of '${tasks[0].device}': ${tasks.map(taskId).join(', ')}`
      : `the model does not know '${tasks[0].device}' under condition '${condition}'`,
    { hint: `give --condition, one of ${tasks.map((t) => `'${t.condition}'`).join(', ')}` },
  );
}

/**
 * Predicts workloads (`space:code`, operators, paths of model files, or objects; a single text is the path of a file of workloads); SI units, 90 %
 * intervals, provenance and warnings with each value.
 */
export async function predict(
  workloads: string | readonly (string | Workload)[],
  options: PredictOptions,
): Promise<Prediction[]> {
  const { predictor } = await predictorFor(options);
  const read = await asWorkloads(workloads);
  return predictor
    .predict(read.map((r) => r.workload))
    .map((p, i) => ({ ...p, warnings: [...(read[i].warnings ?? []), ...p.warnings] }));
}

/** Workloads from a file of them, from texts, or as they are, with what their model files warn of. @throws HwcastError `not-found`, `bad-input` */
export async function asWorkloads(
  workloads: string | readonly (string | Workload)[],
): Promise<{ workload: Workload; warnings?: readonly string[] }[]> {
  if (typeof workloads === 'string') return workloadRows(readTextChecked(workloads, 'workload file'), workloads);
  const read = workloads.map((w) => (typeof w === 'string' ? workloadsOf([w]) : [{ workload: w }]));
  return (await Promise.all(read)).flat();
}
