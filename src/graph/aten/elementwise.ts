import type { Attrs } from '../operators/attributes.js';
import type { Dtype } from '../tensorType.js';
import { type AtenRule, type AtenTable, type AtenTensor, operators, Unusable, weightsOf } from './atenCall.js';

/** Output as the first argument. */
export const like =
  (op: string, name = 'self', attrs: Attrs = {}): AtenRule =>
  (call) => {
    const x = call.tensor(name);
    return { op, attrs, inputs: [x], shape: x.shape };
  };

const RANK: Dtype[] = ['bool', 'uint8', 'int8', 'int16', 'int32', 'int64', 'fp8', 'fp16', 'bf16', 'fp32', 'fp64'];
const widest = (inputs: AtenTensor[]): Dtype =>
  inputs.map((t) => t.dtype).reduce((a, b) => (RANK.indexOf(b) > RANK.indexOf(a) ? b : a));

/** add, mul, ...: up to `most` tensors, scalars left out. */
const several =
  (op: string, most: number): AtenRule =>
  (call) => {
    const inputs = call.tensors().slice(0, most);
    if (!inputs.length) throw new Unusable('no tensor with an axis among its arguments');
    return { op, attrs: {}, inputs, dtype: widest(inputs) };
  };

/** min(max_val, max(min_val, x)); between -1 and 1 unless told (older traces do not tell: it is how relu6 is called). */
const hardtanh: AtenRule = (call) => {
  const given = (name: string, fallback: number) => (call.isGiven(name) ? call.numbers(name)[0] : fallback);
  const bounds = call.outputs ? [-1, 1] : [0, 6];
  return like(given('min_val', bounds[0]) === 0 && given('max_val', bounds[1]) === 6 ? 'relu6' : 'clip')(call);
};

/** Functions of one element: hwcast's operator and the ATen ones it stands for. What has no operator of its own stands with one of equal work. */
const UNARY: readonly (readonly [op: string, names: string])[] = [
  ['relu', 'relu threshold'],
  ['relu6', 'relu6'],
  ['sigmoid', 'sigmoid logit'],
  ['hardsigmoid', 'hardsigmoid'],
  ['hardswish', 'hardswish'],
  ['gelu', 'gelu'],
  ['silu', 'silu'],
  ['mish', 'mish'],
  ['tanh', 'tanh tanhshrink atanh sinh cosh asinh acosh'],
  ['softplus', 'softplus log_sigmoid log_sigmoid_forward'],
  ['leaky_relu', 'leaky_relu rrelu rrelu_with_noise hardshrink softshrink'],
  ['elu', 'elu celu'],
  ['selu', 'selu'],
  ['clip', 'clamp clamp_min clamp_max clip nan_to_num'],
  ['exp', 'exp exp2 expm1'],
  ['log', 'log log2 log10 log1p'],
  ['erf', 'erf erfc erfinv'],
  ['sqrt', 'sqrt'],
  ['rsqrt', 'rsqrt'],
  ['square', 'square'],
  ['reciprocal', 'reciprocal'],
  ['abs', 'abs absolute'],
  ['neg', 'neg negative'],
  ['sign', 'sign sgn signbit heaviside'],
  ['sin', 'sin tan asin arcsin'],
  ['cos', 'cos acos arccos atan arctan'],
  ['floor', 'floor trunc fix frac'],
  ['ceil', 'ceil'],
  ['round', 'round'],
  ['not', 'logical_not bitwise_not isnan isinf isfinite'],
];

/** Functions of one element of each of two operands. */
const BINARY: readonly (readonly [op: string, names: string])[] = [
  ['add', 'add'],
  ['mul', 'mul multiply'],
  ['sub', 'sub subtract rsub __rsub__'],
  ['div', 'div divide true_divide floor_divide'],
  ['pow', 'pow float_power'],
  ['mod', 'remainder fmod'],
  ['min', 'minimum fmin'],
  ['max', 'maximum fmax'],
  ['equal', 'eq ne not_equal'],
  ['less', 'lt le less less_equal'],
  ['greater', 'gt ge greater greater_equal'],
  ['and', 'logical_and bitwise_and __and__'],
  ['or', 'logical_or bitwise_or __or__'],
  ['xor', 'logical_xor bitwise_xor __xor__ bitwise_left_shift bitwise_right_shift __lshift__ __rshift__'],
  ['div', 'atan2'],
  ['mul', 'lerp xlogy copysign ldexp'],
];

export const ELEMENTWISE: AtenTable = Object.assign(
  {},
  ...UNARY.map(([op, names]) => operators(names, 'self', like(op))),
  ...BINARY.map(([op, names]) => operators(names, 'self other', several(op, 2))),
  operators('hardtanh', 'self min_val max_val', hardtanh),
  operators('addcmul addcdiv', 'self tensor1 tensor2', several('mul', 3)),
  operators('_weight_norm _weight_norm_interface', 'v g', several('mul', 2)),
  operators('where', 'condition self other', several('where', 3)),
  operators('masked_fill', 'self mask value', several('where', 2)),
  operators('prelu _prelu_kernel', 'self weight', (call) => ({ ...like('prelu')(call), weights: weightsOf(call, 'weight') })),
  operators('glu', 'self dim', (call) => {
    const x = call.tensor('self');
    const half = call.outputs?.[0]?.shape;
    if (!half) throw new Unusable('gated linear unit');
    // sigmoid of one half times the other: the work of a silu on half the elements
    return { op: 'silu', attrs: {}, inputs: [{ ...x, shape: [...half] }] };
  }),
  operators('dropout feature_dropout alpha_dropout', 'input p train', like('dropout', 'input')),
  operators('native_dropout', 'input p train', like('dropout', 'input')),
);
