import type { Parameters } from './parameters.js';
import { tf } from './tf.js';

/** Uploads all parameters by name; the caller disposes (tf.tidy). */
export const parameterTensors = (parameters: Parameters): Record<string, tf.Tensor> =>
  Object.fromEntries(parameters.names.map((name) => [name, tf.tensor(parameters.view(name), parameters.shape(name), 'float32')]));

/**
 * Value and gradient of a scalar function of the parameters. `loss` is called once, inside tf.tidy.
 * Returns the gradient flat, in the layout of `parameters.data`.
 */
export function valueAndGradient(
  parameters: Parameters,
  loss: (p: Record<string, tf.Tensor>) => tf.Scalar,
): { value: number; gradient: Float32Array } {
  const gradient = new Float32Array(parameters.data.length);
  const value = tf.tidy(() => {
    const inputs = parameterTensors(parameters),
      { names } = parameters;
    const asRecord = (list: tf.Tensor[]) => Object.fromEntries(names.map((name, i) => [name, list[i]]));
    const result = tf.valueAndGrads((...list: tf.Tensor[]) => loss(asRecord(list)))(names.map((name) => inputs[name]));
    let offset = 0;
    for (const g of result.grads) {
      gradient.set(g.dataSync() as Float32Array, offset);
      offset += g.size;
    }
    return result.value.dataSync()[0];
  });
  return { value, gradient };
}
