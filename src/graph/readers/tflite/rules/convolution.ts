import { elementCount } from '../../../../core/elementCount.js';
import type { Attrs } from '../../../operators/attributes.js';
import type { Shape } from '../../../tensorType.js';
import type { ChannelsLast } from '../../channelsLast.js';
import type { TableName } from '../tfliteSchema.js';
import type { TfliteConstant } from '../tfliteValue.js';
import type { TfliteRule, TfliteRules, TfliteVisit } from '../tfliteVisit.js';

const AXIS_NAMES: Readonly<Record<number, readonly string[]>> = { 2: ['h', 'w'], 3: ['d', 'h', 'w'] };
const last = (shape: Shape): number => shape[shape.length - 1];

/** Kernel, stride, dilation and padding by the options of a convolution. */
function windowOf(visit: TfliteVisit, table: TableName, kernel: readonly number[]): Attrs {
  const options = visit.options(table);
  const each = (field: (axis: string) => string) =>
    AXIS_NAMES[kernel.length].map((axis) => Math.max(1, options?.number(field(axis)) ?? 1));
  return {
    kernel: [...kernel],
    stride: each((axis) => `stride_${axis}`),
    dilation: each((axis) => `dilation_${axis}_factor`),
    padding: options?.number('padding') ? 'valid' : 'same',
  };
}

/** The weights of an operator, of as many axes as they must have; undefined where they are computed. @throws HwcastError `bad-input` */
function filtersOf(visit: TfliteVisit, axes: number): TfliteConstant | undefined {
  const weight = visit.weight(1);
  if (weight && weight.shape.length !== axes + 2) throw visit.problem(`has weights [${weight.shape}], not of ${axes + 2} axes`);
  return weight;
}

/** `CONV_2D`, weights [Co, H, W, Ci / groups]; `CONV_3D`, weights [D, H, W, Ci / groups, Co]. */
const convolution =
  (axes: 2 | 3): TfliteRule =>
  (visit) => {
    const table = axes === 2 ? 'Conv2DOptions' : 'Conv3DOptions';
    const [weight, bias] = [filtersOf(visit, axes), visit.weight(2)];
    if (!weight) return undefined;
    const kernel = axes === 2 ? weight.shape.slice(1, 3) : weight.shape.slice(0, 3);
    const [outChannels, perGroup] = axes === 2 ? [weight.shape[0], weight.shape[3]] : [weight.shape[4], weight.shape[3]];
    const channels = last(visit.input(0).shape);
    if (channels % perGroup) throw visit.problem(`weights [${weight.shape}] do not fit ${channels} channels`);
    const y = visit.picture(`conv${axes}d`, visit.tensor(), {
      ...windowOf(visit, table, kernel),
      groups: channels / perGroup,
      outChannels,
      bias: visit.inputs[2] ? 1 : 0,
      ...visit.weightAttrs([weight, bias]),
    });
    return visit.activated(y, table);
  };

/** Weights [1, H, W, Ci times a multiplier]. */
const depthwise: TfliteRule = (visit) => {
  const table = 'DepthwiseConv2DOptions';
  const [weight, bias] = [filtersOf(visit, 2), visit.weight(2)];
  if (!weight) return undefined;
  const channels = last(visit.input(0).shape);
  if (last(weight.shape) % channels) throw visit.problem(`weights [${weight.shape}] do not fit ${channels} channels`);
  const y = visit.picture('conv2d', visit.tensor(), {
    ...windowOf(visit, table, weight.shape.slice(1, 3)),
    groups: channels,
    outChannels: last(weight.shape),
    bias: visit.inputs[2] ? 1 : 0,
    ...visit.weightAttrs([weight, bias]),
  });
  return visit.activated(y, table);
};

/** Stride, and what is cut or added, so that every axis gets the size wanted of (size - 1) stride + kernel. */
function spread(kernel: readonly number[], stride: readonly number[], places: Shape, wanted: Shape): Attrs {
  const more = wanted.map((n, i) => (places[i] - 1) * stride[i] + kernel[i] - n);
  const before = more.map((n) => Math.max(0, n) >> 1);
  return {
    kernel: [...kernel],
    stride: [...stride],
    padding: [...before, ...more.map((n, i) => Math.max(0, n) - before[i])],
    outputPadding: more.map((n) => Math.max(0, -n)),
  };
}

/** `TRANSPOSE_CONV`: output shape, weights [Co, H, W, Ci], input, bias; `CONV_3D_TRANSPOSE` with weights [D, H, W, Co, Ci]. */
const transposed =
  (axes: 2 | 3): TfliteRule =>
  (visit) => {
    const table = axes === 2 ? 'TransposeConvOptions' : 'Conv3DOptions';
    const weight = filtersOf(visit, axes);
    if (!weight) return undefined;
    const x = visit.tensor(2);
    const wanted = visit.numbers(0) ?? visit.statedShape();
    const kernel = axes === 2 ? weight.shape.slice(1, 3) : weight.shape.slice(0, 3);
    const options = visit.options(table);
    const stride = AXIS_NAMES[axes].map((axis) => Math.max(1, options?.number(`stride_${axis}`) ?? 1));
    const y = visit.picture(`conv_transpose${axes}d`, x, {
      ...spread(kernel, stride, x.shape.slice(1, -1), wanted.slice(1, -1)),
      outChannels: axes === 2 ? weight.shape[0] : weight.shape[3],
      bias: visit.inputs[3] ? 1 : 0,
      ...visit.weightAttrs([weight, visit.weight(3)]),
    });
    return visit.activated(y, table);
  };

/** MediaPipe's transposed convolution with bias: input, weights [Co, H, W, Ci], bias; its stride is the size that the file states over the input's. */
const transposedWithBias: TfliteRule = (visit) => {
  const [weight, bias] = [filtersOf(visit, 2), visit.weight(2)];
  const x = visit.tensor();
  if (!weight || x.shape.length !== 4 || last(weight.shape) !== last(x.shape)) return undefined;
  const places = x.shape.slice(1, -1);
  const wanted = visit.statedShape().slice(1, -1);
  const stride = wanted.map((n, i) => Math.max(1, Math.round(n / places[i])));
  return visit.picture('conv_transpose2d', x, {
    ...spread(weight.shape.slice(1, 3), stride, places, wanted),
    outChannels: weight.shape[0],
    bias: bias ? 1 : 0,
    ...visit.weightAttrs([weight, bias]),
  });
};

const pool =
  (kind: 'avg' | 'max'): TfliteRule =>
  (visit) => {
    const y = pooled(visit, visit.tensor(), kind);
    return visit.activated(y, 'Pool2DOptions');
  };

function pooled(visit: TfliteVisit, x: ChannelsLast, kind: 'avg' | 'max'): ChannelsLast {
  const options = visit.options('Pool2DOptions');
  const pair = (name: string) => ['height', 'width'].map((axis) => Math.max(1, options?.number(`${name}_${axis}`) ?? 1));
  return visit.picture(`${kind}_pool2d`, x, {
    kernel: pair('filter'),
    stride: ['h', 'w'].map((axis) => Math.max(1, options?.number(`stride_${axis}`) ?? 1)),
    padding: options?.number('padding') ? 'valid' : 'same',
  });
}

/** The root of the mean of squares. */
const rootPool: TfliteRule = (visit) => {
  const squares = visit.build.elementwise('square', [visit.tensor()], {}, visit.dtype);
  return visit.activated(visit.build.elementwise('sqrt', [pooled(visit, squares, 'avg')], {}, visit.dtype), 'Pool2DOptions');
};

/** Images of the size in the second input. */
const resize: TfliteRule = (visit) => {
  const x = visit.tensor();
  const [n, ...rest] = x.shape;
  const size = visit.numbers(1) ?? visit.statedShape().slice(1, 3);
  return visit.picture('resize', x, { shape: [n, last(rest), ...size] });
};

const blocks =
  (op: string): TfliteRule =>
  (visit) =>
    visit.picture(op, visit.tensor(), { block: visit.option('BlockOptions', 'block_size', 1) });

const localResponseNorm: TfliteRule = (visit) =>
  visit.picture('local_response_norm', visit.tensor(), {
    size: 2 * visit.option('LocalResponseNormalizationOptions', 'radius') + 1,
  });

/** Scaled by a learned number for each channel, or for all, where negative. */
const prelu: TfliteRule = (visit) => {
  const [x, slope] = [visit.tensor(), visit.weight(1)];
  if (!slope) return undefined;
  const count = elementCount(slope.shape);
  const { params = count } = visit.counted([slope]);
  const channels = x.shape.length > 1 ? last(x.shape) : 1;
  return visit.picture('prelu', x, params === channels ? {} : { params });
};

/** Operators over places and channels. */
export const PICTURES: TfliteRules = {
  CONV_2D: convolution(2),
  CONV_3D: convolution(3),
  DEPTHWISE_CONV_2D: depthwise,
  TRANSPOSE_CONV: transposed(2),
  CONV_3D_TRANSPOSE: transposed(3),
  Convolution2DTransposeBias: transposedWithBias,
  AVERAGE_POOL_2D: pool('avg'),
  MAX_POOL_2D: pool('max'),
  L2_POOL_2D: rootPool,
  RESIZE_BILINEAR: resize,
  RESIZE_NEAREST_NEIGHBOR: resize,
  SPACE_TO_DEPTH: blocks('space_to_depth'),
  DEPTH_TO_SPACE: blocks('depth_to_space'),
  LOCAL_RESPONSE_NORMALIZATION: localResponseNorm,
  PRELU: prelu,
};
