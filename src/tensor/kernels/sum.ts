import { elementCount } from '../../core/elementCount.js';
import { type AddScaled, compileAddScaled } from './addScaled.js';
import { type Info, type KernelArgs, type KernelPatch, wordsOf } from './wasmHeap.js';

let addScaled: AddScaled;

/**
 * Sum over adjacent axes that are not the last, row by row: the gradient of every bias. The stock kernel transposes first. Other sums are left to
 * it (undefined). x [outer.., reduced.., inner..] -> [outer.., inner..], or with ones in between where keepDims.
 */
function sum({
  inputs: { x },
  attrs: { axis, keepDims },
  backend,
}: KernelArgs<{ x: Info }, { axis: number | number[]; keepDims: boolean }>): Info | undefined {
  const rank = x.shape.length;
  const axes = [axis ?? []]
    .flat()
    .map((a) => (a < 0 ? a + rank : a))
    .sort((a, b) => a - b);
  const first = axes[0],
    last = axes[axes.length - 1];
  if (x.dtype !== 'float32' || !axes.length || last - first !== axes.length - 1 || new Set(axes).size !== axes.length)
    return undefined;
  const outer = elementCount(x.shape.slice(0, first)),
    reduced = elementCount(x.shape.slice(first, last + 1)),
    inner = elementCount(x.shape.slice(last + 1));
  if (inner < 8 || !outer) return undefined;
  const kept = x.shape.map((d, i) => (i >= first && i <= last ? 1 : d));
  const out = backend.makeOutput(keepDims ? kept : [...x.shape.slice(0, first), ...x.shape.slice(last + 1)], 'float32');
  const {
    f32,
    at: [xAt, outAt],
  } = wordsOf(backend, [x, out]);
  f32.fill(0, outAt, outAt + outer * inner);
  for (let o = 0; o < outer; o++)
    for (let r = 0; r < reduced; r++) addScaled((outAt + o * inner) * 4, (xAt + (o * reduced + r) * inner) * 4, 1, inner);
  return out;
}

export const sumPatch: KernelPatch = {
  kernelName: 'Sum',
  setupFunc: (backend) => {
    addScaled = compileAddScaled(backend);
  },
  kernelFunc: sum,
};
