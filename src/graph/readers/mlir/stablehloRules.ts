import { elementCount } from '../../../core/elementCount.js';
import { product } from './contraction.js';
import { numbersOf } from './mlirTypes.js';
import type { MlirRule, MlirValue, MlirVisit } from './mlirVisit.js';
import { convolution } from './stablehloConvolution.js';

const all = (names: string, rule: (name: string) => MlirRule): Record<string, MlirRule> =>
  Object.fromEntries(names.split(' ').map((pair) => [pair.split('=')[0], rule(pair.split('=').at(-1)!)]));
const elementwise =
  (op: string): MlirRule =>
  (visit) =>
    visit.elementwise(op);

/** A value that lies in the model; numbers that are all the same are kept as one. */
export const constant: MlirRule = (visit) => {
  const shape = visit.shape();
  const splat = /dense<\s*(?:-?[\d.]|"?0x|true|false)[^[\],]*>/.test(visit.text) || elementCount(shape) === 1;
  const learned = !splat && /^(fp|bf)/.test(visit.dtype());
  const tensor = learned
    ? visit.model.weight(shape, visit.dtype())
    : visit.model.constant(splat ? shape.map(() => 1) : shape, visit.dtype());
  return { tensor, shape, fixed: { counted: !learned } };
};

const passed: MlirRule = (visit) => visit.operands.slice(0, Math.max(1, visit.operation.results.length));
const reshape: MlirRule = (visit) => visit.reshaped(visit.operand(0), visit.shape());

const transpose: MlirRule = (visit) => {
  const order = numbersOf(visit.text, 'dims') ?? numbersOf(visit.text, 'permutation');
  if (!order) throw visit.problem('states no order of axes');
  const x = visit.operand(0);
  // what lies in the model may lie there in any order
  if (x.fixed)
    return visit.reshaped(
      x,
      order.map((axis) => x.shape[axis]),
    );
  return visit.value('transpose', [visit.whole(x)], { order });
};

/** Repeated only where an operator needs it whole. */
const broadcast: MlirRule = (visit) => {
  const x = visit.operand(0);
  const axes = numbersOf(visit.text, 'dims') ?? numbersOf(visit.text, 'broadcast_dimensions') ?? [];
  const shape = visit.shape();
  const small = visit.model.shapeOf(x.tensor);
  const places = shape.map((_, i) => (axes.includes(i) ? (small[axes.indexOf(i)] ?? 1) : 1));
  return { tensor: visit.model.reshape(x.tensor, places), shape, fixed: x.fixed };
};

const dot: MlirRule = (visit) => {
  const [a, b] = [visit.operand(0), visit.operand(1)];
  return product(visit, a, b, { batch: [[], []], contracted: [[a.shape.length - 1], [0]] }, visit.shape(0, undefined));
};

/** `contracting_dims = [1] x [0]`, or lists of the generic form. */
function pairOf(visit: MlirVisit, short: string, long: string): [number[], number[]] {
  const found = new RegExp(`${short}\\s*=\\s*\\[([\\d,\\s]*)\\]\\s*x\\s*\\[([\\d,\\s]*)\\]`).exec(visit.text);
  const list = (text: string) =>
    text
      .split(',')
      .map((n) => n.trim())
      .filter(Boolean)
      .map(Number);
  if (found) return [list(found[1]), list(found[2])];
  return [numbersOf(visit.text, `lhs_${long}`) ?? [], numbersOf(visit.text, `rhs_${long}`) ?? []];
}

const dotGeneral: MlirRule = (visit) => {
  const [a, b] = [visit.operand(0), visit.operand(1)];
  const contraction = {
    batch: pairOf(visit, 'batching_dims', 'batching_dimensions'),
    contracted: pairOf(visit, 'contracting_dims', 'contracting_dimensions'),
  };
  const free = (value: MlirValue, side: 0 | 1) =>
    value.shape.filter((_, i) => !contraction.batch[side].includes(i) && !contraction.contracted[side].includes(i));
  const shape = [...contraction.batch[0].map((i) => a.shape[i]), ...free(a, 0), ...free(b, 1)];
  return product(visit, a, b, contraction, shape);
};

const KINDS: readonly [RegExp, 'max' | 'min' | 'prod' | 'sum'][] = [
  [/\.(maximum|maxf|maximumf|maxnumf|maxsi|or)\b/, 'max'],
  [/\.(minimum|minf|minimumf|minnumf|minsi|and)\b/, 'min'],
  [/\.(multiply|mulf|muli)\b/, 'prod'],
];
export const reductionKind = (text: string): 'max' | 'min' | 'prod' | 'sum' =>
  KINDS.find(([pattern]) => pattern.test(text))?.[1] ?? 'sum';

const reduce: MlirRule = (visit) => {
  if (visit.operation.results.length > 1) return visit.opaque();
  const axis = numbersOf(visit.text, 'dimensions') ?? [];
  return visit.value('reduce', [visit.whole(visit.operand(0))], { axis, kind: reductionKind(visit.text) });
};

/** Windows over at most three axes; the others are counted together. */
const reduceWindow: MlirRule = (visit) => {
  const [x, shape] = [visit.operand(0), visit.shape(0, undefined)];
  const sizes = numbersOf(visit.text, 'window_dimensions') ?? [];
  const strides = numbersOf(visit.text, 'window_strides') ?? [];
  const moving = sizes.flatMap((size, i) => (size > 1 || (strides[i] ?? 1) > 1 ? [i] : []));
  if (!moving.length || moving.length > 3 || visit.operation.results.length > 1) return visit.opaque();
  const still = elementCount(x.shape.filter((_, i) => !moving.includes(i)));
  const picture = visit.reshaped(x, [still, 1, ...moving.map((i) => x.shape[i])]).tensor;
  const made = visit.value(`${reductionKind(visit.text) === 'max' ? 'max' : 'avg'}_pool${moving.length}d`, [picture], {
    kernel: moving.map((i) => sizes[i]),
    stride: moving.map((i) => strides[i] ?? 1),
    shape: [still, 1, ...moving.map((i) => shape[i])],
  });
  return visit.reshaped(made, shape);
};

const concatenate: MlirRule = (visit) =>
  visit.value(
    'concat',
    visit.operands.map((o) => visit.whole(o)),
    { axis: numbersOf(visit.text, 'dim(?:ension)?')?.[0] ?? 0 },
  );

/** An operator of its first operand whose shape is stated. */
const stated =
  (op: string, operands = 1): MlirRule =>
  (visit) =>
    visit.value(
      op,
      visit.operands.slice(0, operands).map((o) => visit.whole(o)),
      { shape: [...visit.shape()] },
    );

const iota: MlirRule = (visit) => {
  const shape = visit.shape();
  return { tensor: visit.model.constant(shape, visit.dtype()), shape, fixed: { counted: true } };
};

const batchNorm: MlirRule = (visit) => {
  const x = visit.operand(0);
  const feature = numbersOf(visit.text, 'feature_index')?.[0] ?? 1;
  const rows = visit.reshaped(x, [elementCount(x.shape) / x.shape[feature], x.shape[feature]]).tensor;
  return visit.reshaped(visit.value('batch_norm', [rows]), x.shape);
};

/** Operations of StableHLO (MHLO and CHLO name theirs alike), without the dialect. */
const RULES: Readonly<Record<string, MlirRule>> = {
  ...all(
    'abs ceil cosine=cos exponential=exp exponential_minus_one=exp floor log log_plus_one=log logistic=sigmoid negate=neg not ' +
      'round_nearest_afz=round round_nearest_even=round rsqrt sign sine=sin sqrt cbrt=sqrt tanh tan=tanh erf square ' +
      'add subtract=sub multiply=mul divide=div maximum=max minimum=min power=pow remainder=mod and or xor atan2=div ' +
      'shift_left=mul shift_right_arithmetic=div shift_right_logical=div select=where compare=greater is_finite=not ' +
      'broadcast_add=add broadcast_subtract=sub broadcast_multiply=mul broadcast_divide=div broadcast_maximum=max',
    elementwise,
  ),
  convert: (visit) => (visit.operand(0).fixed ? visit.operand(0) : visit.elementwise('cast')),
  clamp: (visit) => visit.elementwise('clip', [visit.operand(1)]),
  uniform_quantize: elementwise('quantize'),
  uniform_dequantize: elementwise('dequantize'),
  constant,
  reshape,
  bitcast_convert: elementwise('cast'),
  transpose,
  broadcast_in_dim: broadcast,
  dot,
  dot_general: dotGeneral,
  convolution,
  reduce,
  reduce_window: reduceWindow,
  concatenate,
  slice: stated('slice'),
  dynamic_slice: stated('slice'),
  pad: stated('pad'),
  gather: stated('gather', 2),
  dynamic_update_slice: (visit) => visit.value('scatter', [visit.whole(visit.operand(0)), visit.whole(visit.operand(1))]),
  scatter: (visit) =>
    visit.value(
      'scatter',
      visit.operands.slice(0, 3).map((o) => visit.whole(o)),
    ),
  reverse: (visit) => visit.value('copy', [visit.whole(visit.operand(0))]),
  iota,
  batch_norm_inference: batchNorm,
  optimization_barrier: passed,
};

export const stablehloRule = (name: string): MlirRule | undefined => {
  const found = /^(?:stablehlo|mhlo|chlo)\.(\w+)$/.exec(name);
  return found && Object.hasOwn(RULES, found[1]) ? RULES[found[1]] : undefined;
};
