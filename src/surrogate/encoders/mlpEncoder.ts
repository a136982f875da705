import { encodeArch, type Space } from '../../graph/spaces/space.js';
import { linearSpec } from '../../tensor/parameters.js';
import { tf } from '../../tensor/tf.js';
import { checkExtra } from './checkExtra.js';
import type { Encoder } from './encoder.js';

export interface MlpOptions {
  space: Space;
  /** length of an embedding */
  features: number;
  /** units of each of the two hidden layers */
  width: number;
  /** extra input columns; 0 unless told */
  extra?: number;
}

/**
 * Multilayer perceptron on one-hot choices: [all choices as written; as a compiler sees them; extra] -> width -> width -> features, SiLU between.
 * Both views are given since eager frameworks run dead operators and compilers do not. Shapes: input x [B, 2 * choices + extra], output [B, features].
 */
export function createMlpEncoder({ space, features, width, extra = 0 }: MlpOptions): Encoder {
  const choices = space.choices.reduce((a, b) => a + b, 0),
    inputs = 2 * choices + extra;
  return {
    kind: 'mlp',
    features,
    specs: [...linearSpec('mlp1', inputs, width), ...linearSpec('mlp2', width, width), ...linearSpec('mlp3', width, features)],
    encode(archs, given) {
      checkExtra(archs.length, extra, given);
      const data = new Float32Array(archs.length * inputs);
      archs.forEach((arch, i) => {
        data.set(encodeArch(space, arch), i * inputs);
        data.set(encodeArch(space, space.live(arch)), i * inputs + choices);
        if (given) data.set(given.data.subarray(i * extra, (i + 1) * extra), i * inputs + 2 * choices);
      });
      return { size: archs.length, inputs: { x: { shape: [inputs], data } } };
    },
    embed(p, { x }) {
      const linear = (layer: string, h: tf.Tensor) =>
        tf.add(tf.matMul(h as tf.Tensor2D, p[`${layer}.weight`] as tf.Tensor2D), p[`${layer}.bias`]);
      const h = silu(linear('mlp2', silu(linear('mlp1', x)))); // [B, width]
      return linear('mlp3', h) as tf.Tensor2D; // [B, features]
    },
  };
}

/** x * sigmoid(x) (Elfwing et al. 2018). */
export const silu = (x: tf.Tensor): tf.Tensor => tf.mul(x, tf.sigmoid(x));
