import { elementCount } from '../../core/elementCount.js';
import { type AddScaled, compileAddScaled } from './addScaled.js';
import { type Info, type KernelArgs, type KernelPatch, wordsOf } from './wasmHeap.js';

let addScaled: AddScaled;

/**
 * out[segmentIds[i], ...] += x[i, ...]; negative ids are dropped. The wasm backend has no such kernel, and the gradient of `gather` needs it.
 * x [n, ...inner] float32, segmentIds [n] int32 -> [numSegments, ...inner].
 */
function unsortedSegmentSum({
  inputs,
  attrs,
  backend,
}: KernelArgs<{ x: Info; segmentIds: Info }, { numSegments: number }>): Info {
  const { x, segmentIds } = inputs;
  const ids = elementCount(segmentIds.shape),
    inner = x.shape.slice(segmentIds.shape.length),
    row = elementCount(inner);
  const out = backend.makeOutput([attrs.numSegments, ...inner], x.dtype);
  const {
    f32,
    i32,
    at: [xAt, idAt, outAt],
  } = wordsOf(backend, [x, segmentIds, out]);
  const heap = x.dtype === 'int32' ? i32 : f32;
  heap.fill(0, outAt, outAt + attrs.numSegments * row);
  for (let i = 0; i < ids; i++) {
    const id = i32[idAt + i];
    if (id < 0 || id >= attrs.numSegments) continue;
    const to = outAt + id * row,
      from = xAt + i * row;
    if (heap === f32 && row >= 8) addScaled(to * 4, from * 4, 1, row);
    else for (let j = 0; j < row; j++) heap[to + j] += heap[from + j];
  }
  return out;
}

export const unsortedSegmentSumPatch: KernelPatch = {
  kernelName: 'UnsortedSegmentSum',
  setupFunc: (backend) => {
    addScaled = compileAddScaled(backend);
  },
  kernelFunc: unsortedSegmentSum,
};
