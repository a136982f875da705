import { elementCount } from '../../core/elementCount.js';
import type { Shape } from '../tensorType.js';
import { flag, Misfit, WEIGHT_TYPES, whole } from './attributes.js';
import { notInOnnx, type OnnxSite } from './onnxForm.js';
import { operator } from './operator.js';
import { type Tensor, unsupported } from './tfjsKernel.js';

interface Attributes {
  heads?: number;
  kvHeads?: number;
  headDim?: number;
  kvLength?: number;
  causal: 0 | 1;
}

interface Sizes {
  batch: number;
  heads: number;
  kvHeads: number;
  /** queries */
  length: number;
  /** keys and values, a cache included */
  kvLength: number;
  headDim: number;
  /** width of a head of the values */
  valueDim: number;
}

/**
 * Sizes of an attention over queries, keys and values as [B, heads, L, d] or [B, L, heads d]; keys and values may have fewer heads (grouped-query
 * attention, Ainslie et al., EMNLP 2023). What the tensors say needs no attribute; [B, L, heads d] needs `heads`.
 */
function sizesOf([q, k, v]: readonly Shape[], a: Attributes): Sizes {
  if (q.length !== 3 && q.length !== 4) throw new Misfit('needs [B, heads, L, d] or [B, L, heads d] inputs');
  const split = q.length === 4;
  const heads = a.heads ?? (split ? q[1] : undefined);
  if (heads === undefined) throw new Misfit('needs attrs.heads', 'the number of heads in the last axis of the queries');
  const headDim = a.headDim ?? (split ? q[3] : q[2] / heads);
  if (split ? heads !== q[1] || headDim !== q[3] : heads * headDim !== q[2])
    throw new Misfit(`${heads} heads of ${headDim} are not what the queries hold`);
  const keys = k?.length === q.length ? k : undefined;
  const kvHeads = a.kvHeads ?? (split ? keys?.[1] : keys && keys[2] / headDim) ?? heads;
  if (heads % kvHeads) throw new Misfit(`${kvHeads} key heads do not divide ${heads} heads`);
  const kvLength = a.kvLength ?? keys?.[split ? 2 : 1] ?? q[split ? 2 : 1];
  const valueDim = v?.length === q.length ? (split ? v[3] : v[2] / kvHeads) : headDim;
  return { batch: q[0], heads, kvHeads, length: q[split ? 2 : 1], kvLength, headDim, valueDim };
}

/** Written out as products and a softmax, which ONNX Runtime fuses where it can. */
function attentionOnnx(site: OnnxSite<Attributes>, operands: readonly string[]): string {
  const { attrs, inputs, output, add, integers, scalar } = site;
  if (inputs.length !== 3) throw notInOnnx(site, `needs queries, keys and values, has ${inputs.length} inputs`);
  if (attrs.causal) throw notInOnnx(site, 'causal masks are not built');
  const sizes = sizesOf(
    inputs.map((t) => t.shape),
    attrs,
  );
  const { batch, heads, kvHeads, length, kvLength, headDim, valueDim } = sizes;
  const isSplit = inputs[0].shape.length === 4;
  const shaped = (x: string, ...shape: number[]) => add('Reshape', [x, integers(shape)]);
  const intoHeads = (x: string, count: number, places: number, width: number) =>
    isSplit ? x : add('Transpose', [shaped(x, batch, places, count, width)], { perm: [0, 2, 1, 3] });
  /** keys or values of each head: [B, heads, S, width] */
  const repeated = (x: string, width: number) => {
    const y = intoHeads(x, kvHeads, kvLength, width);
    if (kvHeads === heads) return y;
    const wide = integers([batch, kvHeads, heads / kvHeads, kvLength, width]);
    return shaped(add('Expand', [shaped(y, batch, kvHeads, 1, kvLength, width), wide]), batch, heads, kvLength, width);
  };
  const keys = add('Transpose', [repeated(operands[1], headDim)], { perm: [0, 1, 3, 2] });
  const products = add('MatMul', [intoHeads(operands[0], heads, length, headDim), keys]); // [B, heads, L, S]
  const scores = add('Softmax', [add('Mul', [products, scalar(1 / Math.sqrt(headDim))])], { axis: -1 });
  const y = add('MatMul', [scores, repeated(operands[2], valueDim)]); // [B, heads, L, value d]
  return isSplit ? y : shaped(add('Transpose', [y], { perm: [0, 2, 1, 3] }), ...output.shape);
}

/** softmax(Q K^T / sqrt(d)) V, fused: MACs = B heads L S (d + value d), half of it when causal; the softmax is not counted. */
const attention = operator('attention', {
  about: 'fused scaled dot product attention over queries, keys, values (and a mask)',
  attributes: {
    heads: whole(1).optional(),
    kvHeads: whole(1).optional(),
    headDim: whole(1).optional(),
    kvLength: whole(1).optional(),
    causal: flag(0),
    computeDtype: WEIGHT_TYPES.computeDtype,
  },
  operands: [1, 4],
  shape(inputs, a) {
    const [q] = inputs;
    const { heads, valueDim } = sizesOf(inputs, a);
    return [...q.slice(0, -1), q.length === 4 ? valueDim : heads * valueDim];
  },
  work(inputs, a) {
    const { batch, heads, length, kvLength, headDim, valueDim } = sizesOf(
      inputs.map((t) => t.shape),
      a,
    );
    return { macs: batch * heads * length * kvLength * (headDim + valueDim) * (a.causal ? 0.5 : 1) };
  },
  // canonical texts state the shape where values are wider than queries
  textShape: ([q]) => q,
  kernel: 'closed',
  feature: 'attention',
  tfjs: {
    layout: 'plain',
    prepare(node) {
      const { tf, attrs, inputs, output } = node;
      if (inputs.length !== 3) throw unsupported(node, `needs queries, keys and values, has ${inputs.length} inputs`);
      const { heads, kvHeads, headDim } = sizesOf(
        inputs.map((t) => t.shape),
        attrs,
      );
      if (attrs.causal) throw unsupported(node, 'causal masks are not built');
      const split = inputs[0].shape.length === 4;
      const intoHeads = (x: Tensor, count: number) =>
        split ? x : tf.transpose(tf.reshape(x, [x.shape[0], x.shape[1]!, count, -1]), [0, 2, 1, 3]);
      const repeated = (x: Tensor): Tensor => {
        if (kvHeads === heads) return intoHeads(x, heads);
        const y = intoHeads(x, kvHeads); // [B, kvHeads, S, d]
        const [b, , s, d] = y.shape;
        return tf.reshape(tf.tile(tf.expandDims(y, 2), [1, 1, heads / kvHeads, 1, 1]), [b, heads, s!, d!]);
      };
      return (q, k, v) => {
        const scores = tf.softmax(tf.mul(tf.matMul(intoHeads(q, heads), repeated(k), false, true), 1 / Math.sqrt(headDim))); // [B, heads, L, S]
        const y = tf.matMul(scores, repeated(v)); // [B, heads, L, d]
        return tf.reshape(split ? y : tf.transpose(y, [0, 2, 1, 3]), [...output.shape]);
      };
    },
  },
  onnx: attentionOnnx,
});

/** [B, L, D] rotated by position (Su et al., RoFormer, 2021): two products and a sum for each element. */
const rotary = operator('rotary_embedding', {
  about: 'rotary position embedding; further inputs are positions or tables of sines and cosines',
  operands: [1, 4],
  shape: ([x]) => x,
  work: ([x]) => ({ flops: 3 * elementCount(x.shape) }),
  kernel: 'elementwise',
  feature: 'other',
});

export const ATTENTIONS = [attention, rotary];
