import type { Layout } from '../graph/operators/tfjsKernel.js';
import type { Shape } from '../graph/tensorType.js';
import { tf } from '../tensor/tf.js';

/** A tensor of the graph brought from how it lies to how it is wanted; only images lie as [N, H, W, C]. */
export function toLayout(x: tf.Tensor, from: Layout, to: Layout): tf.Tensor {
  if (from === to) return x;
  return to === 'plain' ? toPlain(x) : toNhwc(x);
}

/** [N, H, W, C] -> [N, C, H, W]; a view where height and width are 1. */
function toPlain(x: tf.Tensor): tf.Tensor {
  const [n, h, w, c] = x.shape;
  return h * w === 1 ? tf.reshape(x, [n, c, 1, 1]) : tf.transpose(x, [0, 3, 1, 2]);
}

/** [N, C, H, W] -> [N, H, W, C]; a view where height and width are 1. */
function toNhwc(x: tf.Tensor): tf.Tensor {
  const [n, c, h, w] = x.shape;
  return h * w === 1 ? tf.reshape(x, [n, 1, 1, c]) : tf.transpose(x, [0, 2, 3, 1]);
}

/** Shape of a tensor of the graph as it lies inside. */
export function shapeInside(shape: Shape, layout: Layout): number[] {
  return layout === 'nhwc' ? [shape[0], shape[2], shape[3], shape[1]] : [...shape];
}
