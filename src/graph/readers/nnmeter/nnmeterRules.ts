import { elementCount } from '../../../core/elementCount.js';
import type { ChannelsLast } from '../channelsLast.js';
import type { NnmeterRule, NnmeterVisit } from './nnmeterVisit.js';

/** `Conv2D` with weights [H, W, Ci, Co], `Conv` with as many outputs as its shape states. */
const convolution: NnmeterRule = (visit) => {
  const weight = visit.list('weight_shape');
  const kernel = visit.list('kernel_shape') ?? weight?.slice(0, -2);
  const window = visit.window(kernel);
  return visit.picture(`conv${kernel?.length}d`, {
    ...window,
    groups: visit.list('group')?.[0] ?? (weight ? visit.channels / weight[weight.length - 2] : 1),
    outChannels: visit.positive('number of outputs', weight?.at(-1) ?? visit.statedChannels),
    bias: 0,
  });
};

/** Weights [H, W, Ci, multiplier]. */
const depthwise: NnmeterRule = (visit) => {
  const weight = visit.list('weight_shape');
  const kernel = visit.list('kernel_shape') ?? weight?.slice(0, 2);
  const outChannels = weight ? visit.channels * (weight.at(-1) ?? 1) : visit.channels;
  return visit.picture('conv2d', { ...visit.window(kernel), groups: visit.channels, outChannels, bias: 0 });
};

const transposed: NnmeterRule = (visit) =>
  visit.picture('conv_transpose2d', {
    ...visit.window(visit.list('kernel_shape')),
    groups: visit.list('group')?.[0] ?? 1,
    outChannels: visit.positive('number of outputs', visit.statedChannels),
    bias: 0,
  });

/** `ksize` is one number an axis, or those of the places only. */
const pool =
  (kind: 'avg' | 'max'): NnmeterRule =>
  (visit) => {
    const ksize = visit.list('ksize');
    const kernel = visit.list('kernel_shape') ?? (ksize?.length === 4 ? ksize.slice(1, 3) : ksize);
    return visit.picture(`${kind}_pool2d`, { ...visit.window(kernel), ceilMode: visit.list('ceil_mode')?.[0] ?? 0 });
  };

const globalPool =
  (kind: 'avg' | 'max'): NnmeterRule =>
  (visit) =>
    visit.picture(`global_${kind}_pool`);

/** The file does not say whether axes are kept: the rank of its output does. */
const mean: NnmeterRule = (visit) => {
  const axes =
    visit.list('reduction_indices') ?? visit.list('axes') ?? visit.places.map((_, i) => i + (visit.channelAxis === 1 ? 2 : 1));
  const axis = axes.map((i) => (i < 0 ? i + visit.x.shape.length : i));
  const keepDims = visit.node.outputShapes[0]?.length === visit.x.shape.length ? 1 : 0;
  return visit.build.ordinary('reduce', [visit.x], { axis, keepDims });
};

const matMul: NnmeterRule = (visit) => {
  const [a, b] = visit.inputs;
  if (b) return visit.build.ordinary('matmul', [a, b]);
  return visit.build.ordinary('linear', [a], {
    outFeatures: visit.positive('number of outputs', visit.node.outputShapes[0]?.at(-1)),
  });
};

const gemm: NnmeterRule = (visit) =>
  visit.build.ordinary('linear', [visit.x], {
    outFeatures: visit.positive('number of outputs', visit.node.outputShapes[0]?.at(-1)),
    bias: 1,
  });

const reshape: NnmeterRule = (visit) => {
  const asked = visit.list('shape') ?? visit.node.outputShapes[0];
  if (!asked) throw visit.problem('does not say its shape');
  const count = elementCount(visit.x.shape);
  const rest = elementCount(asked.filter((n) => n !== -1));
  return visit.build.reshaped(
    visit.x,
    asked.map((n) => (n === -1 ? count / rest : n)),
  );
};

const flatten: NnmeterRule = (visit) => visit.build.flat(visit.x);
const squeeze: NnmeterRule = (visit) => {
  const axes = visit.list('squeeze_dims') ?? visit.list('axes');
  return visit.build.reshaped(
    visit.x,
    visit.x.shape.filter((n, i) => (axes ? !axes.includes(i) : n !== 1 || i === 0)),
  );
};

const concat: NnmeterRule = (visit) =>
  visit.build.ordinary('concat', visit.inputs, { axis: visit.axis('axis', visit.channelAxis) });

/** A part for each reader, all of one size: the file does not say how many outputs there are. */
const split: NnmeterRule = (visit) => {
  const axis = visit.axis('split_dim', visit.axis('axis', visit.channelAxis));
  const count = Math.max(1, visit.node.outbounds.length);
  const size = visit.x.shape[axis];
  const parts = visit.list('split') ?? Array<number>(count).fill(size / count);
  const y = visit.build.ordinary('split', [visit.x], { axis, parts }).tensor;
  return parts.map((_, i) => visit.build.plain(i ? `${y}:${i}` : y));
};

const transpose: NnmeterRule = (visit) => {
  const order = visit.list('perm');
  return order ? visit.build.ordinary('transpose', [visit.x], { order }) : visit.opaque();
};

const named =
  (op: string): NnmeterRule =>
  (visit) =>
    visit.elementwise(op);
const each = (names: string, rule: (visit: NnmeterVisit) => ChannelsLast): Record<string, NnmeterRule> =>
  Object.fromEntries(names.split(' ').map((name) => [name, rule]));

/** Operators by the names of TensorFlow and of ONNX; a new one is one line here. */
const RULES: Readonly<Record<string, NnmeterRule>> = {
  Conv2D: convolution,
  Conv: convolution,
  DepthwiseConv2dNative: depthwise,
  ConvTranspose: transposed,
  AvgPool: pool('avg'),
  AveragePool: pool('avg'),
  MaxPool: pool('max'),
  GlobalAveragePool: globalPool('avg'),
  GlobalMaxPool: globalPool('max'),
  Mean: mean,
  ReduceMean: mean,
  MatMul: matMul,
  Gemm: gemm,
  BiasAdd: (visit) => visit.biased(visit.x),
  ...each('FusedBatchNorm FusedBatchNormV2 FusedBatchNormV3 BatchNormalization', (visit) => visit.picture('batch_norm')),
  Reshape: reshape,
  Flatten: flatten,
  Squeeze: squeeze,
  ...each('Concat ConcatV2', concat as (visit: NnmeterVisit) => ChannelsLast),
  Split: split,
  Transpose: transpose,
  Softmax: (visit) => visit.build.ordinary('softmax', [visit.x], { axis: visit.axis('axis', -1) }),
  ...each('Add AddV2 AddN', (visit) => visit.elementwise('add')),
  ...each('Div RealDiv', (visit) => visit.elementwise('div')),
  ...each('Max Maximum', (visit) => visit.elementwise('max')),
  ...each('Min Minimum', (visit) => visit.elementwise('min')),
  Mul: named('mul'),
  Sub: named('sub'),
  Relu: named('relu'),
  Relu6: named('relu6'),
  Clip: named('clip'),
  Sigmoid: named('sigmoid'),
  HardSigmoid: named('hardsigmoid'),
  HardSwish: named('hardswish'),
  Tanh: named('tanh'),
  Elu: named('elu'),
  LeakyRelu: named('leaky_relu'),
  PRelu: (visit) => visit.picture('prelu'),
  LRN: (visit) => visit.picture('local_response_norm', { size: visit.list('size')?.[0] ?? 5 }),
  ...each('Identity Dropout', (visit) => visit.x),
};

/** What becomes of a node; a type without a rule is opaque, of the shape that the file states. */
export const nnmeterRule = (type: string): NnmeterRule => (Object.hasOwn(RULES, type) ? RULES[type] : (visit) => visit.opaque());
