// biome-ignore-all lint/suspicious/noApproximativeNumericConstant: fitted numbers
// Written by `npx tsx scripts/fitServing.ts DATA --write` from LLM-Inference-Bench (Argonne, 4211f5d), aiconfigurator's silicon rows (095f58a) and datasets/llm-passes.
import type { ElsewhereBands, Framework, ServingConstants } from './servingConstants.js';

/** Fitted to devices of `SERVED_MAKERS`. */
export const SERVING: Readonly<Record<Framework, ServingConstants>> = {
  vllm: {
    kernels: 0.937,
    step: 1.99e-17,
    layer: 0.00002427,
    request: 2.267e-14,
    spread: 0.1381,
    queue: {
      prompt: 1.552,
      step: 2.561,
      share: 0.06561,
      band: [0.629, 1.78],
    },
    ttftBand: [0.989, 1.65],
    tpotBand: [0.724, 1.59],
    requestBand: [0.724, 1.59],
    energyBand: [0.738, 1.34],
  },
  sglang: {
    kernels: 0.7711,
    step: 0.0009618,
    layer: 0.00003353,
    request: 0.00002467,
    spread: 0.1348,
    queue: {
      prompt: 1.528,
      step: 14.55,
      share: 0.1561,
      band: [0.314, 15.2],
    },
    ttftBand: [0.989, 1.65],
    tpotBand: [0.746, 1.38],
    requestBand: [0.746, 1.38],
    energyBand: [0.738, 1.34],
  },
  trtllm: {
    kernels: 0.7906,
    step: 0.002375,
    layer: 2.092e-10,
    request: 0.000007617,
    spread: 0.239,
    queue: {
      prompt: 1.356,
      step: 10.19,
      share: 0.03153,
      band: [0.454, 1.89],
    },
    ttftBand: [0.989, 1.65],
    tpotBand: [0.51, 1.47],
    requestBand: [0.51, 1.47],
    energyBand: [0.738, 1.34],
  },
  transformers: {
    kernels: 1.34,
    step: 1.291e-16,
    layer: 0.00002518,
    request: 2.642e-17,
    spread: 0.04823,
    ttftBand: [0.543, 1.37],
    tpotBand: [0.582, 1.86],
    requestBand: [0.555, 1.65],
    energyBand: [0.738, 1.34],
  },
  'vllm-2024': {
    kernels: 0.984,
    step: 0.002177,
    layer: 0.000001823,
    request: 0.00008632,
    spread: 0.1093,
    ttftBand: [0.989, 1.65],
    tpotBand: [0.839, 1.18],
    requestBand: [0.839, 1.18],
    energyBand: [0.738, 1.34],
  },
  'trtllm-2024': {
    kernels: 1.003,
    step: 3.338e-10,
    layer: 0.00003584,
    request: 0.00002206,
    spread: 0.1074,
    ttftBand: [0.989, 1.65],
    tpotBand: [0.531, 1.29],
    requestBand: [0.531, 1.29],
    energyBand: [0.738, 1.34],
  },
  'llama.cpp-2024': {
    kernels: 0.5055,
    step: 0.000002136,
    layer: 0.0002378,
    request: 0,
    spread: 0.4159,
    ttftBand: [0.989, 1.65],
    tpotBand: [0.566, 2.59],
    requestBand: [0.566, 2.59],
    energyBand: [0.738, 1.34],
  },
  'deepspeed-2024': {
    kernels: 0.97,
    step: 0.006011,
    layer: 0.000003559,
    request: 0.0001386,
    spread: 0.2107,
    ttftBand: [0.989, 1.65],
    tpotBand: [0.839, 2.02],
    requestBand: [0.839, 2.02],
    energyBand: [0.738, 1.34],
  },
};

/** On devices of other makers: measured over predicted by the constants above, by maker; `other` where none was measured. */
export const ELSEWHERE: Readonly<Record<string, ElsewhereBands>> = {
  Intel: {
    ttft: [1.2, 9.3],
    request: {
      any: [1.81, 52.8],
      'vllm-2024': [1.18, 11.9],
      'llama.cpp-2024': [2.75, 55.8],
    },
  },
  AMD: {
    ttft: [1.2, 9.3],
    request: {
      any: [0.729, 3.55],
      'vllm-2024': [0.686, 1.52],
      'llama.cpp-2024': [1.02, 4.81],
    },
  },
  other: {
    ttft: [1.2, 9.3],
    request: {
      any: [0.764, 26.1],
    },
  },
};
