import { HwcastError } from '../core/errors.js';
import type { Target } from '../dataset/dataset.js';
import type { Dtype } from '../graph/opGraph.js';
import { parseWorkload, type Workload } from '../graph/workload.js';
import type { Prediction, Predictor } from '../surrogate/predictor.js';
import { loadAdapter } from './adapter.js';
import { bundledModel } from './bundledModel.js';
import type { Model } from './model.js';
import { loadModel } from './modelFolder.js';
import { rooflineOfDevice } from './rooflinePredictor.js';

export interface PredictOptions {
  /** an adapted device: its predictor, or the adapter file */
  adapter?: string;
  /** the bundled model unless told */
  model?: string | Model;
  /** a device the model was trained on, or one of the catalogue (roofline) */
  device?: string;
  /** latency unless told; an adapter has its own */
  target?: Target;
  /** images per batch and element type of the roofline */
  batch?: number;
  dtype?: Dtype;
}

/**
 * The predictor that the options name, in order of trust: adapter, trained device of the model, roofline of the device.
 * @throws HwcastError `usage` when they name none, `not-found` for an unknown device.
 */
export async function predictorFor(options: PredictOptions): Promise<{ predictor: Predictor; target: Target; device: string }> {
  if (options.adapter) {
    const { adapter, predictor } = await loadAdapter(
      options.adapter,
      typeof options.model === 'string' ? options.model : undefined,
    );
    if (options.target && options.target !== adapter.target)
      throw new HwcastError('bad-input', `the adapter predicts ${adapter.target}, not ${options.target}`, {
        where: options.adapter,
        hint: `adapt with a support file of ${options.target}`,
      });
    return { predictor, target: adapter.target, device: adapter.device };
  }
  const target = options.target ?? 'latency',
    { device } = options;
  const model = typeof options.model === 'string' ? await loadModel(options.model) : (options.model ?? (await bundledModel()));
  const trained = model?.info.tasks.filter((t) => t.target === target).map((t) => t.device) ?? [];
  if (!device)
    throw new HwcastError('usage', 'which device? give --adapter ADAPTER or --device ID', {
      hint: trained.length ? `the model knows ${trained.slice(0, 8).join(', ')}${trained.length > 8 ? ', ..' : ''}` : undefined,
    });
  if (model && trained.includes(device)) return { predictor: model.trained(device, target), target, device };
  return { predictor: rooflineOfDevice(device, target, trained, options), target, device };
}

/** Predicts workloads (`space:code`, or objects); SI units, 90 % intervals, provenance and warnings with each value. */
export async function predict(workloads: readonly (string | Workload)[], options: PredictOptions): Promise<Prediction[]> {
  const { predictor } = await predictorFor(options);
  return predictor.predict(workloads.map((w) => (typeof w === 'string' ? parseWorkload(w) : w)));
}
