import { inferShape } from '../../../graph/inferShape.js';
import type { Tensor } from '../../../graph/operatorText.js';
import type { Attrs, Dtype, OpType } from '../../../graph/opGraph.js';
import { type AtenArguments, Unusable } from './atenArguments.js';

export type AtenRule = (a: AtenArguments) => Made;
/** An operator before its output is inferred. */
export interface Made {
  op: OpType;
  attrs: Attrs;
  inputs: Tensor[];
  /** where it does not follow from the rest */
  shape?: number[];
  /** of the output; the first input's unless told */
  dtype?: Dtype;
}

const pair = (values: number[]): number[] => (values.length === 1 ? [values[0], values[0]] : values);

/** x, weight, then stride, padding, dilation, groups at these positions; `transposed` where the operator has such a flag. */
function convolution(at: {
  stride: number;
  padding: number;
  dilation: number;
  groups?: number;
  bias?: number;
  transposed?: number;
}): AtenRule {
  return (a) => {
    const x = a.tensor(0),
      w = a.tensor(1);
    if (at.transposed !== undefined && a.flag(at.transposed)) throw new Unusable('transposed convolution');
    const axes = x.shape.length - 2;
    if ((axes !== 1 && axes !== 2) || w.shape.length !== x.shape.length) throw new Unusable(`convolution over ${axes} axes`);
    // a 1-D convolution is a 2-D one of height 1
    const flat = axes === 1,
      wide = (s: number[]) => (flat ? [s[0], s[1], 1, s[2]] : s);
    const shape = wide(x.shape),
      [outChannels, , kh, kw] = wide(w.shape);
    const line = (values: number[], fill: number) => (flat ? [fill, values[0]] : pair(values));
    const stride = line(a.numbers(at.stride, 'stride'), 1),
      dilation = line(a.numbers(at.dilation, 'dilation'), 1);
    const same = a.event.concrete?.[at.padding];
    const padding =
      same === 'valid'
        ? [0, 0]
        : same === 'same'
          ? [(dilation[0] * (kh - 1)) >> 1, (dilation[1] * (kw - 1)) >> 1]
          : line(a.numbers(at.padding, 'padding'), 0);
    const groups = at.groups === undefined ? shape[1] / w.shape[1] : a.numbers(at.groups, 'groups')[0];
    const attrs: Attrs = {
      kernel: [kh, kw],
      stride,
      padding,
      groups,
      outChannels,
      bias: at.bias !== undefined && a.has(at.bias) ? 1 : 0,
      ...(dilation.some((d) => d !== 1) ? { dilation } : {}),
    };
    return { op: 'conv2d', attrs, inputs: [{ shape, dtype: x.dtype }] };
  };
}

/** Normalisations, activations: the output is as the first input. */
const like =
  (op: OpType, attrs: Attrs = {}): AtenRule =>
  (a) => ({ op, attrs, inputs: [a.tensor(0)], shape: a.tensor(0).shape });

/** add, mul, ...: one or two tensors, scalars left out. */
const binary =
  (op: OpType): AtenRule =>
  (a) => {
    const inputs = a.tensors().slice(0, 2);
    if (!inputs.length) throw new Unusable('no tensor with an axis among its arguments');
    return { op, attrs: {}, inputs, dtype: widest(inputs) };
  };
const RANK: Dtype[] = ['bool', 'uint8', 'int8', 'int16', 'int32', 'int64', 'fp8', 'fp16', 'bf16', 'fp32', 'fp64'];
const widest = (inputs: Tensor[]): Dtype =>
  inputs.map((t) => t.dtype).reduce((a, b) => (RANK.indexOf(b) > RANK.indexOf(a) ? b : a));

const linear =
  (xAt: number, wAt: number, biasAt: number, outAxis: number): AtenRule =>
  (a) => {
    const x = a.tensor(xAt),
      w = a.tensor(wAt);
    if (w.shape.length !== 2) throw new Unusable('weight is no matrix');
    return { op: 'linear', attrs: { outFeatures: w.shape[outAxis], bias: biasAt >= 0 && a.has(biasAt) ? 1 : 0 }, inputs: [x] };
  };

const matmul =
  (xAt: number, yAt: number): AtenRule =>
  (a) => {
    const inputs = [a.tensor(xAt), a.tensor(yAt)];
    if (inputs.some((t) => t.shape.length < 2)) throw new Unusable('product with a vector');
    return { op: 'matmul', attrs: { transposeB: 0 }, inputs };
  };

/** x, kernel, stride (empty = kernel), padding */
const pool =
  (op: 'avg_pool2d' | 'max_pool2d', ceilAt: number): AtenRule =>
  (a) => {
    const x = a.tensor(0),
      kernel = pair(a.numbers(1, 'kernel')),
      stated = a.event.concrete?.[2] === '' ? [] : a.numbers(2, 'stride');
    const stride = stated.length ? pair(stated) : kernel,
      padding = pair(a.numbers(3, 'padding'));
    const inferred = inferShape(op, [x.shape], { kernel, stride, padding });
    const shape = a.flag(ceilAt)
      ? inferred.map((n, i) => (i < 2 ? n : Math.ceil((x.shape[i] + 2 * padding[i - 2] - kernel[i - 2]) / stride[i - 2]) + 1))
      : inferred;
    return { op, attrs: { kernel, stride, padding }, inputs: [x], shape };
  };

const adaptivePool: AtenRule = (a): Made => {
  const x = a.tensor(0),
    [h, w] = pair(a.numbers(1, 'output size'));
  if (x.shape.length !== 4) throw new Unusable('pool over other than two axes');
  if (h === 1 && w === 1) return { op: 'global_avg_pool', attrs: {}, inputs: [x] };
  const kernel = [Math.ceil(x.shape[2] / h), Math.ceil(x.shape[3] / w)];
  return {
    op: 'avg_pool2d',
    attrs: { kernel, stride: [Math.floor(x.shape[2] / h) || 1, Math.floor(x.shape[3] / w) || 1], padding: [0, 0] },
    inputs: [x],
    shape: [x.shape[0], x.shape[1], h, w],
  };
};

/** x, axes (absent = all), keepdim */
const reduce: AtenRule = (a): Made => {
  const x = a.tensor(0),
    rank = x.shape.length,
    hasAxes = !!a.event.concrete?.[1] && /[\d]/.test(a.event.concrete[1]);
  if (!a.event.concrete) throw new Unusable('no axes: the trace has no Concrete Inputs (older PyTorch)');
  const axes = hasAxes ? a.numbers(1, 'axes').map((i) => (i < 0 ? i + rank : i)) : x.shape.map((_, i) => i);
  const keep = hasAxes && a.flag(2);
  if (rank === 4 && keep && axes.length === 2 && axes.includes(2) && axes.includes(3))
    return { op: 'global_avg_pool', attrs: {}, inputs: [x] };
  return {
    op: 'reduce',
    attrs: { axis: axes },
    inputs: [x],
    shape: x.shape.flatMap((n, i) => (axes.includes(i) ? (keep ? [1] : []) : [n])),
  };
};

/** q, k, v as [B, H, S, D]; the flag `is_causal` at `causalAt` */
const attention =
  (causalAt: number): AtenRule =>
  (a) => {
    const q = a.tensor(0),
      k = a.tensor(1),
      v = a.tensor(2);
    if (q.shape.length !== 4 || k.shape.length !== 4) throw new Unusable('attention over other than four axes');
    const [, heads, length, headDim] = q.shape;
    return {
      op: 'attention',
      attrs: { heads, kvHeads: k.shape[1], headDim, kvLength: k.shape[2], causal: a.flag(causalAt) ? 1 : 0 },
      inputs: [q, k, v],
      shape: [q.shape[0], heads, length, v.shape[3]],
    };
  };

/** table, indices */
const embedding: AtenRule = (a) => {
  const table = a.tensor(0),
    indices = a.tensor(1);
  return { op: 'embedding', attrs: { rows: table.shape[0], dim: table.shape[1] ?? 1 }, inputs: [indices], dtype: table.dtype };
};

/** x, axis, indices: as large as the indices */
const gather: AtenRule = (a) => {
  const x = a.tensor(0),
    indices = a.tensor(2);
  return { op: 'gather', attrs: {}, inputs: [x, indices], shape: indices.shape };
};

/** x, axis, indices: x with the axis as long as the indices */
const indexSelect: AtenRule = (a) => {
  const x = a.tensor(0),
    axis = a.numbers(1, 'axis')[0],
    indices = a.tensor(2);
  return {
    op: 'gather',
    attrs: {},
    inputs: [x, indices],
    shape: x.shape.map((n, i) => (i === (axis < 0 ? axis + x.shape.length : axis) ? (indices.shape[0] ?? 1) : n)),
  };
};

const copy: AtenRule = (a) => {
  const to = a.tensor(0),
    from = a.has(1) ? a.tensor(1) : to;
  return { op: 'copy', attrs: {}, inputs: [from], shape: to.shape, dtype: to.dtype };
};

const concat: AtenRule = (a) => {
  const shapes = a.list(0),
    axis = a.numbers(1, 'axis')[0],
    rank = shapes[0]?.length ?? 0;
  if (!rank) throw new Unusable('all parts are empty');
  return {
    op: 'concat',
    attrs: { axis: axis < 0 ? axis + rank : axis },
    inputs: shapes.map((shape) => ({ shape, dtype: UNKNOWN })),
  };
};
/** Element type of the parts of a tensor list, which traces do not record; `mapOperator` puts the real one in. */
export const UNKNOWN = 'unknown' as Dtype;

/** x, sizes of padding from the last axis backwards */
const pad: AtenRule = (a) => {
  const x = a.tensor(0),
    sizes = a.numbers(1, 'padding'),
    shape = [...x.shape];
  for (let i = 0; 2 * i < sizes.length; i++) shape[shape.length - 1 - i] += sizes[2 * i] + sizes[2 * i + 1];
  return { op: 'pad', attrs: {}, inputs: [x], shape };
};

const resize: AtenRule = (a) => {
  const x = a.tensor(0),
    size = a.numbers(1, 'output size');
  return { op: 'resize', attrs: {}, inputs: [x], shape: [...x.shape.slice(0, x.shape.length - size.length), ...size] };
};

const fused = convolution({ bias: 2, stride: 3, padding: 4, dilation: 5, groups: 6 });
const general = convolution({ bias: 2, stride: 3, padding: 4, dilation: 5, transposed: 6, groups: 8 });

/** Rules by operator name without `aten::` and without the `_` of in-place variants. A new operator is one line here. */
export const ATEN_RULES: Readonly<Record<string, AtenRule>> = {
  conv1d: fused,
  conv2d: fused,
  cudnn_convolution_relu: fused,
  convolution: general,
  _convolution: general,
  cudnn_convolution: convolution({ padding: 2, stride: 3, dilation: 4, groups: 5 }),
  miopen_convolution: convolution({ bias: 2, padding: 3, stride: 4, dilation: 5, groups: 6 }),
  mkldnn_convolution: convolution({ bias: 2, padding: 3, stride: 4, dilation: 5, groups: 6 }),
  _conv_depthwise2d: convolution({ bias: 3, stride: 4, padding: 5, dilation: 6 }),
  linear: linear(0, 1, 2, 0),
  addmm: linear(1, 2, 0, 1),
  _addmm_activation: linear(1, 2, 0, 1),
  _scaled_mm: linear(0, 1, -1, 1),
  mm: matmul(0, 1),
  bmm: matmul(0, 1),
  matmul: matmul(0, 1),
  baddbmm: matmul(1, 2),
  _int_mm: matmul(0, 1),
  scaled_dot_product_attention: attention(5),
  _scaled_dot_product_flash_attention: attention(4),
  _scaled_dot_product_efficient_attention: attention(6),
  _scaled_dot_product_cudnn_attention: attention(6),
  _scaled_dot_product_flash_attention_for_cpu: attention(4),
  layer_norm: like('layer_norm'),
  native_layer_norm: like('layer_norm'),
  rms_norm: like('rms_norm'),
  _fused_rms_norm: like('rms_norm'),
  batch_norm: like('batch_norm'),
  native_batch_norm: like('batch_norm'),
  cudnn_batch_norm: like('batch_norm'),
  miopen_batch_norm: like('batch_norm'),
  _batch_norm_impl_index: like('batch_norm'),
  group_norm: like('opaque', { kind: 'aten::group_norm' }),
  native_group_norm: like('opaque', { kind: 'aten::group_norm' }),
  softmax: like('softmax'),
  _softmax: like('softmax'),
  log_softmax: like('softmax'),
  _log_softmax: like('softmax'),
  relu: like('relu'),
  relu6: like('relu6'),
  hardtanh: like('relu6'),
  sigmoid: like('sigmoid'),
  hardsigmoid: like('hardsigmoid'),
  hardswish: like('hardswish'),
  gelu: like('gelu'),
  silu: like('silu'),
  tanh: like('tanh'),
  exp: like('exp'),
  erf: like('erf'),
  dropout: like('dropout'),
  native_dropout: like('dropout'),
  add: binary('add'),
  mul: binary('mul'),
  sub: binary('sub'),
  rsub: binary('sub'),
  div: binary('div'),
  max_pool2d: pool('max_pool2d', 5),
  max_pool2d_with_indices: pool('max_pool2d', 5),
  avg_pool2d: pool('avg_pool2d', 4),
  adaptive_avg_pool2d: adaptivePool,
  _adaptive_avg_pool2d: adaptivePool,
  gather,
  index_select: indexSelect,
  mean: reduce,
  sum: reduce,
  amax: reduce,
  amin: reduce,
  embedding,
  copy,
  cat: concat,
  concat,
  pad,
  constant_pad_nd: pad,
  roll: like('copy'),
  upsample_nearest2d: resize,
  upsample_bilinear2d: resize,
  upsample_bicubic2d: resize,
};
