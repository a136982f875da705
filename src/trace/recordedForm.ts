import type { Attrs } from '../graph/operators/attributes.js';
import type { MappedOp } from '../graph/operatorText.js';

const WINDOWS = /^(conv(_transpose)?\dd|(max|avg)_pool\dd)$/;

/**
 * An operator in the form in which datasets of traces have it, so that one operator is one workload whichever profiler saw it: of windows no dilation of 1
 * and one padding for both sides where they are equal, of a softmax over the last axis no axis, of a product always whether it is turned.
 */
export function recordedForm(mapped: MappedOp): MappedOp {
  const { op } = mapped,
    attrs: Record<string, Attrs[string]> = { ...mapped.attrs };
  if (WINDOWS.test(op)) {
    const { dilation, padding, kernel } = attrs,
      axes = (kernel as number[]).length;
    if (Array.isArray(dilation) && dilation.every((d) => d === 1)) delete attrs.dilation;
    if (padding === 0 || padding === undefined) attrs.padding = new Array<number>(axes).fill(0);
    else if (
      Array.isArray(padding) &&
      padding.length === 2 * axes &&
      padding.slice(0, axes).every((p, i) => p === padding[axes + i])
    )
      attrs.padding = padding.slice(0, axes);
    if (attrs.ceilMode === 0) delete attrs.ceilMode;
  }
  if (op === 'softmax' && (attrs.axis === -1 || attrs.axis === mapped.shape.length - 1)) delete attrs.axis;
  if (op === 'matmul') attrs.transposeB ??= 0;
  return { ...mapped, attrs };
}
