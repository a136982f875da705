import type { Arch } from '../../graph/spaces/space.js';
import type { ParameterSpec } from '../../tensor/parameters.js';
import type { tf } from '../../tensor/tf.js';

/** Networks as plain arrays, each of shape [networks, ...shape] by rows; `rows` picks a batch of them. */
export interface EncodedNetworks {
  size: number;
  inputs: Record<string, { shape: number[]; data: Float32Array }>;
}

/** Extra input columns, [networks, width] by rows. */
export interface ExtraInputs {
  data: Float32Array;
  width: number;
}

/** Embeds networks of one space. The functions are pure: parameters come from outside, nothing is kept. */
export interface Encoder {
  readonly kind: 'mlp' | 'gnn';
  /** length of an embedding */
  readonly features: number;
  readonly specs: ParameterSpec[];
  /** networks as arrays, done once; `extra` of the width the encoder was made for */
  encode(archs: readonly Arch[], extra?: ExtraInputs): EncodedNetworks;
  /** parameters by name, a batch as tensors (`batchOf`) -> embeddings [B, features] */
  embed(parameters: Record<string, tf.Tensor>, batch: Record<string, tf.Tensor>): tf.Tensor2D;
}
