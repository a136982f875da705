import { HwcastError } from '../core/errors.js';
import type { OpNode } from '../graph/opGraph.js';
import { tf } from '../tensor/tf.js';
import { BINARY, UNARY } from './tfjsElementwise.js';
import { batchNorm, conv2d, pool2d, resize } from './tfjsImage.js';
import { type Layout, toNhwc, toPlain } from './tfjsLayout.js';
import { attention, embedding, linear, matmul, pad, reduce, rowNorm, slice } from './tfjsSequence.js';
import type { WeightSource } from './tfjsWeights.js';

/** One operator as a function of its input tensors, and how its output lies. */
export interface TfjsOperator {
  run(inputs: tf.Tensor[]): tf.Tensor;
  layout: Layout;
}

/** Where a channel axis of [N, C, H, W] is in [N, H, W, C]. */
const NHWC_AXIS = [0, 3, 1, 2];

/**
 * The TensorFlow.js kernels of one node. `producers` are its inputs in argument order, `layouts` how they lie.
 * @throws HwcastError `unsupported` for operators and forms that have no kernel here.
 */
export function tfjsOperator(
  node: OpNode,
  producers: readonly OpNode[],
  layouts: readonly Layout[],
  weights: WeightSource,
): TfjsOperator {
  const x = producers[0]?.shape ?? [];
  const image = (run: (x: tf.Tensor4D) => tf.Tensor): TfjsOperator => ({
    run: ([t]) => run(toNhwc(t, layouts[0])),
    layout: 'nhwc',
  });
  const plain = (run: (...inputs: tf.Tensor[]) => tf.Tensor): TfjsOperator => ({
    run: (ts) => run(...ts.map((t, i) => toPlain(t, layouts[i]))),
    layout: 'plain',
  });
  const unary = UNARY[node.op];
  if (unary) return { run: ([t]) => unary(t), layout: layouts[0] };
  const binary = BINARY[node.op];
  if (binary) return broadcast(binary, producers, layouts);
  switch (node.op) {
    case 'conv2d':
      return image(conv2d(node, x[1], weights));
    case 'avg_pool2d':
    case 'max_pool2d':
      return image(pool2d(node));
    case 'global_avg_pool':
      return image((t) => tf.mean(t, [1, 2], true));
    case 'resize':
      return image(resize(node));
    case 'batch_norm':
      if (x.length === 4) return image(batchNorm(node, x[1], weights));
      return plain(channelAffine(node, weights));
    case 'concat': {
      const axis = Number(node.attrs.axis ?? 1);
      if (layouts.every((l) => l === 'nhwc')) return { run: (ts) => tf.concat(ts, NHWC_AXIS[axis]), layout: 'nhwc' };
      return plain((...ts) => tf.concat(ts, axis));
    }
    case 'reshape':
      return plain((t) => tf.reshape(t, node.shape));
    case 'transpose':
      return plain((t) => tf.transpose(t, node.attrs.order as number[]));
    case 'linear':
      return plain(linear(node, x[x.length - 1], weights));
    case 'matmul':
      return plain(matmul(node));
    case 'attention':
      return plain(attention(node, x.length));
    case 'softmax':
      return plain((t) => tf.softmax(t));
    case 'layer_norm':
    case 'rms_norm':
      return plain(rowNorm(node, weights));
    case 'embedding':
      return plain(embedding(node, weights));
    case 'reduce':
      return plain(reduce(node));
    case 'slice':
      return plain(slice(node));
    case 'pad':
      return plain(pad(node, x));
    default:
      throw new HwcastError('unsupported', `the tfjs runtime has no kernel for '${node.op}'`, {
        where: `node ${node.id}`,
        hint: 'measure it with another runtime',
      });
  }
}

/** Two operands in one layout; a lone operand is combined with 1. */
function broadcast(
  run: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
  producers: readonly OpNode[],
  layouts: readonly Layout[],
): TfjsOperator {
  if (producers.length === 1) return { run: ([a]) => run(a, tf.scalar(1)), layout: layouts[0] };
  const images = producers.every((p) => p.shape.length === 4) && layouts.includes('nhwc');
  const fold = (ts: tf.Tensor[]) => ts.reduce((a, b) => run(a, b));
  return images
    ? { run: (ts) => fold(ts.map((t, i) => toNhwc(t, layouts[i]))), layout: 'nhwc' }
    : { run: (ts) => fold(ts.map((t, i) => toPlain(t, layouts[i]))), layout: 'plain' };
}

/** Batch norm away from images: scale and shift along axis 1. */
function channelAffine(node: OpNode, weights: WeightSource): (x: tf.Tensor) => tf.Tensor {
  const shape = node.shape.map((n, i) => (i === 1 ? n : 1));
  const scale = weights(node, 'scale', shape);
  const shift = weights(node, 'shift', shape);
  return (x) => tf.add(tf.mul(x, scale), shift);
}
