import { elementCount } from '../../../../core/elementCount.js';
import type { TfliteRule, TfliteRules, TfliteVisit } from '../tfliteVisit.js';

/** Axes in the second input; all of them where it names none that is known. */
const axesOf = (visit: TfliteVisit, rank: number): number[] =>
  (visit.numbers(1) ?? Array.from({ length: rank }, (_, i) => i)).map((axis) => visit.axis(axis, rank));

const reduced =
  (kind: string): TfliteRule =>
  (visit) => {
    const { build } = visit;
    const x = visit.tensor();
    const axis = axesOf(visit, x.shape.length);
    if (!axis.length) return x;
    if (visit.option('ReducerOptions', 'keep_dims'))
      return build.inPlace('reduce', x, { axis: axis.map((i) => build.axis(x, i)), keepDims: 1, kind }, visit.dtype);
    // over the places of a picture the channels are left, however they lie
    const overPlaces = x.first && axis.length === x.shape.length - 2 && axis.every((i) => i > 0 && i < x.shape.length - 1);
    if (overPlaces) {
      const attrs = { axis: axis.map((i) => build.axis(x, i)), keepDims: 0, kind };
      return build.plain(build.model.add('reduce', [x.tensor], attrs, visit.dtype));
    }
    return visit.ordinary('reduce', [x], { axis, keepDims: 0, kind });
  };

const argument: TfliteRule = (visit) => {
  const x = visit.tensor();
  const axis = visit.axis(visit.numbers(1)?.[0] ?? -1, x.shape.length);
  return visit.ordinary('argmax', [x], { axis });
};

/** The k largest of the last axis, and their positions. */
const topK: TfliteRule = (visit) => {
  const x = visit.tensor();
  const k = visit.numbers(1)?.[0] ?? visit.statedShape().at(-1);
  if (!k) return undefined;
  const y = visit.ordinary('topk', [x], { k });
  return [y, visit.build.plain(`${y.tensor}:1`)];
};

const cumulative: TfliteRule = (visit) => {
  const x = visit.tensor();
  return visit.ordinary('cumsum', [x], { axis: visit.axis(visit.numbers(1)?.[0] ?? 0, x.shape.length) });
};

/** Real signals over the last two axes: half of the places, real and imaginary parts as a last axis of 2. */
const rfft: TfliteRule = (visit) => {
  const x = visit.tensor();
  const sizes = visit.numbers(1) ?? x.shape.slice(-2);
  const [height, width] = sizes;
  const shape = [...x.shape.slice(0, -2), height, Math.floor(width / 2) + 1, 2];
  const y = visit.ordinary('fft', [x], { axis: x.shape.length - 1, shape }, 'fp32');
  return height > 1 ? visit.ordinary('fft', [y], { axis: x.shape.length - 2, shape }, 'fp32') : y;
};

/** Of complex numbers, whose parts are a last axis of 2. */
const magnitude: TfliteRule = (visit) => {
  const x = visit.tensor();
  return x.shape.at(-1) === 2 ? visit.ordinary('reduce', [x], { axis: x.shape.length - 1, kind: 'norm' }) : undefined;
};
const part: TfliteRule = (visit) => {
  const x = visit.tensor();
  if (x.shape.at(-1) !== 2) return undefined;
  const sliced = visit.ordinary('slice', [x], { shape: [...x.shape.slice(0, -1), 1] });
  return visit.build.reshaped(sliced, x.shape.slice(0, -1));
};

/** A value for each row of a table of sums, e.g. of a segment. */
const segments: TfliteRule = (visit) => {
  const shape = visit.statedShape();
  const sums = visit.build.plain(visit.build.model.add('fill', [], { shape: [...shape] }, visit.dtype));
  return elementCount(shape) ? visit.ordinary('scatter', [sums, visit.tensor(1), visit.tensor(0)]) : undefined;
};

export const REDUCTIONS: TfliteRules = {
  MEAN: reduced('mean'),
  SUM: reduced('sum'),
  REDUCE_MAX: reduced('max'),
  REDUCE_MIN: reduced('min'),
  REDUCE_PROD: reduced('prod'),
  REDUCE_ANY: reduced('max'),
  REDUCE_ALL: reduced('min'),
  ARG_MAX: argument,
  ARG_MIN: argument,
  TOPK_V2: topK,
  CUMSUM: cumulative,
  RFFT2D: rfft,
  COMPLEX_ABS: magnitude,
  REAL: part,
  IMAG: part,
  SEGMENT_SUM: segments,
  UNSORTED_SEGMENT_SUM: segments,
  UNSORTED_SEGMENT_MAX: segments,
  UNSORTED_SEGMENT_MIN: segments,
};
