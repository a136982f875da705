import { KERNEL_KINDS } from '../src/analytical/kernelWork.js';
import { KERNEL_WIDTH, WAVES } from '../src/surrogate/operatorSum/kernelFeatures.js';
import type { KernelSet } from '../src/surrogate/operatorSum/kernelSet.js';
import { tf } from '../src/tensor/tf.js';

/** Inputs of a kernel to a network. */
export const KERNEL_INPUTS = KERNEL_WIDTH - WAVES - 1 + KERNEL_KINDS.length;

/** What the kernels of a set are to a network: the linear part of their features, and their kind; [kernels][KERNEL_INPUTS] */
export const inputsOf = ({ kind, features }: KernelSet): number[][] =>
  Array.from(kind, (k, i) => [
    ...features.subarray(i * KERNEL_WIDTH + WAVES + 1, (i + 1) * KERNEL_WIDTH),
    ...KERNEL_KINDS.map((_, j) => Number(j === k)),
  ]);

/** Huber's loss of each distance, which grows linearly beyond `most` (Huber, 1964). */
export function huber(distance: tf.Tensor, most: number): tf.Tensor {
  const inside = tf.minimum(distance, most);
  return tf.add(tf.mul(0.5, tf.square(inside)), tf.mul(most, tf.sub(distance, inside)));
}
