import { elementCount } from '../../../../core/elementCount.js';
import { broadcastShape, sameShape } from '../../../operators/shapes.js';
import type { Operation, Rule, Rules } from '../operation.js';
import { isConstant, type Value } from '../value.js';

/** ONNX functions of one element and the operators that compute them. */
const UNARY: Readonly<Record<string, string>> = {
  Relu: 'relu',
  ThresholdedRelu: 'relu',
  LeakyRelu: 'leaky_relu',
  Elu: 'elu',
  Celu: 'elu',
  Selu: 'selu',
  Sigmoid: 'sigmoid',
  HardSigmoid: 'hardsigmoid',
  HardSwish: 'hardswish',
  Swish: 'silu',
  Mish: 'mish',
  Gelu: 'gelu',
  QuickGelu: 'quick_gelu',
  Tanh: 'tanh',
  Softplus: 'softplus',
  Softsign: 'softsign',
  Shrink: 'clip',
  Exp: 'exp',
  Log: 'log',
  Erf: 'erf',
  Sqrt: 'sqrt',
  Reciprocal: 'reciprocal',
  Rsqrt: 'rsqrt',
  Abs: 'abs',
  Neg: 'neg',
  Sign: 'sign',
  Sin: 'sin',
  Cos: 'cos',
  Tan: 'sin',
  Asin: 'sin',
  Acos: 'cos',
  Atan: 'tanh',
  Sinh: 'tanh',
  Cosh: 'tanh',
  Asinh: 'tanh',
  Acosh: 'tanh',
  Atanh: 'tanh',
  Floor: 'floor',
  Ceil: 'ceil',
  Round: 'round',
  Not: 'not',
  BitwiseNot: 'not',
};

/** ONNX functions of several operands that broadcast. */
const BROADCAST: Readonly<Record<string, string>> = {
  Add: 'add',
  Sum: 'add',
  Mean: 'add',
  Sub: 'sub',
  Mul: 'mul',
  Div: 'div',
  Pow: 'pow',
  Mod: 'mod',
  Min: 'min',
  Max: 'max',
  And: 'and',
  Or: 'or',
  Xor: 'xor',
  BitwiseAnd: 'and',
  BitwiseOr: 'or',
  BitwiseXor: 'xor',
  BitShift: 'mul',
};

const COMPARE: Readonly<Record<string, string>> = {
  Equal: 'equal',
  Less: 'less',
  LessOrEqual: 'less',
  Greater: 'greater',
  GreaterOrEqual: 'greater',
};

const NOT_NUMBERS = ['IsNaN', 'IsInf'];

/** An operator of operands that broadcast. A constant of one element is no operand of its own, unless it shapes the result. */
export function broadcasting(op: Operation, name: string, operands: readonly Value[], dtype?: Value['dtype']): Value {
  const shape = broadcastShape(operands.map((v) => v.shape));
  const single = (v: Value) => isConstant(v) && elementCount(v.shape) === 1;
  const kept = operands.filter((v) => !single(v));
  const alone = kept.length > 0 && sameShape(broadcastShape(kept.map((v) => v.shape)), shape);
  const read = alone && !op.folding ? kept : operands;
  return op.add(name, read, {}, { dtype: dtype ?? (alone ? kept[0].dtype : operands[0].dtype) });
}

const broadcast =
  (name: string, dtype?: Value['dtype']): Rule =>
  (op) =>
    broadcasting(op, name, op.operands, dtype);

/** An activation by its name in an attribute of a fused operator; x where there is none. */
export function activated(op: Operation, x: Value): Value {
  const name = op.string('activation');
  if (!name || name === 'None') return x;
  return op.add(UNARY[name] ?? (name === 'Clip' ? 'clip' : 'relu'), [x]);
}

function clip(op: Operation): Value {
  const bound = (i: number, name: string) => op.inputs[i]?.constant?.values()?.[0] ?? op.float(name);
  return op.add(bound(1, 'min') === 0 && bound(2, 'max') === 6 ? 'relu6' : 'clip', [op.input(0)]);
}

/** A function of one tensor, after adding a bias where there is one. */
const biased =
  (name: string): Rule =>
  (op) => {
    const bias = op.inputs[1];
    return op.add(name, [bias ? broadcasting(op, 'add', [op.input(0), bias]) : op.input(0)]);
  };

function prelu(op: Operation): Value {
  const [x, slope] = [op.input(0), op.input(1)];
  if (isConstant(slope)) return op.add('prelu', [x], {}, { weights: [slope] });
  return op.add('prelu', [x, slope], { params: 0 });
}

/** Scales and zero points of the operands stand between them: x, scale, zero point, y, .. */
export const quantizedOperands = (op: Operation, names: number): Value[] =>
  Array.from({ length: names }, (_, i) => op.inputs[3 * i]).filter((v) => v !== undefined);

export const ELEMENTWISE: Rules = {
  ...Object.fromEntries(Object.entries(UNARY).map(([type, name]): [string, Rule] => [type, (op) => op.add(name, [op.input(0)])])),
  ...Object.fromEntries(Object.entries(BROADCAST).map(([type, name]) => [type, broadcast(name)])),
  ...Object.fromEntries(Object.entries(COMPARE).map(([type, name]) => [type, broadcast(name, 'bool')])),
  ...Object.fromEntries(
    NOT_NUMBERS.map((type): [string, Rule] => [type, (op) => op.add('equal', [op.input(0)], {}, { dtype: 'bool' })]),
  ),
  Clip: clip,
  PRelu: prelu,
  Where: (op) => {
    const [condition, a, b] = op.inputs.map((_, i) => op.input(i));
    return op.add('where', [condition, a, b], {}, { dtype: a.dtype });
  },
};

export const ELEMENTWISE_MICROSOFT: Rules = {
  Gelu: biased('gelu'),
  FastGelu: biased('gelu'),
  BiasGelu: biased('gelu'),
  QuickGelu: (op) => op.add('quick_gelu', [op.input(0)]),
  BiasAdd: (op) => op.add('add', op.operands),
  QLinearAdd: (op) => op.add('add', quantizedOperands(op, 2)),
  QLinearMul: (op) => op.add('mul', quantizedOperands(op, 2)),
  QLinearSigmoid: (op) => op.add('sigmoid', [op.input(0)]),
  QLinearLeakyRelu: (op) => op.add('leaky_relu', [op.input(0)]),
  QLinearSoftmax: (op) => op.add('softmax', [op.input(0)], { axis: op.int('axis', -1) }),
};
