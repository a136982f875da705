import { createRequire } from 'node:module';

/** Whether the optional peer `onnxruntime-node` is installed; tests that run it are skipped where it is not. */
export const hasOnnxRuntime = ((): boolean => {
  try {
    createRequire(import.meta.url).resolve('onnxruntime-node');
    return true;
  } catch {
    return false;
  }
})();
