import { positiveAxis } from '../onnxShapes.js';
import { NotCovered, type Operation, type Rules } from '../operation.js';
import type { Value } from '../value.js';

/** Along `axis` (an operand from set 20 on); a last axis of 1 (real) becomes 2, `onesided` halves the axis. */
function dft(op: Operation): Value {
  const x = op.input(0);
  const rank = x.shape.length;
  const axis = positiveAxis(op.numbers(2)?.[0] ?? op.int('axis', op.version < 20 ? 1 : -2), rank);
  const length = op.numbers(1)?.[0] ?? x.shape[axis];
  const shape = x.shape.map((n, i) => (i === axis ? length : i === rank - 1 ? 2 : n));
  if (op.int('onesided', 0) && !op.int('inverse', 0)) shape[axis] = Math.floor(length / 2) + 1;
  return op.add('fft', [x], { axis, shape });
}

/** Frames of a signal [B, L, 1 or 2], each transformed: [B, frames, places, 2]. */
function stft(op: Operation): Value {
  const x = op.input(0);
  const step = op.numbers(1)?.[0];
  const length = op.numbers(3)?.[0] ?? op.inputs[2]?.shape[0];
  if (!step || !length) throw new NotCovered('its frames are not known before it runs');
  const frames = Math.floor((x.shape[1] - length) / step) + 1;
  const places = op.int('onesided', 1) ? Math.floor(length / 2) + 1 : length;
  const framed = op.add('copy', [x], { shape: [x.shape[0], frames, length, 1] });
  return op.add('fft', [framed], { axis: 2, shape: [x.shape[0], frames, places, 2] });
}

/** Columns [N, C kernel, L] summed into images of a size. */
function columnsToImages(op: Operation): Value {
  const x = op.input(0);
  const [size, block] = [op.numbers(1), op.numbers(2)];
  if (!size || !block) throw new NotCovered('its size is not known before it runs');
  return op.add('fold', [x], { shape: [x.shape[0], x.shape[1] / block.reduce((a, b) => a * b, 1), ...size] });
}

/** A grid of places from one matrix for each image. */
function affineGrid(op: Operation): Value {
  const size = op.numbers(1);
  if (!size) throw new NotCovered('its size is not known before it runs');
  const shape = [size[0], ...size.slice(2), size.length - 2];
  return op.add('copy', [op.input(0)], { shape });
}

/** Windows become columns; the arithmetic stands elsewhere. */
export const SIGNAL: Rules = {
  DFT: dft,
  STFT: stft,
  Col2Im: columnsToImages,
  GridSample: (op) => op.add('grid_sample', [op.input(0), op.input(1)]),
  AffineGrid: affineGrid,
};
