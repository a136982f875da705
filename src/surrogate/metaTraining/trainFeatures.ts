import { HwcastError } from '../../core/errors.js';
import { createRandom } from '../../core/random.js';
import { mean, standardDeviation } from '../../core/statistics.js';
import type { Arch } from '../../graph/spaces/space.js';
import { adamState, adamStep } from '../../tensor/adam.js';
import { Parameters } from '../../tensor/parameters.js';
import { valueAndGradient } from '../../tensor/parameterTensors.js';
import { restoreTraining } from '../../tensor/restoreTraining.js';
import { tf } from '../../tensor/tf.js';
import { batchOf } from '../encoders/batchOf.js';
import type { ExtraInputs } from '../encoders/encoder.js';
import { createEncoder, embeddings, type FeatureModel } from './featureModel.js';
import { checkMetaTasks, type MetaTask } from './metaTask.js';
import { principalAxes } from './principalAxes.js';

export interface FeatureOptions {
  /** `mlp` on the choices or `gnn` on the compact graphs; mlp unless told */
  encoder?: 'mlp' | 'gnn';
  /** passes over the networks; 150 (mlp) or 80 (gnn) unless told */
  epochs?: number;
  /** units of the hidden layers; 64 (mlp) or 48 (gnn) unless told */
  width?: number;
  /** length of the embedding; 16 unless told */
  features?: number;
  /** networks a step; 120 unless told: rows of a power of two bytes collide in the cache and make the products of a gradient 3 times slower */
  batch?: number;
  /** rate of AdamW at the start, falling to 0 along a cosine; 4e-3 unless told */
  rate?: number;
  /** decoupled weight decay; 0.2 unless told */
  weightDecay?: number;
  seed?: number | string;
  /** epochs between checkpoints; 10 unless told */
  every?: number;
  signal?: AbortSignal;
  onProgress?: (progress: { epoch: number; epochs: number; loss: number; secondsPerEpoch: number }) => void;
  /** called every `every` epochs and when interrupted; the state resumes the run exactly */
  onCheckpoint?: (state: FeatureState) => void;
  resume?: FeatureState;
}

/** Everything a run needs to go on; plain data. The random numbers of an epoch follow from seed and epoch. */
export interface FeatureState {
  /** epochs done */
  epoch: number;
  arrays: { parameters: Float32Array; m: Float32Array; v: Float32Array };
}

/**
 * Trains one encoder over all tasks: the relative cost of a network on a device, value / mean(values) - 1 (less the task's `offset`), is
 * w_device . phi(network) + b_device, with phi shared. Squared error in units of each task's standard deviation, so that devices count alike; a
 * network measured on several devices is encoded once a step. Needs a ready backend (`initBackend`). The same seed gives the same bytes.
 * @throws HwcastError `bad-input` for unusable tasks, `interrupted` after a last checkpoint on abort.
 */
export async function trainFeatures(tasks: readonly MetaTask[], options: FeatureOptions = {}): Promise<FeatureModel> {
  const { encoder: kind = 'mlp', features = 16, batch = 120, rate = 4e-3, weightDecay = 0.2, seed = 0, every = 10 } = options;
  const epochs = options.epochs ?? (kind === 'mlp' ? 150 : 80);
  const width = options.width ?? (kind === 'mlp' ? 64 : 48),
    space = checkMetaTasks(tasks, 2),
    table = targetTable(tasks);
  const encoder = createEncoder(space, { encoder: kind, width, features, extra: table.extra?.width ?? 0 });
  const count = tasks.length,
    encoded = encoder.encode(table.archs, table.extra),
    steps = Math.ceil(encoded.size / batch);
  const parameters = Parameters.create(
    [
      ...encoder.specs,
      { name: 'heads.weight', shape: [features, count], init: { uniform: 1 / Math.sqrt(features) } },
      { name: 'heads.bias', shape: [count], init: { constant: 0 } },
    ],
    `${seed}/features`,
  );
  const adam = adamState(parameters.data.length),
    root = createRandom(seed);
  const from = options.resume ? restore(options.resume, parameters, adam, steps) : 0;
  const state = (epoch: number): FeatureState => ({
    epoch,
    arrays: { parameters: parameters.data.slice(), m: adam.m.slice(), v: adam.v.slice() },
  });

  for (let epoch = from + 1; epoch <= epochs; epoch++) {
    // the tensor operations are synchronous: let signals and timers in
    await new Promise((resolve) => setImmediate(resolve));
    if (options.signal?.aborted) {
      options.onCheckpoint?.(state(epoch - 1));
      throw new HwcastError('interrupted', `training of features stopped after epoch ${epoch - 1} of ${epochs}`, {
        hint: 'resume it from the checkpoint',
      });
    }
    const begin = performance.now(),
      order = root.fork(`epoch ${epoch}`).shuffle(Array.from({ length: encoded.size }, (_, i) => i));
    let loss = 0;
    for (let step = 0; step < steps; step++) {
      const rows = order.slice(step * batch, (step + 1) * batch);
      const { value, gradient } = valueAndGradient(parameters, (p) => {
        const phi = encoder.embed(p, batchOf(encoded, rows)); // [B, F]
        const scores = tf.add(tf.matMul(phi, p['heads.weight'] as tf.Tensor2D), p['heads.bias']); // [B, tasks]
        const known = tf.tensor2d(pick(table.known, rows, count), [rows.length, count]);
        const error = tf.mul(tf.sub(scores, tf.tensor2d(pick(table.targets, rows, count), [rows.length, count])), known);
        return tf.div(tf.sum(tf.square(error)), tf.maximum(tf.sum(known), 1)) as tf.Scalar;
      });
      if (!Number.isFinite(value))
        throw new HwcastError('quality-gate', `the loss became ${value} in epoch ${epoch}`, { hint: 'lower the rate' });
      const progress = ((epoch - 1) * steps + step) / (epochs * steps);
      adamStep(parameters.data, gradient, adam, { rate: rate * 0.5 * (1 + Math.cos(Math.PI * progress)), weightDecay });
      loss += (value * rows.length) / encoded.size;
    }
    options.onProgress?.({ epoch, epochs, loss, secondsPerEpoch: (performance.now() - begin) / 1000 });
    if (epoch % every === 0 || epoch === epochs) options.onCheckpoint?.(state(epoch));
  }

  const own = Parameters.fromNamed(parameters.named().filter((a) => !a.name.startsWith('heads.')));
  const axes = embeddingAxes(embeddings(encoder, own, table.archs, table.extra), features);
  const config = {
    space: space.name,
    encoder: kind,
    width,
    features,
    extra: table.extra?.width ?? 0,
    tasks: tasks.map((t) => t.id),
    shares: axes.shares,
  };
  return { space, config, encoder, parameters: own, center: axes.center, projection: axes.projection };
}

/** Networks of all tasks once each, with targets [networks, tasks] in units of each task's standard deviation, and 1 where measured. */
function targetTable(tasks: readonly MetaTask[]) {
  const position = new Map<string, number>(),
    archs: Arch[] = [],
    extraRows: Float32Array[] = [];
  for (const { archs: list, extra } of tasks)
    list.forEach((arch, i) => {
      const key = String(arch);
      if (position.has(key)) return;
      position.set(key, archs.length);
      archs.push(arch);
      if (extra) extraRows.push(extra.data.subarray(i * extra.width, (i + 1) * extra.width));
    });
  const targets = new Float32Array(archs.length * tasks.length),
    known = new Float32Array(archs.length * tasks.length);
  tasks.forEach(({ id, archs: list, values, offset }, t) => {
    const center = mean(values),
      relative = Float64Array.from(values, (v, i) => v / center - 1 - (offset?.[i] ?? 0)),
      spread = standardDeviation(relative);
    if (!(spread > 0)) throw new HwcastError('bad-input', `all values are the same: ${values[0]}`, { where: `task '${id}'` });
    list.forEach((arch, i) => {
      const at = position.get(String(arch))! * tasks.length + t;
      targets[at] = relative[i] / spread;
      known[at] = 1;
    });
  });
  let extra: ExtraInputs | undefined;
  if (tasks[0].extra) {
    const width = tasks[0].extra.width,
      data = new Float32Array(archs.length * width);
    extraRows.forEach((row, i) => {
      data.set(row, i * width);
    });
    extra = { data, width };
  }
  return { archs, targets, known, extra };
}

function pick(data: Float32Array, rows: readonly number[], width: number): Float32Array {
  const out = new Float32Array(rows.length * width);
  rows.forEach((row, i) => {
    out.set(data.subarray(row * width, (row + 1) * width), i * width);
  });
  return out;
}

/**
 * Principal axes of the embeddings over the training networks: projection = V / sqrt(trace), V the eigenvectors of their covariance. Axes below
 * 1e-6 of the variance are left out. phi [n, F].
 */
function embeddingAxes(phi: Float32Array, features: number) {
  const n = phi.length / features,
    center = new Float64Array(features),
    covariance = new Float64Array(features * features);
  for (let i = 0; i < phi.length; i++) center[i % features] += phi[i] / n;
  for (let i = 0; i < n; i++)
    for (let k = 0; k < features; k++) {
      const d = phi[i * features + k] - center[k];
      for (let l = 0; l < features; l++) covariance[k * features + l] += (d * (phi[i * features + l] - center[l])) / n;
    }
  const { values, vectors } = principalAxes(covariance, features),
    total = values.reduce((sum, v) => sum + Math.max(0, v), 0);
  const shares = [...values].map((v) => v / total).filter((share) => share > 1e-6),
    projection = new Float32Array(features * shares.length);
  for (let k = 0; k < features; k++)
    for (let j = 0; j < shares.length; j++) projection[k * shares.length + j] = vectors[k * features + j] / Math.sqrt(total);
  return { center: Float32Array.from(center), projection, shares };
}

function restore(
  { epoch, arrays }: FeatureState,
  parameters: Parameters,
  adam: ReturnType<typeof adamState>,
  steps: number,
): number {
  restoreTraining(arrays, parameters, adam, epoch * steps);
  return epoch;
}
