import type { ChannelsLast } from '../../channelsLast.js';
import type { TfliteRule, TfliteRules, TfliteVisit } from '../tfliteVisit.js';

const unary =
  (op: string): TfliteRule =>
  (visit) =>
    visit.build.elementwise(op, [visit.tensor()], {}, visit.dtype);

/** All operands together. */
const all = (visit: TfliteVisit, op: string): ChannelsLast =>
  visit.elementwise(
    op,
    visit.inputs.filter((v) => v !== undefined),
  );

const several =
  (op: string): TfliteRule =>
  (visit) =>
    all(visit, op);

/** With an activation of its results. */
const arithmetic =
  (op: string): TfliteRule =>
  (visit) =>
    visit.activated(all(visit, op), 'ArithmeticOptions');

/** Two operators, the second of the results of the first. */
const then =
  (op: string, second: string): TfliteRule =>
  (visit) =>
    visit.build.elementwise(second, [all(visit, op)], {}, visit.dtype);

const each = (names: string, rule: (name: string) => TfliteRule): TfliteRules =>
  Object.fromEntries(names.split(' ').map((name) => [name, rule(name.toLowerCase())]));

/** Functions of one element of each operand; a new one is one line here. */
export const ELEMENTWISE: TfliteRules = {
  ...each('ADD MUL SUB DIV', arithmetic),
  ...each('RELU RELU6 TANH ELU GELU LEAKY_RELU EXP LOG SQRT RSQRT SQUARE ABS NEG SIGN SIN COS FLOOR CEIL ROUND', unary),
  LOGISTIC: unary('sigmoid'),
  HARD_SWISH: unary('hardswish'),
  RELU_N1_TO_1: unary('clip'),
  RELU_0_TO_1: unary('clip'),
  FAKE_QUANT: unary('clip'),
  LOGICAL_NOT: unary('not'),
  ...each('POW EQUAL LESS GREATER', several),
  ADD_N: several('add'),
  MAXIMUM: several('max'),
  MINIMUM: several('min'),
  FLOOR_MOD: several('mod'),
  NOT_EQUAL: several('equal'),
  LESS_EQUAL: several('less'),
  GREATER_EQUAL: several('greater'),
  LOGICAL_OR: several('or'),
  LOGICAL_AND: several('and'),
  BITWISE_XOR: several('xor'),
  SELECT: several('where'),
  SELECT_V2: several('where'),
  FLOOR_DIV: then('div', 'floor'),
  SQUARED_DIFFERENCE: then('sub', 'square'),
};
