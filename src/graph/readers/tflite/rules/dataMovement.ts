import { elementCount } from '../../../../core/elementCount.js';
import { sameShape } from '../../../operators/shapes.js';
import type { Shape } from '../../../tensorType.js';
import type { ChannelsLast } from '../../channelsLast.js';
import { slicing, strided } from '../stridedSlice.js';
import { isConstant, type TfliteOutput, type TfliteValue } from '../tfliteValue.js';
import type { TfliteRule, TfliteRules, TfliteVisit } from '../tfliteVisit.js';

/** The same elements in another shape; a constant stays one. */
export function reshaped(visit: TfliteVisit, value: TfliteValue, shape: Shape): TfliteOutput {
  if (elementCount(shape) !== elementCount(value.shape))
    throw visit.problem(
      `cannot make [${shape}] of [${value.shape}]`,
      'a size that the file fixes does not fit the shape given for an input',
    );
  if (isConstant(value) && !value.place) return { ...value, shape };
  return visit.build.reshaped(visit.tensorOf(value), shape);
}

/** To the shape in the second input or in the options; -1 follows from the rest. */
const reshape: TfliteRule = (visit) => {
  const x = visit.input(0);
  const asked = visit.numbers(1) ?? visit.options('ReshapeOptions')?.numbers('new_shape');
  const sizes = asked?.length || visit.stated[0].shape.length === 0 ? (asked ?? []) : visit.statedShape();
  const rest = elementCount(sizes.filter((n) => n !== -1));
  return reshaped(
    visit,
    x,
    sizes.map((n) => (n === -1 ? elementCount(x.shape) / rest : n)),
  );
};

const squeeze: TfliteRule = (visit) => {
  const { shape } = visit.input(0);
  const asked = visit.options('SqueezeOptions')?.numbers('squeeze_dims') ?? [];
  const axes = asked.map((axis) => visit.axis(axis, shape.length));
  return reshaped(
    visit,
    visit.input(0),
    shape.filter((n, i) => (axes.length ? !axes.includes(i) : n !== 1)),
  );
};

const expandDims: TfliteRule = (visit) => {
  const { shape } = visit.input(0);
  const axis = visit.axis(visit.numbers(1)?.[0] ?? 0, shape.length + 1);
  return reshaped(visit, visit.input(0), [...shape.slice(0, axis), 1, ...shape.slice(axis)]);
};

/** A constant is written in the new order when the network is loaded. */
const transpose: TfliteRule = (visit) => {
  const order = visit.numbers(1);
  const x = visit.input(0);
  if (!order) return undefined;
  const axes = order.map((axis) => visit.axis(axis, x.shape.length));
  if (isConstant(x) && !x.place) return { ...x, shape: axes.map((axis) => x.shape[axis]), values: undefined };
  return visit.ordinary('transpose', [visit.tensor()], { order: axes });
};

const concat: TfliteRule = (visit) => {
  const values = visit.inputs.filter((v) => v !== undefined && elementCount(v.shape) > 0) as TfliteValue[];
  const tensors = values.map((v) => visit.tensorOf(v));
  if (!tensors.length) return undefined;
  const axis = visit.axis(visit.option('ConcatenationOptions', 'axis'), tensors[0].shape.length);
  const y = concatenated(visit, tensors, axis);
  return visit.activated(y, 'ConcatenationOptions');
};

/** Along an axis of the file; pictures stay as the graph has them. */
function concatenated(visit: TfliteVisit, tensors: readonly ChannelsLast[], axis: number): ChannelsLast {
  if (tensors.length === 1) return tensors[0];
  const { build } = visit;
  if (!tensors.some((x) => x.first)) return visit.ordinary('concat', tensors, { axis });
  const pictures = tensors.map((x) => build.pictured(build.first(x)));
  return build.elementwise('concat', pictures, { axis: build.axis(pictures[0], axis) }, visit.dtype);
}

const pack: TfliteRule = (visit) => {
  const { shape } = visit.input(0);
  const tensors = visit.inputs.map((_, i) => visit.tensor(i));
  const axis = visit.axis(visit.option('PackOptions', 'axis'), shape.length + 1);
  const rows = tensors.map((x) => visit.build.reshaped(x, [...shape.slice(0, axis), 1, ...shape.slice(axis)]));
  return concatenated(visit, rows, axis);
};

/** Parts along an axis, as many as there are outputs. */
function parts(visit: TfliteVisit, x: ChannelsLast, axis: number, sizes: readonly number[]): ChannelsLast[] {
  const { build } = visit;
  const y = build.inPlace('split', x, { axis: build.axis(x, axis), parts: [...sizes] }, visit.dtype).tensor;
  return sizes.map((_, i) => {
    const part = i ? `${y}:${i}` : y;
    return x.first ? build.pictured(part) : build.plain(part);
  });
}

const even = (visit: TfliteVisit, x: ChannelsLast, axis: number): ChannelsLast[] => {
  const count = visit.stated.length;
  if (x.shape[axis] % count) throw visit.problem(`cannot part ${x.shape[axis]} in ${count}`);
  return parts(visit, x, axis, Array(count).fill(x.shape[axis] / count));
};

const split: TfliteRule = (visit) => {
  const x = visit.tensor(1);
  return even(visit, x, visit.axis(visit.numbers(0)?.[0] ?? 0, x.shape.length));
};

const splitV: TfliteRule = (visit) => {
  const x = visit.tensor();
  const axis = visit.axis(visit.numbers(2)?.[0] ?? 0, x.shape.length);
  const sizes = visit.numbers(1);
  if (!sizes) return undefined;
  const rest = x.shape[axis] - sizes.filter((n) => n >= 0).reduce((sum, n) => sum + n, 0);
  return parts(
    visit,
    x,
    axis,
    sizes.map((n) => (n < 0 ? rest : n)),
  );
};

const unpack: TfliteRule = (visit) => {
  const x = visit.tensor();
  const axis = visit.axis(visit.option('UnpackOptions', 'axis'), x.shape.length);
  const shape = x.shape.filter((_, i) => i !== axis);
  return even(visit, x, axis).map((part) => visit.build.reshaped(part, shape));
};

/** A block of a tensor; axes of size 1 may be dropped. */
function block(visit: TfliteVisit, begin: readonly number[], sizes: Shape, step: readonly number[]): ChannelsLast {
  const { build } = visit;
  const x = visit.tensor();
  if (sameShape(sizes, x.shape) && step.every((n) => n === 1)) return x;
  const attrs = {
    begin: build.arranged(x, begin),
    shape: build.arranged(x, sizes),
    ...(step.some((n) => n !== 1) ? { step: build.arranged(x, step) } : {}),
  };
  return build.inPlace('slice', x, attrs, visit.dtype);
}

/** Begin, end and step of each axis; without them known, a block of the size that the file states. */
const stridedSlice: TfliteRule = (visit) => {
  const { shape } = visit.input(0);
  const asked = slicing(visit);
  if (!asked) return visit.ordinary('slice', [visit.tensor()], { shape: [...visit.statedShape()] });
  const made = strided(shape, asked);
  return visit.build.reshaped(block(visit, made.begin, made.sizes, made.step), made.shape);
};

/** A block from where it begins, -1 to the end. */
const slice: TfliteRule = (visit) => {
  const { shape } = visit.input(0);
  const [begin, sizes] = [visit.numbers(1), visit.numbers(2)];
  if (!sizes) return visit.ordinary('slice', [visit.tensor()], { shape: [...visit.statedShape()] });
  const from = begin ?? shape.map(() => 0);
  const wanted = sizes.map((n, i) => (n < 0 ? shape[i] - from[i] : n));
  return block(
    visit,
    from,
    wanted,
    shape.map(() => 1),
  );
};

/** Pairs of what is added before and after each axis. */
const pad: TfliteRule = (visit) => {
  const x = visit.tensor();
  const pairs = visit.numbers(1);
  if (!pairs) return visit.ordinary('pad', [x], { shape: [...visit.statedShape()] });
  const side = (offset: number) =>
    visit.build.arranged(
      x,
      x.shape.map((_, i) => pairs[2 * i + offset]),
    );
  return visit.build.inPlace('pad', x, { before: side(0), after: side(1) }, visit.dtype);
};

const tile: TfliteRule = (visit) => {
  const repeats = visit.numbers(1);
  return repeats && visit.ordinary('tile', [visit.tensor()], { repeats: [...repeats] });
};

const broadcast: TfliteRule = (visit) =>
  visit.ordinary('expand', [visit.tensor()], { shape: [...(visit.numbers(1) ?? visit.statedShape())] });

/** Another order, or blocks of places in the batch: written anew. */
const rewritten: TfliteRule = (visit) => visit.build.inPlace('copy', visit.tensor(), {}, visit.dtype);

/** Blocks of places into the batch: block sizes, then pairs of padding. */
const spaceToBatch: TfliteRule = (visit) => {
  const x = visit.tensor();
  const [block, pads] = [visit.numbers(1), visit.numbers(2)];
  if (!block || !pads) return undefined;
  const [n, ...rest] = x.shape;
  const places = block.map((size, i) => (rest[i] + pads[2 * i] + pads[2 * i + 1]) / size);
  return visit.ordinary('copy', [x], { shape: [n * elementCount(block), ...places, ...rest.slice(block.length)] });
};

const batchToSpace: TfliteRule = (visit) => {
  const x = visit.tensor();
  const [block, crops] = [visit.numbers(1), visit.numbers(2)];
  if (!block || !crops) return undefined;
  const [n, ...rest] = x.shape;
  const places = block.map((size, i) => rest[i] * size - crops[2 * i] - crops[2 * i + 1]);
  return visit.ordinary('copy', [x], { shape: [n / elementCount(block), ...places, ...rest.slice(block.length)] });
};

const filled: TfliteRule = (visit) => {
  const asked = visit.code === 'ZEROS_LIKE' ? visit.input(0).shape : visit.numbers(0);
  const shape = asked && visit.code !== 'RANGE' ? asked : visit.statedShape();
  return visit.build.plain(visit.build.model.add('fill', [], { shape: [...shape] }, visit.dtype));
};

const oneHot: TfliteRule = (visit) => {
  const indices = visit.input(0).shape;
  const depth = visit.numbers(1)?.[0];
  const axis = visit.axis(visit.option('OneHotOptions', 'axis'), indices.length + 1);
  const shape = depth === undefined ? visit.statedShape() : [...indices.slice(0, axis), depth, ...indices.slice(axis)];
  return visit.build.plain(visit.build.model.add('fill', [visit.build.last(visit.tensor())], { shape: [...shape] }, visit.dtype));
};

/** Updates written into zeros, or into the first operand. */
const scatterNd: TfliteRule = (visit) => {
  const shape = visit.numbers(2) ?? visit.statedShape();
  const zeros = visit.build.plain(visit.build.model.add('fill', [], { shape: [...shape] }, visit.dtype));
  return visit.ordinary('scatter', [zeros, visit.tensor(0), visit.tensor(1)]);
};
const updateSlice: TfliteRule = (visit) => visit.ordinary('scatter', [visit.tensor(0), visit.tensor(1)]);

/** Weights that lie in the file in another type, or without their zeros, are made ready when the network is loaded. */
const converted =
  (op: string): TfliteRule =>
  (visit) => {
    const x = visit.input(0);
    if (isConstant(x) && !x.place) {
      if (visit.code === 'DENSIFY') visit.build.model.assume('sparse weights count as if their zeros were stored');
      return { ...x, dtype: visit.dtype };
    }
    if (x.dtype === visit.dtype && op !== 'quantize') return x;
    return visit.build.elementwise(op, [visit.tensor()], {}, visit.dtype);
  };

export const DATA_MOVEMENT: TfliteRules = {
  RESHAPE: reshape,
  SQUEEZE: squeeze,
  EXPAND_DIMS: expandDims,
  TRANSPOSE: transpose,
  CONCATENATION: concat,
  PACK: pack,
  UNPACK: unpack,
  SPLIT: split,
  SPLIT_V: splitV,
  STRIDED_SLICE: stridedSlice,
  SLICE: slice,
  PAD: pad,
  PADV2: pad,
  MIRROR_PAD: pad,
  TILE: tile,
  BROADCAST_TO: broadcast,
  REVERSE_V2: rewritten,
  REVERSE_SEQUENCE: rewritten,
  SPACE_TO_BATCH_ND: spaceToBatch,
  BATCH_TO_SPACE_ND: batchToSpace,
  FILL: filled,
  ZEROS_LIKE: filled,
  RANGE: filled,
  RANDOM_UNIFORM: filled,
  RANDOM_STANDARD_NORMAL: filled,
  ONE_HOT: oneHot,
  SCATTER_ND: scatterNd,
  DYNAMIC_UPDATE_SLICE: updateSlice,
  CAST: converted('cast'),
  BITCAST: converted('cast'),
  QUANTIZE: converted('quantize'),
  DEQUANTIZE: converted('dequantize'),
  DENSIFY: converted('cast'),
};
