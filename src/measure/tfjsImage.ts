import { HwcastError } from '../core/errors.js';
import type { OpNode } from '../graph/opGraph.js';
import { tf } from '../tensor/tf.js';
import type { WeightSource } from './tfjsWeights.js';

type ImageOperator = (x: tf.Tensor4D) => tf.Tensor;

const pair = (value: unknown, fallback: number): [number, number] =>
  Array.isArray(value) ? [value[0], value[1] ?? value[0]] : typeof value === 'number' ? [value, value] : [fallback, fallback];

/** Padding as the kernels take it: one number where both axes agree. */
function padding(node: OpNode): number | [[number, number], [number, number], [number, number], [number, number]] {
  const [ph, pw] = pair(node.attrs.padding, 0);
  return ph === pw
    ? ph
    : [
        [0, 0],
        [ph, ph],
        [pw, pw],
        [0, 0],
      ];
}

/**
 * Convolution [N, H, W, Ci] -> [N, H', W', Co]: one kernel where groups = 1, a depthwise kernel where groups = Ci, else one convolution for
 * each group between a split and a concatenation.
 */
export function conv2d(node: OpNode, channels: number, weights: WeightSource): ImageOperator {
  const [kh, kw] = pair(node.attrs.kernel, 1);
  const stride = pair(node.attrs.stride, 1);
  const groups = Number(node.attrs.groups ?? 1);
  const out = Number(node.attrs.outChannels);
  const pad = padding(node);
  const perGroup = channels / groups;
  const bias = node.attrs.bias ? weights(node, 'bias', [out]) : undefined;
  const finish = (y: tf.Tensor) => (bias ? tf.add(y, bias) : y);
  if (groups === 1) {
    const filter = weights(node, 'weight', [kh, kw, channels, out]) as tf.Tensor4D;
    return (x) => finish(tf.conv2d(x, filter, stride, pad));
  }
  if (perGroup === 1) {
    const filter = weights(node, 'weight', [kh, kw, channels, out / channels]) as tf.Tensor4D;
    return (x) => finish(tf.depthwiseConv2d(x, filter, stride, pad));
  }
  const filters = Array.from(
    { length: groups },
    (_, g) => weights(node, `weight${g}`, [kh, kw, perGroup, out / groups]) as tf.Tensor4D,
  );
  // groups x [N, H', W', Co / groups]
  return (x) =>
    finish(
      tf.concat(
        (tf.split(x, groups, 3) as tf.Tensor4D[]).map((part, g) => tf.conv2d(part, filters[g], stride, pad)),
        3,
      ),
    );
}

/** [N, H, W, C] -> [N, H', W', C]; padded places do not count in averages. */
export function pool2d(node: OpNode): ImageOperator {
  const kernel = pair(node.attrs.kernel, 1);
  const stride = pair(node.attrs.stride, 1);
  const pad = padding(node);
  return node.op === 'avg_pool2d' ? (x) => tf.avgPool(x, kernel, stride, pad) : (x) => tf.maxPool(x, kernel, stride, pad);
}

/** Inference batch norm: a scale and a shift per channel, the last axis of [N, H, W, C]. */
export function batchNorm(node: OpNode, channels: number, weights: WeightSource): ImageOperator {
  const scale = weights(node, 'scale', [channels]) as tf.Tensor1D;
  const shift = weights(node, 'shift', [channels]) as tf.Tensor1D;
  const mean = weights(node, 'mean', [channels]) as tf.Tensor1D;
  const variance = weights(node, 'variance', [channels]) as tf.Tensor1D;
  return (x) => tf.batchNorm(x, mean, variance, shift, scale, 0);
}

/** Bilinear resize to the node's height and width. */
export function resize(node: OpNode): ImageOperator {
  if (node.shape.length !== 4)
    throw new HwcastError('unsupported', `tfjs runs resize on [N, C, H, W] only, not [${node.shape}]`, {
      where: `node ${node.id}`,
    });
  const size: [number, number] = [node.shape[2], node.shape[3]];
  return (x) => tf.image.resizeBilinear(x, size);
}
