import { elementCount } from '../../core/elementCount.js';
import type { Info, KernelArgs, KernelPatch } from './wasmHeap.js';

/** Repeats x along each axis, copying whole blocks from the last axis outwards instead of single elements. x [d..] -> [d * reps..]. */
function tile({ inputs: { x }, attrs: { reps }, backend }: KernelArgs<{ x: Info }, { reps: number[] }>): Info {
  const out = backend.makeOutput(
    x.shape.map((d, i) => d * reps[i]),
    x.dtype,
  );
  const bytes = backend.wasm.HEAPU8,
    width = x.dtype === 'bool' ? 1 : 4;
  const xAt = backend.dataIdMap.get(x.dataId).memoryOffset,
    outAt = backend.dataIdMap.get(out.dataId).memoryOffset;
  if (!elementCount(out.shape)) return out;
  /** writes the tiled block of x from `axis` on; returns its length in bytes */
  const write = (axis: number, from: number, to: number): number => {
    if (axis === x.shape.length) {
      bytes.copyWithin(to, from, from + width);
      return width;
    }
    const step = elementCount(x.shape.slice(axis + 1)) * width;
    let length = 0;
    if (reps.slice(axis + 1).every((r) => r === 1)) {
      length = step * x.shape[axis];
      bytes.copyWithin(to, from, from + length);
    } else for (let i = 0; i < x.shape[axis]; i++) length += write(axis + 1, from + i * step, to + length);
    for (let r = 1; r < reps[axis]; r++) bytes.copyWithin(to + r * length, to, to + length);
    return length * reps[axis];
  };
  write(0, xAt, outAt);
  return out;
}

export const tilePatch: KernelPatch = { kernelName: 'Tile', kernelFunc: tile };
