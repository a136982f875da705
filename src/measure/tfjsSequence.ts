import { HwcastError } from '../core/errors.js';
import type { OpNode } from '../graph/opGraph.js';
import { tf } from '../tensor/tf.js';
import type { WeightSource } from './tfjsWeights.js';

type PlainOperator = (...inputs: tf.Tensor[]) => tf.Tensor;

const unsupported = (node: OpNode, why: string) =>
  new HwcastError('unsupported', `tfjs cannot run ${node.op}: ${why}`, {
    where: `node ${node.id}`,
    hint: 'measure it with another runtime',
  });

/** [.., k] x [k, n] + [n] -> [.., n] */
export function linear(node: OpNode, features: number, weights: WeightSource): PlainOperator {
  const out = Number(node.attrs.outFeatures);
  const w = weights(node, 'weight', [features, out]) as tf.Tensor2D; // [k, n]
  const bias = node.attrs.bias ? weights(node, 'bias', [out]) : undefined;
  return (x) => {
    const y = tf.matMul(tf.reshape(x, [-1, features]) as tf.Tensor2D, w); // [rows, n]
    return tf.reshape(bias ? tf.add(y, bias) : y, node.shape);
  };
}

/** [.., m, k] x [.., k, n] -> [.., m, n] */
export function matmul(node: OpNode): PlainOperator {
  const transposeB = Boolean(node.attrs.transposeB);
  return (a, b) => tf.matMul(a, b, false, transposeB);
}

/** Normalisation over the last axis with learned scale (and shift, for layer norm). */
export function rowNorm(node: OpNode, weights: WeightSource): PlainOperator {
  const d = node.shape[node.shape.length - 1];
  const scale = weights(node, 'scale', [d]);
  if (node.op === 'rms_norm') return (x) => tf.mul(tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), 1e-5))), scale);
  const shift = weights(node, 'shift', [d]);
  return (x) => {
    const { mean, variance } = tf.moments(x, -1, true); // [.., 1]
    return tf.add(tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-5))), scale), shift);
  };
}

/** softmax(Q K^T / sqrt(d)) V on [B, heads, L, d] or [B, L, heads d]; queries, keys and values come as three inputs with as many heads. */
export function attention(node: OpNode, rank: number): PlainOperator {
  const heads = Number(node.attrs.heads);
  const d = Number(node.attrs.headDim);
  if (node.inputs.length !== 3) throw unsupported(node, `needs queries, keys and values, has ${node.inputs.length} inputs`);
  if (Number(node.attrs.kvHeads ?? heads) !== heads)
    throw unsupported(node, `${node.attrs.kvHeads} key heads for ${heads} heads`);
  if (node.attrs.causal) throw unsupported(node, 'causal masks are not built');
  if (rank !== 3 && rank !== 4) throw unsupported(node, `rank ${rank}`);
  const split = (x: tf.Tensor) =>
    rank === 4 ? x : tf.transpose(tf.reshape(x, [x.shape[0], x.shape[1]!, heads, d]), [0, 2, 1, 3]);
  return (q, k, v) => {
    const scores = tf.softmax(tf.mul(tf.matMul(split(q), split(k), false, true), 1 / Math.sqrt(d))); // [B, heads, L, S]
    const y = tf.matMul(scores, split(v)); // [B, heads, L, d]
    return tf.reshape(rank === 4 ? y : tf.transpose(y, [0, 2, 1, 3]), node.shape);
  };
}

/** Rows of a table: integers [..] -> [.., dim] */
export function embedding(node: OpNode, weights: WeightSource): PlainOperator {
  const table = weights(node, 'table', [Number(node.attrs.rows), Number(node.attrs.dim)]); // [rows, dim]
  return (x) => tf.gather(table, x.dtype === 'int32' ? x : tf.cast(x, 'int32'));
}

/** Mean over `attrs.axis`, in the node's shape. */
export function reduce(node: OpNode): PlainOperator {
  const { axis } = node.attrs;
  if (axis === undefined || typeof axis === 'string') throw unsupported(node, 'needs attrs.axis');
  return (x) => tf.reshape(tf.mean(x, axis), node.shape);
}

/** The block of the node's shape that starts at `attrs.begin`, or at 0. */
export function slice(node: OpNode): PlainOperator {
  const begin = Array.isArray(node.attrs.begin) ? node.attrs.begin : node.shape.map(() => 0);
  return (x) => tf.slice(x, begin, node.shape);
}

/** Zeros around the input up to the node's shape: `attrs.before` of them in front, or none. */
export function pad(node: OpNode, from: readonly number[]): PlainOperator {
  const before = Array.isArray(node.attrs.before) ? node.attrs.before : node.shape.map(() => 0);
  const paddings = node.shape.map((n, i): [number, number] => [before[i], n - from[i] - before[i]]);
  if (paddings.some(([, after]) => after < 0)) throw unsupported(node, `[${from}] does not fit into [${node.shape}]`);
  return (x) => tf.pad(x, paddings);
}
