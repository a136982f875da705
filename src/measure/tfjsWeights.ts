import { elementCount } from '../core/elementCount.js';
import { createRandom } from '../core/random.js';
import type { OpNode } from '../graph/opGraph.js';
import { tf } from '../tensor/tf.js';

/** Gives the weight `name` of a node in the shape its kernel wants; convolution filters are [kh, kw, ci, co]. */
export type WeightSource = (node: OpNode, name: string, shape: number[]) => tf.Tensor;

/**
 * Seeded random weights that keep activations near 1 (He et al., ICCV 2015): values that decay into denormal numbers would slow a CPU down.
 * Variances are 1, means 0, scales near 1. Weight tensors live until `dispose`.
 */
export function randomWeights(seed: number): { source: WeightSource; dispose(): void } {
  const random = createRandom(seed);
  const made: tf.Tensor[] = [];
  const keep = <T extends tf.Tensor>(t: T): T => {
    made.push(tf.keep(t));
    return t;
  };
  return {
    source(_node, name, shape) {
      if (name === 'variance') return keep(tf.ones(shape));
      if (name === 'mean') return keep(tf.zeros(shape));
      const size = elementCount(shape);
      const fanIn = Math.max(1, size / shape[shape.length - 1]);
      const centre = name === 'scale' ? 1 : 0;
      // uniform of the wanted standard deviation; small where the weight is added rather than multiplied
      const half = name === 'scale' || name === 'shift' || name === 'bias' ? 0.1 : Math.sqrt(6 / fanIn);
      const values = new Float32Array(size);
      for (let i = 0; i < size; i++) values[i] = centre + half * (2 * random.next() - 1);
      return keep(tf.tensor(values, shape));
    },
    dispose: () => tf.dispose(made.splice(0)),
  };
}
