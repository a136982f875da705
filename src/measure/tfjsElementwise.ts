import type { OpType } from '../graph/opGraph.js';
import { tf } from '../tensor/tf.js';

/** relu6(x + 3) / 6 (Howard et al., MobileNetV3, ICCV 2019, section 5.2) */
const hardSigmoid = (x: tf.Tensor): tf.Tensor => tf.div(tf.relu6(tf.add(x, 3)), 6);

/** Operators of one tensor that do not care how it lies. */
export const UNARY: Partial<Record<OpType, (x: tf.Tensor) => tf.Tensor>> = {
  relu: tf.relu,
  relu6: tf.relu6,
  sigmoid: tf.sigmoid,
  hardsigmoid: hardSigmoid,
  hardswish: (x) => tf.mul(x, hardSigmoid(x)),
  // x Phi(x), exact form (Hendrycks and Gimpel, 2016)
  gelu: (x) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1)),
  silu: (x) => tf.mul(x, tf.sigmoid(x)),
  tanh: tf.tanh,
  exp: tf.exp,
  erf: tf.erf,
  zero: (x) => tf.mul(x, 0),
  // a real copy: clone shares memory
  copy: (x) => tf.mul(x, 1),
};

/** Operators of two tensors, broadcasting. */
export const BINARY: Partial<Record<OpType, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor>> = {
  add: tf.add,
  mul: tf.mul,
  sub: tf.sub,
  div: tf.div,
};
