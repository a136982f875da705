import { z } from 'zod';
import type { Shape } from '../tensorType.js';
import { type Attrs, Misfit, type Padding, padding, perAxis } from './attributes.js';

/** Axes of image tensors by the number of spatial ones. */
export const AXES: Readonly<Record<number, string>> = { 1: '[N, C, L]', 2: '[N, C, H, W]', 3: '[N, C, D, H, W]' };

export interface Window {
  kernel: number[];
  stride: number[];
  dilation: number[];
  padding: Padding;
  /** 1: a last window that starts inside the input counts */
  ceilMode?: 0 | 1;
}

/** Attributes of a convolution. */
export interface Convolution extends Window {
  groups: number;
  outChannels: number;
  bias: 0 | 1;
}

/** The window of a node's attributes, defaults filled in. */
export const windowOf = (attrs: Attrs, axes: number): Window =>
  z
    .object({
      kernel: perAxis(axes),
      stride: perAxis(axes).default(Array(axes).fill(1)),
      dilation: perAxis(axes).default(Array(axes).fill(1)),
      padding: padding(axes),
    })
    .parse(attrs);

/** Checks that `x` is a batch of images with `axes` spatial axes. */
export function needImage(x: Shape, axes: number): void {
  if (x.length !== axes + 2) throw new Misfit(`needs an ${AXES[axes]} input`);
}

/** Places added before and after one spatial axis of `size`. */
export function paddingOf({ padding, kernel, stride, dilation }: Window, axis: number, size: number): [number, number] {
  if (padding !== 'same') return [padding.before[axis], padding.after[axis]];
  const reach = dilation[axis] * (kernel[axis] - 1) + 1;
  const all = Math.max(0, (Math.ceil(size / stride[axis]) - 1) * stride[axis] + reach - size);
  return [all >> 1, all - (all >> 1)];
}

/** Number of windows along each spatial axis of `x`: floor((size + padding - dilation (kernel - 1) - 1) / stride) + 1 (Dumoulin and Visin, 2016). */
export function windowCounts(x: Shape, window: Window): number[] {
  const { kernel, stride, dilation, ceilMode } = window;
  return kernel.map((k, axis) => {
    const size = x[axis + 2];
    const [before, after] = paddingOf(window, axis, size);
    const room = (size + before + after - dilation[axis] * (k - 1) - 1) / stride[axis];
    let count = (ceilMode ? Math.ceil(room) : Math.floor(room)) + 1;
    // a window that would start in the padding behind is left out
    if (ceilMode && (count - 1) * stride[axis] >= size + before) count--;
    if (count < 1) throw new Misfit(`kernel ${kernel.join('x')} does not fit`);
    return count;
  });
}
