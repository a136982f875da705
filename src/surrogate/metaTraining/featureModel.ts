import { HwcastError } from '../../core/errors.js';
import { spaceNamed } from '../../graph/spaces/index.js';
import type { Arch, Space } from '../../graph/spaces/space.js';
import { type NamedArray, Parameters } from '../../tensor/parameters.js';
import { parameterTensors } from '../../tensor/parameterTensors.js';
import { tf } from '../../tensor/tf.js';
import { batchOf } from '../encoders/batchOf.js';
import type { Encoder, ExtraInputs } from '../encoders/encoder.js';
import { createGnnEncoder } from '../encoders/gnnEncoder.js';
import { createMlpEncoder } from '../encoders/mlpEncoder.js';

/** The JSON part of a saved feature model. */
export interface FeatureConfig {
  space: string;
  encoder: 'mlp' | 'gnn';
  width: number;
  /** length of the encoder's embedding */
  features: number;
  extra: number;
  /** ids of the tasks trained on */
  tasks: string[];
  /** share of the embedding's variance over the training networks that each feature carries, descending */
  shares: number[];
}

/** An encoder trained over devices. Plain data. */
export interface FeatureModel {
  space: Space;
  config: FeatureConfig;
  encoder: Encoder;
  /** of the encoder alone */
  parameters: Parameters;
  /** mean of the embeddings over the training networks, [features] */
  center: Float32Array;
  /** embedding -> features, [features, shares.length] by rows */
  projection: Float32Array;
}

export function createEncoder(
  space: Space,
  { encoder, width, features, extra }: Pick<FeatureConfig, 'encoder' | 'width' | 'features' | 'extra'>,
): Encoder {
  return encoder === 'mlp'
    ? createMlpEncoder({ space, width, features, extra })
    : createGnnEncoder({ space, width, features, extra });
}

/** Networks embedded at once. */
const CHUNK = 1024;

/** Embeddings of networks, [archs.length, encoder.features] by rows. */
export function embeddings(encoder: Encoder, parameters: Parameters, archs: readonly Arch[], extra?: ExtraInputs): Float32Array {
  const out = new Float32Array(archs.length * encoder.features);
  tf.tidy(() => {
    const p = parameterTensors(parameters);
    for (let from = 0; from < archs.length; from += CHUNK) {
      const part = archs.slice(from, from + CHUNK);
      const columns = extra && {
        width: extra.width,
        data: extra.data.subarray(from * extra.width, (from + part.length) * extra.width),
      };
      tf.tidy(() =>
        out.set(encoder.embed(p, batchOf(encoder.encode(part, columns))).dataSync() as Float32Array, from * encoder.features),
      );
    }
  });
  return out;
}

/**
 * What the training devices' costs have in common, as features of networks: the embedding phi turned to its principal axes, in the order of the
 * variance they carry over the training networks (mean 0; standard deviations are the square roots of `config.shares`, which sum to 1). A device
 * is a weight vector on them. [archs.length, width] by rows.
 * @throws HwcastError `bad-input` where extra columns are missing or of another width than in training.
 */
export function featuresOf(
  model: FeatureModel,
  archs: readonly Arch[],
  extra?: ExtraInputs,
): { data: Float32Array; width: number } {
  const { encoder, center, projection } = model,
    width = model.config.shares.length,
    { features } = encoder;
  const phi = embeddings(encoder, model.parameters, archs, extra),
    data = new Float32Array(archs.length * width);
  for (let i = 0; i < archs.length; i++) {
    for (let k = 0; k < features; k++) {
      const d = phi[i * features + k] - center[k];
      for (let j = 0; j < width; j++) data[i * width + j] += d * projection[k * width + j];
    }
  }
  return { data, width };
}

/** A model as JSON and named arrays; `loadFeatures` is the inverse. */
export function saveFeatures({ config, parameters, center, projection }: FeatureModel): {
  config: FeatureConfig;
  arrays: NamedArray[];
} {
  return {
    config,
    arrays: [
      ...parameters.named(),
      { name: 'center', shape: [config.features], data: center },
      { name: 'projection', shape: [config.features, config.shares.length], data: projection },
    ],
  };
}

/** @throws HwcastError `not-found` for an unknown space, `corrupt` where an array is missing or has another shape than the configuration says. */
export function loadFeatures(config: FeatureConfig, arrays: readonly NamedArray[]): FeatureModel {
  const space = spaceNamed(config.space),
    encoder = createEncoder(space, config);
  const take = (name: string, shape: number[]): NamedArray => {
    const found = arrays.find((a) => a.name === name);
    if (!found) throw new HwcastError('corrupt', `the feature model lacks '${name}'`);
    if (String(found.shape) !== String(shape))
      throw new HwcastError('corrupt', `'${name}' has shape [${found.shape}] instead of [${shape}]`);
    return found;
  };
  return {
    space,
    config,
    encoder,
    parameters: Parameters.fromNamed(encoder.specs.map((s) => take(s.name, s.shape))),
    center: take('center', [config.features]).data,
    projection: take('projection', [config.features, config.shares.length]).data,
  };
}
