import { elementCount } from '../../../core/elementCount.js';
import { type NcnnRule, type NcnnVisit, OPEN } from './ncnnVisit.js';

/** `Reshape`: width, height, depth, channels (settings 0, 1, 11, 2); 0 keeps, -1 follows from the rest. */
export const reshape: NcnnRule = (visit) => {
  if (visit.layer.text(6)) throw visit.problem('has its shape as an expression, which is not read');
  const [n, ...from] = visit.shape;
  const stated = [visit.number(2, OPEN), visit.number(11, OPEN), visit.number(1, OPEN), visit.number(0, OPEN)];
  const offset = stated.filter((size) => size !== OPEN).length;
  const sizes = stated
    .filter((size) => size !== OPEN)
    .map((size, i) => (size === 0 ? (from[i + from.length - offset] ?? 1) : size));
  const others = elementCount(sizes.filter((size) => size !== -1));
  return visit.model.reshape(visit.x, [n, ...sizes.map((size) => (size === -1 ? elementCount(from) / others : size))]);
};

export const flatten: NcnnRule = (visit) => visit.model.reshape(visit.x, [visit.shape[0], elementCount(visit.shape.slice(1))]);

/** Orders of axes by number, written as ncnn documents them: which axis becomes the width, then the height, (the depth,) the channels. */
const ORDERS: Readonly<Record<number, readonly string[]>> = {
  2: ['wh', 'hw'],
  3: ['whc', 'hwc', 'wch', 'cwh', 'hcw', 'chw'],
  4: 'whdc hwdc wdhc dwhc hdwc dhwc whcd hwcd wchd cwhd hcwd chwd wdch dwch wcdh cwdh dcwh cdwh hdcw dhcw hcdw chdw dchw cdhw'.split(
    ' ',
  ),
};
const AXES: Readonly<Record<number, string>> = { 2: 'hw', 3: 'chw', 4: 'cdhw' };

export const permute: NcnnRule = (visit) => {
  const rank = visit.shape.length - 1;
  const number = visit.number(0);
  if (number === 0 || rank < 2) return visit.x;
  const order = ORDERS[rank][number];
  if (!order) throw visit.problem(`has order ${number}, which ncnn does not have for ${rank} axes`);
  return visit.add('transpose', [visit.x], { order: [0, ...[...order].reverse().map((axis) => AXES[rank].indexOf(axis) + 1)] });
};

/** `Concat`; a learned tensor, which is there once, is repeated for each item of a batch. */
export const concat: NcnnRule = (visit) => {
  if (visit.inputs.length === 1) return visit.x;
  const batch = Math.max(...visit.inputs.map((x) => visit.model.shapeOf(x)[0]));
  const inputs = visit.inputs.map((x) => {
    const [n, ...rest] = visit.model.shapeOf(x);
    return n === batch ? x : visit.add('expand', [x], { shape: [batch, ...rest] });
  });
  return visit.add('concat', inputs, { axis: visit.axis(visit.number(0)) });
};

/** `Slice`: parts along an axis; an open size shares what the others leave. */
export const slice: NcnnRule = (visit) => {
  const axis = visit.axis(visit.number(1));
  const size = visit.shape[axis];
  const stated = visit.layer.array(0);
  const indices = visit.layer.array(2);
  const count = visit.layer.outputs.length;
  let parts: number[];
  if (indices) {
    const ends = [...indices.map((at) => (at < 0 ? size + at : at)), size];
    parts = ends.map((end, i) => end - (ends[i - 1] ?? 0));
  } else {
    let left = size;
    parts = (stated ?? Array<number>(count).fill(OPEN)).map((part, i, all) => {
      const length = part === OPEN ? Math.floor(left / (all.length - i)) : part;
      left -= length;
      return length;
    });
  }
  const y = visit.add('split', [visit.x], { axis, parts });
  return visit.layer.outputs.map((_, i) => (i ? `${y}:${i}` : y));
};

/** `Crop`: a block by its offsets and sizes, by starts and ends along axes, or of the size of the second input. */
export const crop: NcnnRule = (visit) => {
  const { shape } = visit;
  const rank = shape.length - 1;
  const [starts, ends] = [visit.layer.array(9), visit.layer.array(10)];
  const begin = shape.map(() => 0);
  const size = [...shape];
  if (starts && ends) {
    const axes = visit.layer.array(11) ?? starts.map((_, i) => i);
    axes.forEach((axis, i) => {
      const at = visit.axis(axis);
      const place = (value: number) => (value === OPEN ? shape[at] : value < 0 ? value + shape[at] : Math.min(value, shape[at]));
      begin[at] = starts[i] === OPEN ? 0 : place(starts[i]);
      size[at] = place(ends[i]) - begin[at];
    });
  } else {
    const other = visit.inputs.length > 1 ? visit.model.shapeOf(visit.inputs[1]) : undefined;
    // settings of width, height, depth, channels: where the block begins, its size, what is left out behind
    const keys = { w: [0, 3, 6], h: [1, 4, 7], d: [13, 14, 15], c: [2, 5, 8] };
    [...(AXES[rank] ?? 'w')].forEach((axis, i) => {
      const [offset, length, behind] = keys[axis as keyof typeof keys].map((key) => visit.number(key));
      begin[i + 1] = Math.max(0, offset);
      const left = shape[i + 1] - begin[i + 1];
      size[i + 1] = other
        ? Math.min(left, other[i + 1] ?? left)
        : length > 0
          ? Math.min(left, length)
          : left - Math.max(0, behind);
    });
  }
  return visit.add('slice', [visit.x], { begin, shape: size });
};

export const expandDims: NcnnRule = (visit) => {
  const axes = visit.layer.array(3) ?? [];
  const rank = visit.shape.length + axes.length;
  const added = new Set(axes.map((axis) => (axis < 0 ? axis + rank : axis + 1)));
  const rest = [...visit.shape];
  return visit.model.reshape(
    visit.x,
    Array.from({ length: rank }, (_, i) => (added.has(i) ? 1 : rest.shift()!)),
  );
};

export const squeeze: NcnnRule = (visit) => {
  const axes = visit.layer.array(3)?.map((axis) => visit.axis(axis));
  const kept = visit.shape.filter((size, i) => i === 0 || size !== 1 || (axes && !axes.includes(i)));
  return visit.model.reshape(visit.x, kept.length > 1 ? kept : [...kept, 1]);
};

/** `Tile`: whole repeats, one a axis of the blob, or one number along one axis. */
export const tile: NcnnRule = (visit) => {
  const stated = visit.layer.array(2);
  if (!stated)
    return repeated(
      visit,
      visit.shape.map((_, i) => (i === visit.axis(visit.number(0)) ? visit.number(1, 1) : 1)),
    );
  const missing = stated.length - (visit.shape.length - 1);
  if (missing <= 0) return repeated(visit, [1, ...Array(-missing).fill(1), ...stated]);
  const x = visit.model.reshape(visit.x, [visit.shape[0], ...Array(missing).fill(1), ...visit.shape.slice(1)]);
  return visit.add('tile', [x], { repeats: [1, ...stated] });
};

const repeated = (visit: NcnnVisit, repeats: number[]): string => visit.add('tile', [visit.x], { repeats });

const REDUCTIONS = ['sum', 'sum', 'sum', 'mean', 'max', 'min', 'prod', 'norm', 'norm', 'sum', 'sum'];

export const reduction: NcnnRule = (visit) => {
  const kind = REDUCTIONS[visit.number(0)];
  if (!kind) throw visit.problem(`has reduction ${visit.number(0)}, which ncnn does not have`);
  const all = visit.shape.slice(1).map((_, i) => i + 1);
  const axes = visit.number(1, 1) ? all : (visit.layer.array(3)?.map((axis) => visit.axis(axis)) ?? all);
  const keepDims = visit.number(4) ? 1 : 0;
  const y = visit.add('reduce', [visit.x], { axis: axes, keepDims, kind });
  return visit.model.shapeOf(y).length > 1 ? y : visit.model.reshape(y, [visit.shape[0], 1]);
};

export const memoryData: NcnnRule = (visit) => {
  const sizes = [2, 11, 1, 0].map((key) => visit.number(key)).filter((size) => size > 0);
  return visit.model.weight([1, ...sizes]);
};
