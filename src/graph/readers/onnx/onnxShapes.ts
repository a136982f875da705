import { elementCount } from '../../../core/elementCount.js';

/** Axes counted from the end become axes from the start. */
export const positiveAxis = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** Dims after Reshape: 0 keeps an axis, -1 takes what is left. Undefined where the number of elements does not fit. */
export function reshaped(dims: readonly number[], target: readonly number[], allowZero = false): number[] | undefined {
  const out = target.map((d, i) => (d === 0 && !allowZero ? (dims[i] ?? 0) : d));
  const open = out.indexOf(-1);
  if (open >= 0) {
    out[open] = 1;
    out[open] = elementCount(dims) / elementCount(out);
  }
  return out.every((d) => Number.isInteger(d) && d >= 0) && elementCount(out) === elementCount(dims) ? out : undefined;
}

/** Dims after Flatten: everything before `axis` one axis, the rest the other. */
export function flattened(dims: readonly number[], axis: number): number[] {
  const at = positiveAxis(axis, dims.length);
  return [elementCount(dims.slice(0, at)), elementCount(dims.slice(at))];
}

/** Axes that Squeeze keeps: all but `axes`, or but those of length 1. */
export function keptAxes(dims: readonly number[], axes: readonly number[] | undefined): number[] {
  const gone = axes?.map((a) => positiveAxis(a, dims.length));
  return dims.map((_, i) => i).filter((i) => (gone ? !gone.includes(i) : dims[i] !== 1));
}

/** Dims after Unsqueeze: axes of length 1 at the places `axes` of the result. */
export function unsqueezed(dims: readonly number[], axes: readonly number[]): number[] {
  const rank = dims.length + axes.length,
    added = new Set(axes.map((a) => positiveAxis(a, rank))),
    rest = [...dims];
  return Array.from({ length: rank }, (_, i) => (added.has(i) ? 1 : rest.shift()!));
}

/** Dims of an elementwise operator of two tensors, undefined where they do not fit (numpy's rule). */
export function broadcasted(a: readonly number[], b: readonly number[]): number[] | undefined {
  const rank = Math.max(a.length, b.length);
  const out = Array.from({ length: rank }, (_, i) => {
    const x = a[a.length - rank + i] ?? 1,
      y = b[b.length - rank + i] ?? 1;
    return x === y || y === 1 ? x : x === 1 ? y : -1;
  });
  return out.includes(-1) ? undefined : out;
}

/** Maps a flat index into a tensor of `dims` to one into a tensor of `other` that is broadcast over it; undefined where it does not fit. */
export function broadcastIndex(dims: readonly number[], other: readonly number[]): ((i: number) => number) | undefined {
  if (elementCount(other) === 1) return () => 0;
  const padded = [...Array.from({ length: Math.max(0, dims.length - other.length) }, () => 1), ...other];
  if (padded.length !== dims.length || padded.some((d, i) => d !== 1 && d !== dims[i])) return undefined;
  return (flat) => {
    let index = 0,
      stride = 1;
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      if (padded[axis] !== 1) {
        index += (flat % dims[axis]) * stride;
        stride *= padded[axis];
      }
      flat = Math.floor(flat / dims[axis]);
    }
    return index;
  };
}

/** Values in row-major order after a permutation of the axes. */
export function transposedValues(values: Float64Array, dims: readonly number[], perm: readonly number[]): Float64Array {
  const strides = dims.map((_, i) => elementCount(dims.slice(i + 1))),
    outDims = perm.map((p) => dims[p]),
    at = perm.map(() => 0),
    out = new Float64Array(values.length);
  for (let i = 0; i < out.length; i++) {
    out[i] = values[at.reduce((sum, index, axis) => sum + index * strides[perm[axis]], 0)];
    for (let axis = at.length - 1; axis >= 0 && ++at[axis] === outDims[axis]; axis--) at[axis] = 0;
  }
  return out;
}
