import { elementCount } from '../../core/elementCount.js';
import { COUNTED_PARAMS } from './attributes.js';
import { type OnnxForm, onnxBinary, onnxGate, onnxUnary } from './onnxForm.js';
import { type OperatorClass, operator } from './operator.js';
import { broadcastShape } from './shapes.js';
import { binary, type Tensor, type Tf, unary } from './tfjsKernel.js';

/** relu6(x + 3) / 6 (Howard et al., MobileNetV3, ICCV 2019, section 5.2) */
const hardSigmoid = (tf: Tf, x: Tensor) => tf.div(tf.relu6(tf.add(x, 3)), 6);
/** x Phi(x), exact form (Hendrycks and Gimpel, 2016) */
const gelu = (tf: Tf, x: Tensor) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));

const clipOnnx =
  (least: number, most: number): OnnxForm<unknown> =>
  ({ add, scalar }, [x]) =>
    add('Clip', [x, scalar(least), scalar(most)]);
const quickGeluOnnx = onnxGate(({ add, scalar }, [x]) => add('Sigmoid', [add('Mul', [x, scalar(1.702)])]));

/** How ONNX writes it: the name of its operator there, or a form. */
type InOnnx = string | OnnxForm<unknown>;
type Unary = readonly [name: string, flops: number, about: string, run?: (tf: Tf, x: Tensor) => Tensor, onnx?: InOnnx];

/**
 * Functions of one element. FLOPs are counted from the formula with exp, log, sqrt, tanh's division and so on as one operation each, as roofline
 * studies do; they matter little, since all of these are bound by memory.
 */
const UNARY: readonly Unary[] = [
  ['relu', 1, 'max(0, x)', (tf, x) => tf.relu(x), 'Relu'],
  ['relu6', 2, 'min(6, max(0, x))', (tf, x) => tf.relu6(x), clipOnnx(0, 6)],
  ['sigmoid', 4, '1 / (1 + exp(-x))', (tf, x) => tf.sigmoid(x), 'Sigmoid'],
  ['hardsigmoid', 3, 'relu6(x + 3) / 6', hardSigmoid, onnxUnary('HardSigmoid', { alpha: { float: 1 / 6 } })],
  ['hardswish', 4, 'x hardsigmoid(x)', (tf, x) => tf.mul(x, hardSigmoid(tf, x)), 'HardSwish'],
  ['gelu', 8, 'x Phi(x)', gelu, 'Gelu'],
  ['quick_gelu', 6, 'x sigmoid(1.702 x)', (tf, x) => tf.mul(x, tf.sigmoid(tf.mul(x, 1.702))), quickGeluOnnx],
  ['silu', 5, 'x sigmoid(x)', (tf, x) => tf.mul(x, tf.sigmoid(x)), onnxGate(onnxUnary('Sigmoid'))],
  ['mish', 8, 'x tanh(softplus(x))', (tf, x) => tf.mul(x, tf.tanh(tf.softplus(x))), 'Mish'],
  ['tanh', 6, 'hyperbolic tangent', (tf, x) => tf.tanh(x), 'Tanh'],
  ['softplus', 3, 'log(1 + exp(x))', (tf, x) => tf.softplus(x), 'Softplus'],
  ['softsign', 3, 'x / (1 + |x|)', (tf, x) => tf.div(x, tf.add(tf.abs(x), 1)), 'Softsign'],
  ['leaky_relu', 2, 'x, scaled where negative', (tf, x) => tf.leakyRelu(x), onnxUnary('LeakyRelu', { alpha: { float: 0.2 } })],
  ['elu', 3, 'x, exp(x) - 1 where negative', (tf, x) => tf.elu(x), 'Elu'],
  ['selu', 4, 'scaled elu', (tf, x) => tf.selu(x), 'Selu'],
  ['clip', 2, 'between two bounds', (tf, x) => tf.clipByValue(x, -1, 1), clipOnnx(-1, 1)],
  ['exp', 1, 'exponential', (tf, x) => tf.exp(x), 'Exp'],
  ['log', 1, 'natural logarithm', (tf, x) => tf.log(x), 'Log'],
  ['erf', 6, 'error function', (tf, x) => tf.erf(x), 'Erf'],
  ['sqrt', 1, 'square root', (tf, x) => tf.sqrt(x), 'Sqrt'],
  ['rsqrt', 2, '1 / sqrt(x)', (tf, x) => tf.rsqrt(x), ({ add }, [x]) => add('Reciprocal', [add('Sqrt', [x])])],
  ['square', 1, 'x x', (tf, x) => tf.square(x), ({ add }, [x]) => add('Mul', [x, x])],
  ['reciprocal', 1, '1 / x', (tf, x) => tf.reciprocal(x), 'Reciprocal'],
  ['abs', 1, 'absolute value', (tf, x) => tf.abs(x), 'Abs'],
  ['neg', 1, '-x', (tf, x) => tf.neg(x), 'Neg'],
  ['sign', 1, '-1, 0 or 1', (tf, x) => tf.sign(x), 'Sign'],
  ['sin', 1, 'sine', (tf, x) => tf.sin(x), 'Sin'],
  ['cos', 1, 'cosine', (tf, x) => tf.cos(x), 'Cos'],
  ['floor', 1, 'rounded down', (tf, x) => tf.floor(x), 'Floor'],
  ['ceil', 1, 'rounded up', (tf, x) => tf.ceil(x), 'Ceil'],
  ['round', 1, 'rounded', (tf, x) => tf.round(x), 'Round'],
  ['not', 1, 'logical or bitwise negation'],
];

type Binary = readonly [name: string, about: string, run?: (tf: Tf, a: Tensor, b: Tensor) => Tensor, onnx?: InOnnx];

/** Functions of one element of each operand, which broadcast: one operation for each output and operand after the first. */
const BINARY: readonly Binary[] = [
  ['mul', 'product', (tf, a, b) => tf.mul(a, b), 'Mul'],
  ['sub', 'difference', (tf, a, b) => tf.sub(a, b), 'Sub'],
  ['div', 'quotient', (tf, a, b) => tf.div(a, b), 'Div'],
  ['pow', 'power', (tf, a, b) => tf.pow(a, b), 'Pow'],
  ['mod', 'remainder', (tf, a, b) => tf.mod(a, b), onnxBinary('Mod', { fmod: 1 })],
  ['min', 'smaller', (tf, a, b) => tf.minimum(a, b), 'Min'],
  ['max', 'larger', (tf, a, b) => tf.maximum(a, b), 'Max'],
  ['equal', 'whether equal'],
  ['less', 'whether smaller (or equal)'],
  ['greater', 'whether larger (or equal)'],
  ['and', 'logical or bitwise and'],
  ['or', 'logical or bitwise or'],
  ['xor', 'logical or bitwise exclusive or'],
];

const ANY = Number.POSITIVE_INFINITY;

const several = (value: 'sum' | 'computed', [name, about, run, onnx]: Binary, feature: OperatorClass = 'add') =>
  operator(name, {
    about: `${about} of its operands, which broadcast; a lone operand is combined with a constant`,
    operands: [1, ANY],
    shape: broadcastShape,
    work: (inputs, _attrs, y) => ({ flops: Math.max(1, inputs.length - 1) * elementCount(y.shape) }),
    kernel: 'elementwise',
    value,
    feature,
    tfjs: run && binary(run),
    onnx: typeof onnx === 'string' ? onnxBinary(onnx) : onnx,
  });

/** x, scaled by a learned number for each channel where negative. */
const prelu = operator('prelu', {
  about: 'x, scaled by a learned number for each channel where negative',
  attributes: COUNTED_PARAMS,
  operands: [1, 2],
  shape: ([x]) => x,
  work: (_, _attrs, y) => ({ flops: 2 * elementCount(y.shape), params: y.shape[1] ?? 1 }),
  kernel: 'elementwise',
  weighted: true,
  feature: 'activation',
});

/** One of two operands by a condition. */
const where = operator('where', {
  about: 'elements of the second or third operand by the first, a condition; all broadcast',
  operands: [1, 3],
  shape: broadcastShape,
  work: (_, _attrs, y) => ({ flops: elementCount(y.shape) }),
  kernel: 'elementwise',
  feature: 'add',
});

export const ELEMENTWISE = [
  ...UNARY.map(([name, flops, about, run, onnx]) =>
    operator(name, {
      about,
      shape: ([x]) => x,
      work: (_, _attrs, y) => ({ flops: flops * elementCount(y.shape) }),
      kernel: 'elementwise',
      feature: 'activation',
      tfjs: run && unary(run),
      onnx: typeof onnx === 'string' ? onnxUnary(onnx) : onnx,
    }),
  ),
  prelu,
  several('sum', ['add', 'sum', (tf, a, b) => tf.add(a, b), 'Add']),
  ...BINARY.map((row) => several('computed', row)),
  where,
];
