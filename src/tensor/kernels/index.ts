import { tf } from '../tf.js';
import { batchMatMulPatch } from './batchMatMul.js';
import { gatherPatch } from './gather.js';
import { slicePatch } from './slice.js';
import { sumPatch } from './sum.js';
import { tilePatch } from './tile.js';
import { unsortedSegmentSumPatch } from './unsortedSegmentSum.js';
import type { KernelPatch, WasmBackend } from './wasmHeap.js';

/** Kernels of the wasm backend that are missing or slow, by name. Only the wasm backend is touched: native and cpu keep their own. */
export const WASM_PATCHES: readonly KernelPatch[] = [
  unsortedSegmentSumPatch,
  batchMatMulPatch,
  gatherPatch,
  slicePatch,
  sumPatch,
  tilePatch,
];

const stock = new Map<string, tf.KernelConfig | undefined>();

/** Puts the patched kernels in place of the stock ones (all, or those named); needs a ready wasm backend. Twice is once. */
export function installWasmKernels(names: readonly string[] = WASM_PATCHES.map((p) => p.kernelName)): void {
  const backend = tf.engine().findBackend('wasm') as unknown as WasmBackend;
  for (const patch of WASM_PATCHES) {
    if (!names.includes(patch.kernelName) || stock.has(patch.kernelName)) continue;
    const old = tf.getKernel(patch.kernelName, 'wasm');
    stock.set(patch.kernelName, old);
    if (old) tf.unregisterKernel(patch.kernelName, 'wasm');
    patch.setupFunc?.(backend);
    const patched = patch.kernelFunc as unknown as (args: Parameters<tf.KernelFunc>[0]) => tf.TensorInfo | undefined;
    const kernelFunc: tf.KernelFunc = (args) => {
      // strings do not live in the heap: they stay with the stock kernel (danfojs shares this engine)
      const ours = old && Object.values(args.inputs).some((t) => t?.dtype === 'string') ? undefined : patched(args);
      if (ours) return ours;
      if (!old) throw new Error(`the wasm backend has no kernel '${patch.kernelName}' for these inputs`);
      return old.kernelFunc(args);
    };
    tf.registerKernel({ kernelName: patch.kernelName, backendName: 'wasm', kernelFunc });
  }
}

/** Puts the stock kernels back, for comparisons (bench). */
export function removeWasmKernels(names: readonly string[] = WASM_PATCHES.map((p) => p.kernelName)): void {
  for (const name of names) {
    if (!stock.has(name)) continue;
    const old = stock.get(name);
    tf.unregisterKernel(name, 'wasm');
    if (old) tf.registerKernel(old);
    stock.delete(name);
  }
}
