import { tf } from '../tensor/tf.js';

/** Images lie as [N, H, W, C] inside (what the kernels of TensorFlow.js want), everything else as the graph says. */
export type Layout = 'nhwc' | 'plain';

/** [N, H, W, C] -> [N, C, H, W]; a view where height and width are 1. */
export function toPlain(x: tf.Tensor, layout: Layout): tf.Tensor {
  if (layout === 'plain') return x;
  const [n, h, w, c] = x.shape;
  return h * w === 1 ? tf.reshape(x, [n, c, 1, 1]) : tf.transpose(x, [0, 3, 1, 2]);
}

/** [N, C, H, W] -> [N, H, W, C]; a view where height and width are 1. */
export function toNhwc(x: tf.Tensor, layout: Layout): tf.Tensor4D {
  if (layout === 'nhwc') return x as tf.Tensor4D;
  const [n, c, h, w] = x.shape;
  return (h * w === 1 ? tf.reshape(x, [n, 1, 1, c]) : tf.transpose(x, [0, 2, 3, 1])) as tf.Tensor4D;
}

/** Shape of a tensor of the graph as it lies inside. */
export function shapeInside(shape: readonly number[], layout: Layout): number[] {
  return layout === 'nhwc' ? [shape[0], shape[2], shape[3], shape[1]] : [...shape];
}
