import type { tf } from '../tf.js';

/** A tensor as a kernel sees it. */
export type Info = tf.TensorInfo;

/** What the kernels here use of tfjs's wasm backend (class BackendWasm of @tensorflow/tfjs-backend-wasm 4.22). */
export interface WasmBackend {
  wasm: {
    HEAPU8: Uint8Array;
    asm?: { memory?: object };
    cwrap(name: string, returns: string | null, args: string[]): (...args: unknown[]) => void;
    tfjs: { registerTensor(id: number, size: number, memoryOffset: number): void; disposeData(id: number): void };
  };
  dataIdNextNumber: number;
  dataIdMap: { get(dataId: object): { id: number; memoryOffset: number } };
  makeOutput(shape: number[], dtype: string): Info;
  disposeData(dataId: object): boolean;
  incRef(dataId: object): void;
  readSync(dataId: object): Float32Array | Int32Array | Uint8Array;
}

/** Arguments of a kernel function with the inputs it declares. */
export interface KernelArgs<Inputs, Attrs = Record<string, never>> {
  inputs: Inputs;
  attrs: Attrs;
  backend: WasmBackend;
}

/** A kernel that replaces or adds one of the wasm backend. */
export interface KernelPatch {
  kernelName: string;
  setupFunc?: (backend: WasmBackend) => void;
  // kernels differ in inputs and attributes; tfjs itself types this as a function of untyped maps. undefined: leave it to the stock kernel
  kernelFunc: (args: never) => Info | undefined;
}

/**
 * The whole wasm heap as words of four bytes, and where the given tensors begin in it. Take it after the last `makeOutput` of a kernel:
 * an allocation may grow the memory, which detaches older views.
 */
export function wordsOf(backend: WasmBackend, tensors: readonly Info[]): { f32: Float32Array; i32: Int32Array; at: number[] } {
  const { buffer } = backend.wasm.HEAPU8;
  return {
    f32: new Float32Array(buffer),
    i32: new Int32Array(buffer),
    at: tensors.map((t) => backend.dataIdMap.get(t.dataId).memoryOffset >>> 2),
  };
}
