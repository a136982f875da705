import { elementCount } from '../../../core/elementCount.js';
import { Misfit } from '../../operators/attributes.js';
import { broadcastShape } from '../../operators/shapes.js';
import type { Shape } from '../../tensorType.js';
import { broadcastPosition } from '../broadcastPosition.js';
import { slicing, strided } from './stridedSlice.js';
import { knownValue, type TfliteValue } from './tfliteValue.js';
import type { TfliteVisit } from './tfliteVisit.js';

interface Known {
  shape: Shape;
  values: readonly number[];
}
type Fold = (visit: TfliteVisit, inputs: readonly Known[]) => Known | undefined;

const MOST_MADE = 4096;

/** The shape that operands have together; undefined where they do not broadcast. */
function together(shapes: readonly Shape[]): Shape | undefined {
  try {
    return broadcastShape(shapes);
  } catch (error) {
    if (error instanceof Misfit) return undefined;
    throw error;
  }
}

const elementwise =
  (compute: (...operands: number[]) => number): Fold =>
  (_, inputs) => {
    const shape = together(inputs.map((x) => x.shape));
    if (!shape) return undefined;
    const operands = inputs.map(({ shape: own, values }) => ({ values, position: broadcastPosition(own, shape) }));
    const values = Array.from({ length: elementCount(shape) }, (_, i) =>
      compute(...operands.map((x) => x.values[x.position(i)])),
    );
    return { shape, values };
  };

const whole = (visit: TfliteVisit): boolean => /^(u?int|bool)/.test(visit.dtype);
const quotient: Fold = (visit, inputs) =>
  elementwise((a, b) => (whole(visit) ? (visit.code === 'DIV' ? Math.trunc(a / b) : Math.floor(a / b)) : a / b))(visit, inputs);

/** Elements of a block, row by row; undefined where it does not lie in the tensor. */
function elementsOf(x: Known, begin: readonly number[], step: readonly number[], sizes: Shape): number[] | undefined {
  const inside = x.shape.every((size, i) => sizes[i] >= 0 && sizes[i] <= size && begin[i] >= 0);
  if (!inside) return undefined;
  let places = [0];
  x.shape.forEach((size, axis) => {
    places = places.flatMap((place) =>
      Array.from({ length: sizes[axis] }, (_, i) => place * size + begin[axis] + i * step[axis]),
    );
  });
  return places.map((place) => x.values[place]);
}

const stridedSlice: Fold = (visit, [x]) => {
  const asked = slicing(visit);
  if (!asked) return undefined;
  const block = strided(x.shape, asked);
  const values = elementsOf(x, block.begin, block.step, block.sizes);
  return values && { shape: block.shape, values };
};

const slice: Fold = (_, [x, begin, sizes]) => {
  const shape = sizes.values.map((n, i) => (n < 0 ? x.shape[i] - begin.values[i] : n));
  const values = elementsOf(x, begin.values, Array(shape.length).fill(1), shape);
  return values && { shape, values };
};

/** Vectors one after another, or scalars as a vector. */
const joined: Fold = (_, inputs) =>
  inputs.every((x) => x.shape.length <= 1)
    ? { shape: [inputs.reduce((n, x) => n + x.values.length, 0)], values: inputs.flatMap((x) => [...x.values]) }
    : undefined;

const gather: Fold = (_, [x, indices]) =>
  x.shape.length === 1 ? { shape: indices.shape, values: indices.values.map((i) => x.values[i]) } : undefined;

const range: Fold = (_, [start, limit, delta]) => {
  const count = Math.max(0, Math.ceil((limit.values[0] - start.values[0]) / delta.values[0]));
  if (count > MOST_MADE) return undefined;
  return { shape: [count], values: Array.from({ length: count }, (_, i) => start.values[0] + i * delta.values[0]) };
};

const fill: Fold = (_, [sizes, value]) =>
  elementCount(sizes.values) > MOST_MADE
    ? undefined
    : { shape: sizes.values, values: Array(elementCount(sizes.values)).fill(value.values[0]) };

/** All elements of a vector in one. */
const reduced =
  (compute: (a: number, b: number) => number): Fold =>
  (visit, [x]) =>
    x.shape.length === 1 && x.values.length
      ? { shape: visit.option('ReducerOptions', 'keep_dims') ? [1] : [], values: [x.values.reduce(compute)] }
      : undefined;

const cast: Fold = (visit, [x]) => ({ shape: x.shape, values: whole(visit) ? x.values.map(Math.trunc) : x.values });

const FOLDS: Readonly<Record<string, Fold>> = {
  ADD: elementwise((a, b) => a + b),
  SUB: elementwise((a, b) => a - b),
  MUL: elementwise((a, b) => a * b),
  DIV: quotient,
  FLOOR_DIV: quotient,
  FLOOR_MOD: elementwise((a, b) => a - Math.floor(a / b) * b),
  MAXIMUM: elementwise(Math.max),
  MINIMUM: elementwise(Math.min),
  EQUAL: elementwise((a, b) => Number(a === b)),
  NOT_EQUAL: elementwise((a, b) => Number(a !== b)),
  LESS: elementwise((a, b) => Number(a < b)),
  GREATER: elementwise((a, b) => Number(a > b)),
  SELECT_V2: elementwise((c, a, b) => (c ? a : b)),
  SELECT: elementwise((c, a, b) => (c ? a : b)),
  NEG: elementwise((a) => -a),
  CEIL: elementwise(Math.ceil),
  FLOOR: elementwise(Math.floor),
  CAST: cast,
  STRIDED_SLICE: stridedSlice,
  SLICE: slice,
  PACK: (visit, inputs) => (inputs.every((x) => x.shape.length === 0) ? joined(visit, inputs) : undefined),
  CONCATENATION: joined,
  GATHER: gather,
  RANGE: range,
  FILL: fill,
  BROADCAST_ARGS: (_, [a, b]) => {
    const shape = together([a.values, b.values]);
    return shape && { shape: [shape.length], values: shape };
  },
  REDUCE_PROD: reduced((a, b) => a * b),
  SUM: reduced((a, b) => a + b),
  REDUCE_MAX: reduced(Math.max),
  REDUCE_MIN: reduced(Math.min),
};

/** Operands that they need; one unless told. */
const OPERANDS: Readonly<Record<string, number>> = { SLICE: 3, GATHER: 2, RANGE: 3, FILL: 2, BROADCAST_ARGS: 2 };

/** What an operator gives where it depends on nothing that the network reads: sizes that are worked out from the shapes of tensors. */
export function foldedOutput(visit: TfliteVisit): TfliteValue | undefined {
  if (visit.code === 'SHAPE' || visit.code === 'RANK') {
    const { shape } = visit.input(0);
    return visit.code === 'RANK' ? knownValue([], visit.dtype, [shape.length]) : knownValue([shape.length], visit.dtype, shape);
  }
  const fold = FOLDS[visit.code];
  if (!fold || visit.inputs.length < (OPERANDS[visit.code] ?? 1) || !visit.inputs.every((v) => v?.values)) return undefined;
  const made = fold(visit, visit.inputs as readonly Known[]);
  if (!made?.values.every((n) => Number.isFinite(n))) return undefined;
  return knownValue(made.shape, visit.dtype, made.values);
}
