import { positiveAxis } from './onnxShapes.js';
import type { Operation } from './operation.js';

/** Where a Slice begins and steps along each axis of its operand, and the shape it gives out. @throws NotCovered where that depends on an input */
export function slicing(op: Operation): { shape: number[]; begin: number[]; step: number[] } {
  const x = op.input(0).shape;
  const starts = op.numbersOr(1, 'starts') ?? [];
  const ends = op.numbersOr(2, 'ends') ?? [];
  const axes = op.numbersOr(3, 'axes') ?? starts.map((_, i) => i);
  const steps = op.numbers(4) ?? starts.map(() => 1);
  const shape = [...x];
  const begin = x.map(() => 0);
  const step = x.map(() => 1);
  axes.forEach((given, i) => {
    const axis = positiveAxis(given, x.length);
    const size = x[axis];
    const from = starts[i] < 0 ? starts[i] + size : starts[i];
    const to = ends[i] < 0 ? ends[i] + size : ends[i];
    const by = steps[i];
    const within = (n: number, least: number, most: number) => Math.min(Math.max(n, least), most);
    begin[axis] = by > 0 ? within(from, 0, size) : within(from, 0, size - 1);
    const end = by > 0 ? within(to, 0, size) : within(to, -1, size - 1);
    step[axis] = by;
    shape[axis] = Math.max(0, Math.ceil((end - begin[axis]) / by));
  });
  return { shape, begin, step };
}
