import { HwcastError } from '../../../core/errors.js';
import type { Shape } from '../../tensorType.js';
import type { TfliteVisit } from './tfliteVisit.js';

export interface StridedSlice {
  begin: readonly number[];
  end: readonly number[];
  step: readonly number[];
  /** a bit for each position of the lists above */
  masks: {
    begin: number;
    end: number;
    ellipsis: number;
    newAxis: number;
    shrink: number;
    /** ends count from where they begin */
    offset: boolean;
  };
}

/** What an operator asks for; undefined where it depends on what the network reads. */
export function slicing(visit: TfliteVisit): StridedSlice | undefined {
  const [begin, end, step] = [1, 2, 3].map((i) => visit.numbers(i));
  if (!begin || !end || !step) return undefined;
  const option = (field: string) => visit.option('StridedSliceOptions', field);
  const masks = {
    begin: option('begin_mask'),
    end: option('end_mask'),
    ellipsis: option('ellipsis_mask'),
    newAxis: option('new_axis_mask'),
    shrink: option('shrink_axis_mask'),
    offset: option('offset') !== 0,
  };
  return { begin, end, step, masks };
}

export interface Block {
  /** of each axis of the operand */
  begin: number[];
  step: number[];
  sizes: number[];
  /** of the result: with new axes of size 1, and without those that are shrunk */
  shape: number[];
}

/** What TensorFlow's strided slice cuts out of a tensor (the meaning of its masks: documentation of `tf.strided_slice`). @throws HwcastError `bad-input` */
export function strided(shape: Shape, { begin, end, step, masks }: StridedSlice): Block {
  if (step.includes(0) || begin.length !== end.length || begin.length !== step.length)
    throw new HwcastError('bad-input', `begins at [${begin}], ends at [${end}], steps by [${step}]`);
  const block: Block = { begin: [], step: [], sizes: [], shape: [] };
  const bit = (mask: number, i: number): boolean => ((mask >> i) & 1) === 1;
  const whole = (axis: number): void => {
    block.begin.push(0);
    block.step.push(1);
    block.sizes.push(shape[axis]);
    block.shape.push(shape[axis]);
  };
  const named = begin.filter((_, i) => !bit(masks.newAxis, i) && !bit(masks.ellipsis, i)).length;
  let axis = 0;
  begin.forEach((from, i) => {
    if (bit(masks.ellipsis, i)) {
      for (const until = axis + shape.length - named; axis < until; axis++) whole(axis);
      return;
    }
    if (bit(masks.newAxis, i)) {
      block.shape.push(1);
      return;
    }
    const size = shape[axis];
    const by = step[i];
    const within = (n: number): number => Math.min(Math.max(n < 0 ? n + size : n, by > 0 ? 0 : -1), by > 0 ? size : size - 1);
    const first = bit(masks.begin, i) ? (by > 0 ? 0 : size - 1) : within(from);
    const shrunk = bit(masks.shrink, i);
    const last = bit(masks.end, i) ? (by > 0 ? size : -1) : within(masks.offset ? first + end[i] : end[i]);
    const count = shrunk ? 1 : Math.max(0, Math.ceil((last - first) / by));
    block.begin.push(first);
    block.step.push(by);
    block.sizes.push(count);
    if (!shrunk) block.shape.push(count);
    axis++;
  });
  for (; axis < shape.length; axis++) whole(axis);
  return block;
}
