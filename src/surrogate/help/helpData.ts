import { HwcastError } from '../../core/errors.js';
import type { Arch } from '../../graph/spaces/space.js';
import { tf } from '../../tensor/tf.js';
import type { HelpShape } from './helpNetwork.js';
import type { TaskBatch, TaskContext } from './innerLoop.js';

/** Encoded networks, once each. */
export class NetworkCodes {
  readonly #known = new Map<string, Float32Array>();
  constructor(readonly shape: HelpShape) {}

  of(arch: Arch): Float32Array {
    const key = String(arch);
    let code = this.#known.get(key);
    if (!code) {
      if (this.#known.size > 50_000) this.#known.clear();
      code = this.shape.encoding.encode(arch);
      this.#known.set(key, code);
    }
    return code;
  }

  /** Networks of T tasks, equally many each -> [T, nodes * B, width], nodes outermost. */
  batch(archs: readonly (readonly Arch[])[]): tf.Tensor3D {
    const { nodes, width } = this.shape.encoding,
      size = archs[0].length;
    const data = new Float32Array(archs.length * nodes * size * width);
    archs.forEach((list, t) => {
      list.forEach((arch, b) => {
        const code = this.of(arch);
        for (let n = 0; n < nodes; n++) data.set(code.subarray(n * width, (n + 1) * width), ((t * nodes + n) * size + b) * width);
      });
    });
    return tf.tensor3d(data, [archs.length, nodes * size, width]);
  }
}

/**
 * The scale of a device: its smallest and largest reference latency become 0 and 1. It uses nothing but what was measured on the device, for
 * training and new devices alike. HELP's published code scales by the whole pool of a device, the target's included; that is not available for
 * a device measured twenty times.
 */
export interface DeviceScale {
  low: number;
  range: number;
}

/** @throws HwcastError `bad-input` where the references do not differ or are not positive. */
export function deviceScale(references: Float64Array, expected: number, where: string): DeviceScale {
  if (references.length !== expected)
    throw new HwcastError('bad-input', `${references.length} reference values, the model has ${expected} reference networks`, {
      where,
    });
  const bad = references.find((v) => !(v > 0 && Number.isFinite(v)));
  if (bad !== undefined) throw new HwcastError('bad-input', `reference value ${bad} is not a positive number`, { where });
  const low = Math.min(...references),
    range = Math.max(...references) - low;
  if (!(range > 0))
    throw new HwcastError('bad-input', `all ${expected} reference values are ${low}`, {
      where,
      hint: 'the hardware embedding needs reference networks that differ in cost',
    });
  return { low, range };
}

export const scaled = (values: ArrayLike<number>, { low, range }: DeviceScale): Float32Array =>
  Float32Array.from(values, (v) => (v - low) / range);

/** Support or query sets of T tasks as tensors. */
export function taskBatch(
  networks: NetworkCodes,
  archs: readonly (readonly Arch[])[],
  values: readonly Float32Array[],
): TaskBatch {
  const y = new Float32Array(archs.length * archs[0].length);
  values.forEach((v, t) => {
    y.set(v, t * v.length);
  });
  return { x: networks.batch(archs), y: tf.tensor2d(y, [archs.length, archs[0].length]) };
}

/** Hardware embeddings (scaled reference values) of T tasks as tensors, with the adjacency repeated for each. */
export function taskContext(shape: HelpShape, hardware: readonly Float32Array[]): TaskContext {
  const tasks = hardware.length,
    { adjacency, nodes } = shape.encoding,
    flat = new Float32Array(tasks * shape.references);
  hardware.forEach((h, t) => {
    flat.set(h, t * shape.references);
  });
  const context: TaskContext = { shape, hardware: tf.tensor3d(flat, [tasks, 1, shape.references]) };
  if (!adjacency) return context;
  const repeated = new Float32Array(tasks * nodes * nodes);
  for (let t = 0; t < tasks; t++) repeated.set(adjacency, t * nodes * nodes);
  return { ...context, adjacency: tf.tensor3d(repeated, [tasks, nodes, nodes]) };
}
