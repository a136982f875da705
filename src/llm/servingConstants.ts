/**
 * vLLM, SGLang and TensorRT-LLM of 2025 and 2026; those of LLM-Inference-Bench, 2024, under their year. `transformers`: Hugging Face's models in
 * PyTorch as they come, captured as a CUDA graph.
 */
export const FRAMEWORKS = [
  'vllm',
  'sglang',
  'trtllm',
  'transformers',
  'vllm-2024',
  'trtllm-2024',
  'llama.cpp-2024',
  'deepspeed-2024',
] as const;
export type Framework = (typeof FRAMEWORKS)[number];

/** 5 % and 95 % quantiles of measured over predicted, on devices that the constants were not fitted to. */
export type Band = readonly [low: number, high: number];

/** Makers of the devices that constants are fitted to: others have a framework's kernels from elsewhere (ROCm, IPEX, SYCL), which are another software. */
export const SERVED_MAKERS: readonly string[] = ['NVIDIA'];

/** What a framework makes of kernels; seconds. */
export interface ServingConstants {
  /** factor of kernels */
  kernels: number;
  /** of each pass */
  step: number;
  /** of each layer of a pass */
  layer: number;
  /** of each request of a pass */
  request: number;
  /** of the time to the first token in steady state: prompt + step x steps + batch x prompt x share; absent where it was not fitted */
  queue?: { prompt: number; step: number; share: number; band: Band };
  /** deviation of log(measured / predicted) of runs on one device from that of the device: median absolute deviation times 1.48 */
  spread: number;
  /** on devices of `SERVED_MAKERS` */
  ttftBand: Band | null;
  tpotBand: Band | null;
  requestBand: Band | null;
  energyBand: Band | null;
}

/** Measured over predicted of whole requests on devices of another maker, by framework, `any` of all; no interval: the rows are the ones it would be checked by. */
export type ElsewhereRatios = Partial<Record<Framework, Band>> & { any: Band };
