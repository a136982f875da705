import { HwcastError } from '../../core/errors.js';
import { createRandom } from '../../core/random.js';
import type { Arch } from '../../graph/spaces/space.js';
import { parameterTensors } from '../../tensor/parameterTensors.js';
import { tf } from '../../tensor/tf.js';
import { type DeviceScale, deviceScale, NetworkCodes, scaled, taskBatch, taskContext } from './helpData.js';
import { type HelpModel, predictorNames } from './helpModel.js';
import { modulate, modulationSize, predictor } from './helpNetwork.js';
import { innerLoop } from './innerLoop.js';

export interface HelpSupport {
  /** values of the model's reference networks on the new device, SI, in their order */
  references: Float64Array;
  /** further networks measured on it (10 in the paper) */
  support: { archs: readonly Arch[]; values: Float64Array };
  /** draws of the modulation, averaged; 10 */
  draws?: number;
  /** gradient steps; the model's `adaptSteps` unless told */
  steps?: number;
  seed?: number | string;
}

/** HELP adapted to one device: the parameters of every draw, [draws, ..] each. Plain data; small adapters keep the `HelpSupport` instead and adapt again. */
export interface HelpAdapted {
  model: HelpModel;
  scale: DeviceScale;
  hardware: Float32Array;
  draws: number;
  parameters: Record<string, { shape: number[]; data: Float32Array }>;
}

/**
 * Adapts HELP to a device from its reference values and support set as in the paper: modulate the head by the hardware embedding,
 * then `steps` gradient steps, once for each draw of z.
 * @throws HwcastError `bad-input` for an empty support set, differing lengths, or values that are not positive numbers.
 */
export function adaptHelp(
  model: HelpModel,
  { references, support, draws = 10, steps = model.adaptSteps, seed = 0 }: HelpSupport,
): HelpAdapted {
  const { archs, values } = support,
    { shape } = model;
  if (!archs.length)
    throw new HwcastError('bad-input', 'the support set is empty', { hint: 'measure about ten networks on the device' });
  if (archs.length !== values.length)
    throw new HwcastError('bad-input', `${archs.length} networks but ${values.length} values in the support set`);
  const bad = values.findIndex((v) => !(v > 0 && Number.isFinite(v)));
  if (bad >= 0)
    throw new HwcastError('bad-input', `value ${values[bad]} of network ${bad} of the support set is not a positive number`);
  const scale = deviceScale(references, shape.references, 'reference networks'),
    hardware = scaled(references, scale),
    y = scaled(values, scale);
  const random = createRandom(seed).fork('modulation');
  const noise = Float32Array.from({ length: draws * modulationSize(shape.width) }, () => random.normal());
  const each = <T>(x: T): T[] => Array.from({ length: draws }, () => x);
  const parameters = tf.tidy(() => {
    const p = parameterTensors(model.parameters),
      context = taskContext(shape, each(hardware));
    const batch = taskBatch(new NetworkCodes(shape), each(archs), each(y));
    const z = tf.tensor3d(noise, [draws, 1, modulationSize(shape.width)]);
    const { initial } = modulate(p, predictorNames(shape), context.hardware, z, shape.width, model.modulationScale);
    const adapted = innerLoop(initial, p, context, batch, steps);
    return Object.fromEntries(
      Object.entries(adapted).map(([name, t]) => [name, { shape: t.shape, data: t.dataSync() as Float32Array }]),
    );
  });
  return { model, scale, hardware, draws, parameters };
}

/** Networks predicted at once; bounds the memory of intermediate results. */
const CHUNK = 512;

/**
 * Predicted values of networks on the adapted device, SI, mean over the draws. Not below a tenth of the cheapest reference: the network is
 * linear in its last layer and may leave the positive numbers far outside the measured range. Pure; batch equals single.
 */
export function predictHelp({ model, scale, hardware, draws, parameters }: HelpAdapted, archs: readonly Arch[]): Float64Array {
  const out = new Float64Array(archs.length),
    { shape } = model,
    networks = new NetworkCodes(shape),
    floor = scale.low / 10;
  tf.tidy(() => {
    const p = Object.fromEntries(
      Object.entries(parameters).map(([name, { shape: dims, data }]) => [name, tf.tensor(data, dims)]),
    );
    const context = taskContext(
      shape,
      Array.from({ length: draws }, () => hardware),
    );
    for (let from = 0; from < archs.length; from += CHUNK) {
      const part = archs.slice(from, from + CHUNK);
      const values = tf.tidy(() => {
        const x = networks.batch([part]); // [1, nodes * B, width]
        const all = tf.tile(x, [draws, 1, 1]); // [draws, nodes * B, width]
        return tf.mean(predictor(p, shape, all, context.hardware, context.adjacency), 0).dataSync(); // [B]
      });
      values.forEach((v, i) => {
        out[from + i] = Math.max(floor, scale.low + v * scale.range);
      });
    }
  });
  return out;
}
