import { elementCount } from '../../core/elementCount.js';
import type { Info, KernelArgs, KernelPatch } from './wasmHeap.js';

/**
 * A block of x. The stock kernel first copies the whole of x out of the heap; this one copies the block's rows inside it.
 * x [d..], begin [rank], size [rank] with -1 for "to the end" -> [size..].
 */
function slice({
  inputs: { x },
  attrs,
  backend,
}: KernelArgs<{ x: Info }, { begin: number | number[]; size?: number | number[] }>): Info {
  const rank = x.shape.length;
  const given = (v: number | number[] | undefined, rest: number) =>
    [...[v ?? []].flat(), ...Array(rank).fill(rest)].slice(0, rank) as number[];
  const begin = given(attrs.begin, 0),
    size = given(attrs.size, -1).map((s, i) => (s < 0 ? x.shape[i] - begin[i] : s));
  size.forEach((s, i) => {
    if (begin[i] + s > x.shape[i] || begin[i] < 0)
      throw new RangeError(`Slice: [${begin}] + [${size}] reaches beyond the tensor of shape [${x.shape}]`);
  });
  const out = backend.makeOutput(size, x.dtype),
    width = x.dtype === 'bool' ? 1 : 4;
  const bytes = backend.wasm.HEAPU8;
  let to = backend.dataIdMap.get(out.dataId).memoryOffset;
  const write = (axis: number, from: number): void => {
    const inner = elementCount(x.shape.slice(axis + 1)),
      whole = size.slice(axis + 1).every((s, i) => s === x.shape[axis + 1 + i]);
    from += (begin[axis] ?? 0) * inner * width;
    if (axis >= rank - 1 || whole) {
      const length = (axis < rank ? size[axis] * inner : 1) * width;
      bytes.copyWithin(to, from, from + length);
      to += length;
    } else for (let i = 0; i < size[axis]; i++) write(axis + 1, from + i * inner * width);
  };
  if (elementCount(size)) write(0, backend.dataIdMap.get(x.dataId).memoryOffset);
  return out;
}

export const slicePatch: KernelPatch = { kernelName: 'Slice', kernelFunc: slice };
