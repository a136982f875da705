import type { OnnxNode } from '../../../graph/readers/onnx/onnxModel.js';
import { flatten, pad, reshape, resize, squeeze, transpose, unsqueeze } from './axisOperators.js';
import { activation, batchNorm, clip, concat, elementwise, MERGES, quantize } from './elementwiseOperators.js';
import { isChannelsLast, type OnnxOperator } from './onnxWalk.js';
import { globalPool, pool, reduce } from './poolingOperators.js';
import { conv, gemm, matMul, recurrent } from './weightedOperators.js';

const pass: OnnxOperator = (walk, node) => walk.pass(node);

/** Operators with a layer in HLS, by ONNX's name. Those of QONNX are taken in any domain (`qonnx.custom_op.general`, `onnx.brevitas`, `finn..`). */
const OPERATORS: Record<string, OnnxOperator> = {
  Gemm: gemm,
  MatMul: matMul,
  Conv: conv,
  MaxPool: pool('max_pool'),
  AveragePool: pool('avg_pool'),
  GlobalMaxPool: globalPool('global_max_pool'),
  GlobalAveragePool: globalPool('global_avg_pool'),
  ReduceMean: reduce('global_avg_pool'),
  ReduceMax: reduce('global_max_pool'),
  BatchNormalization: batchNorm,
  ...Object.fromEntries([...Object.keys(MERGES), 'Div'].map((op) => [op, elementwise])),
  Concat: concat,
  ...Object.fromEntries(
    [
      'Relu',
      'LeakyRelu',
      'PRelu',
      'ThresholdedRelu',
      'Elu',
      'Selu',
      'Sigmoid',
      'HardSigmoid',
      'Tanh',
      'Softmax',
      'Softplus',
      'Softsign',
    ].map((op) => [op, activation]),
  ),
  Clip: clip,
  Reshape: reshape,
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Transpose: transpose,
  Pad: pad,
  Resize: resize,
  Upsample: resize,
  Identity: pass,
  Dropout: pass,
  Cast: pass,
  QuantizeLinear: quantize,
  DequantizeLinear: pass,
  GRU: recurrent('gru'),
  LSTM: recurrent('lstm'),
  RNN: recurrent('simple_rnn'),
};

const QONNX: Record<string, OnnxOperator> = { Quant: quantize, IntQuant: quantize, BipolarQuant: quantize };

/** The rule of a node, undefined for an operator that has none. */
export const onnxOperator = (node: OnnxNode): OnnxOperator | undefined =>
  Object.hasOwn(QONNX, node.opType)
    ? QONNX[node.opType]
    : (node.domain === '' || isChannelsLast(node)) && Object.hasOwn(OPERATORS, node.opType)
      ? OPERATORS[node.opType]
      : undefined;
