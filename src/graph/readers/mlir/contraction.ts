import { elementCount } from '../../../core/elementCount.js';
import type { Shape } from '../../tensorType.js';
import type { MlirValue, MlirVisit } from './mlirVisit.js';

/** Which axes of two operands a product runs over. */
export interface Contraction {
  batch: readonly [readonly number[], readonly number[]];
  contracted: readonly [readonly number[], readonly number[]];
}

/**
 * A product of two tensors: axes are put in order as batch, rows, inner and columns without a copy, which costs what the product costs. A learned second
 * operand makes it a linear layer.
 */
export function product(
  visit: MlirVisit,
  a: MlirValue,
  b: MlirValue,
  { batch, contracted }: Contraction,
  shape: Shape,
): MlirValue {
  const size = (value: MlirValue, axes: readonly number[]) => elementCount(axes.map((axis) => value.shape[axis]));
  const [batches, inner] = [size(a, batch[0]), size(a, contracted[0])];
  const rows = elementCount(a.shape) / (batches * inner);
  const columns = elementCount(b.shape) / (batches * inner);
  if (size(b, contracted[1]) !== inner || elementCount(shape) !== batches * rows * columns)
    throw visit.problem(`does not contract [${a.shape}] with [${b.shape}] to [${shape}]`);
  if (b.fixed && batches === 1) {
    const made = visit.value('linear', [visit.reshaped(a, [rows, inner]).tensor], { outFeatures: columns, ...visit.weights(b) });
    return visit.reshaped(made, shape);
  }
  const left = visit.reshaped(a, [batches, rows, inner]).tensor;
  const right = visit.reshaped(b, [batches, inner, columns]).tensor;
  return visit.reshaped(visit.value('matmul', [left, right]), shape);
}

/** A convolution, its axes by what they are. */
export interface Convolution {
  /** batch, channels and places of the input */
  input: { batch: number; channels: number; places: readonly number[] };
  outChannels: number;
  kernel: readonly number[];
  stride: readonly number[];
  dilation: readonly number[];
  /** places put between those of the input, as a transposed convolution does */
  inputDilation: readonly number[];
  /** before and after each axis; may be negative: cut */
  padding: readonly (readonly [number, number])[];
  groups: number;
}

/** A convolution of `x`, whose axes are named anew without a copy; `undefined` where no operator does what it says. */
export function convolved(visit: MlirVisit, x: MlirValue, weights: MlirValue, c: Convolution): string | undefined {
  const { batch, channels, places } = c.input;
  const rank = c.kernel.length;
  const counted = visit.weights(weights);
  const shared = { groups: c.groups, outChannels: c.outChannels, ...counted };
  if (rank === 0) {
    const rows = visit.reshaped(x, [batch, channels]).tensor;
    return visit.value('linear', [rows], { outFeatures: c.outChannels, ...counted }).tensor;
  }
  if (rank > 3) return undefined;
  let picture = visit.reshaped(x, [batch, channels, ...places]).tensor;
  if (c.inputDilation.some((d) => d > 1)) {
    if (c.stride.some((s) => s > 1)) return undefined;
    const cut = c.kernel.map((k, i) => 2 * c.dilation[i] * (k - 1) - c.padding[i][0] - c.padding[i][1]);
    const [before, added] = [cut.map((n) => Math.max(0, n)), cut.map((n) => Math.max(0, -n))];
    return visit.value(`conv_transpose${rank}d`, [picture], {
      kernel: [...c.kernel],
      stride: [...c.inputDilation],
      dilation: [...c.dilation],
      padding: [...before, ...before.map(() => 0)],
      outputPadding: added,
      ...shared,
    }).tensor;
  }
  const cut = c.padding.map(([before, after]) => Math.max(0, -before) + Math.max(0, -after));
  if (cut.some((n) => n > 0))
    picture = visit.value('slice', [picture], { shape: [batch, channels, ...places.map((n, i) => n - cut[i])] }).tensor;
  const sides = [0, 1].flatMap((side) => c.padding.map((p) => Math.max(0, p[side])));
  return visit.value(`conv${rank}d`, [picture], {
    kernel: [...c.kernel],
    stride: [...c.stride],
    dilation: [...c.dilation],
    padding: sides,
    ...shared,
  }).tensor;
}
