import type { NcnnRule, NcnnVisit } from './ncnnVisit.js';
import {
  detections,
  interpolation,
  lrn,
  padding,
  pixelShuffle,
  pooling,
  priorBox,
  reorg,
  shuffleChannel,
} from './placesLayers.js';
import {
  concat,
  crop,
  expandDims,
  flatten,
  memoryData,
  permute,
  reduction,
  reshape,
  slice,
  squeeze,
  tile,
} from './shapeLayers.js';
import {
  convolution,
  convolution1d,
  deconvolution,
  embed,
  gemm,
  innerProduct,
  matMul,
  multiHeadAttention,
  recurrent,
  scaledAttention,
} from './weightedLayers.js';

const unary =
  (op: string): NcnnRule =>
  (visit) =>
    visit.add(op, [visit.x]);
const converted =
  (op: string, dtype: 'int8' | 'fp32'): NcnnRule =>
  (visit) =>
    visit.add(op, [visit.x], {}, dtype);
const passed: NcnnRule = (visit) => visit.x;
const copied: NcnnRule = (visit) => visit.layer.outputs.map((_, i) => visit.inputs[i] ?? visit.x);

const UNARY_OPS = [
  'abs',
  'neg',
  'floor',
  'ceil',
  'square',
  'sqrt',
  'rsqrt',
  'exp',
  'log',
  'sin',
  'cos',
  'sin',
  'sin',
  'cos',
  'sin',
  'reciprocal',
  'tanh',
  'log',
  'round',
  'floor',
];
const BINARY_OPS = ['add', 'sub', 'mul', 'div', 'max', 'min', 'pow', 'sub', 'div', 'pow', 'div', 'div'];
const ELTWISE_OPS = ['mul', 'add', 'max'];

/** One of a list of operators by the number in setting 0. */
const chosen =
  (ops: readonly string[], inputs: (visit: NcnnVisit) => readonly string[]): NcnnRule =>
  (visit) => {
    const op = ops[visit.number(0)];
    if (!op) throw visit.problem(`has operation ${visit.number(0)}, which ncnn does not have`);
    return visit.add(op, inputs(visit));
  };

/** Operands of ncnn broadcast from the front where their ranks differ: [C] with [C, H, W]. */
function aligned(visit: NcnnVisit): string[] {
  if (visit.number(1) || visit.inputs.length < 2) return [visit.x];
  const rank = Math.max(...visit.inputs.map((x) => visit.model.shapeOf(x).length));
  return visit.inputs.map((x) => {
    const shape = visit.model.shapeOf(x);
    const fits = shape.length === 2 && rank > 2 && shape[1] !== 1 && shape[1] === visit.model.shapeOf(other(visit, x))[1];
    if (fits) return visit.model.reshape(x, [...shape, ...Array(rank - 2).fill(1)]);
    return visit.model.reshape(x, [shape[0], ...Array(rank - shape.length).fill(1), ...shape.slice(1)]);
  });
}

const other = (visit: NcnnVisit, x: string): string => visit.inputs.find((y) => y !== x) ?? x;

/** Learned values unless setting `affineKey` says that there are none. */
const normalised =
  (op: string, affineKey: number): NcnnRule =>
  (visit) =>
    visit.add(op, [visit.x], visit.number(affineKey, 1) ? {} : { params: 0 });

const softmax: NcnnRule = (visit) => visit.add('softmax', [visit.x], { axis: visit.axis(visit.number(0)) });
const argMax: NcnnRule = (visit) => {
  const x = visit.model.reshape(visit.x, [visit.shape[0], visit.shape.slice(1).reduce((a, b) => a * b, 1)]);
  return `${visit.add('topk', [x], { k: visit.number(1, 1) })}`;
};
const groupNorm: NcnnRule = (visit) =>
  visit.add('group_norm', [visit.x], { groups: visit.number(0, 1), ...(visit.number(3, 1) ? {} : { params: 0 }) });
const statedScale: NcnnRule = (visit) =>
  visit.number(0) === -233 ? visit.add('mul', aligned(visit)) : visit.add('batch_norm', [visit.x]);

/** Layers by type; a new one is one line here. */
const RULES: Readonly<Record<string, NcnnRule>> = {
  Convolution: convolution,
  ConvolutionDepthWise: convolution,
  Convolution1D: convolution1d,
  ConvolutionDepthWise1D: convolution1d,
  Deconvolution: deconvolution,
  DeconvolutionDepthWise: deconvolution,
  InnerProduct: innerProduct,
  Gemm: gemm,
  MatMul: matMul,
  MultiHeadAttention: multiHeadAttention,
  SDPA: scaledAttention,
  RotaryEmbed: (visit) => visit.add('rotary_embedding', visit.inputs),
  Embed: embed,
  LSTM: recurrent('lstm'),
  GRU: recurrent('gru'),
  RNN: recurrent('rnn'),
  Pooling: pooling,
  Interp: interpolation,
  Padding: padding,
  ShuffleChannel: shuffleChannel,
  PixelShuffle: pixelShuffle,
  Reorg: reorg,
  PriorBox: priorBox,
  DetectionOutput: detections((visit) => visit.number(3, 100)),
  YoloDetectionOutput: detections(() => 100),
  Yolov3DetectionOutput: detections(() => 100),
  Reshape: reshape,
  Flatten: flatten,
  Permute: permute,
  Concat: concat,
  Slice: slice,
  Crop: crop,
  ExpandDims: expandDims,
  Squeeze: squeeze,
  Tile: tile,
  Reduction: reduction,
  MemoryData: memoryData,
  Split: copied,
  Noop: copied,
  DeepCopy: unary('copy'),
  Dropout: passed,
  Packing: passed,
  Softmax: softmax,
  ArgMax: argMax,
  BatchNorm: unary('batch_norm'),
  Scale: statedScale,
  Bias: (visit) => visit.add('add', [visit.x, visit.model.weight([1, visit.shape[1], ...visit.shape.slice(2).map(() => 1)])]),
  LayerNorm: normalised('layer_norm', 2),
  RMSNorm: normalised('rms_norm', 2),
  InstanceNorm: normalised('instance_norm', 2),
  GroupNorm: groupNorm,
  LRN: lrn,
  Normalize: unary('rms_norm'),
  BinaryOp: chosen(BINARY_OPS, aligned),
  Eltwise: chosen(ELTWISE_OPS, (visit) => visit.inputs),
  UnaryOp: chosen(UNARY_OPS, (visit) => [visit.x]),
  CumulativeSum: (visit) => visit.add('cumsum', [visit.x], { axis: visit.axis(visit.number(0)) }),
  ReLU: (visit) => visit.add(visit.number(0) ? 'leaky_relu' : 'relu', [visit.x]),
  Clip: (visit) => visit.add(visit.number(0, -1) === 0 && visit.number(1) === 6 ? 'relu6' : 'clip', [visit.x]),
  PReLU: unary('prelu'),
  ELU: unary('elu'),
  CELU: unary('elu'),
  SELU: unary('selu'),
  Sigmoid: unary('sigmoid'),
  TanH: unary('tanh'),
  Swish: unary('silu'),
  Mish: unary('mish'),
  GELU: unary('gelu'),
  HardSwish: unary('hardswish'),
  HardSigmoid: unary('hardsigmoid'),
  Softplus: unary('softplus'),
  BNLL: unary('softplus'),
  AbsVal: unary('abs'),
  Exp: unary('exp'),
  Log: unary('log'),
  Erf: unary('erf'),
  Threshold: unary('clip'),
  Power: (visit) => visit.add('pow', [visit.x]),
  Quantize: converted('quantize', 'int8'),
  Requantize: converted('quantize', 'int8'),
  Dequantize: converted('dequantize', 'fp32'),
  Cast: unary('cast'),
};

/** The rule of a type of layer; undefined where hwcast has none. */
export const ncnnRule = (type: string): NcnnRule | undefined => (Object.hasOwn(RULES, type) ? RULES[type] : undefined);
