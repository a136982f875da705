// biome-ignore-all lint/suspicious/noApproximativeNumericConstant: fitted numbers
// Written by `npx tsx scripts/fitServing.ts DATA --write` from LLM-Inference-Bench (Argonne, 4211f5d), aiconfigurator's silicon rows (095f58a) and datasets/llm-passes.
import type { ElsewhereBands, Framework, ServingConstants } from './servingConstants.js';

/** Fitted to devices of `SERVED_MAKERS`. */
export const SERVING: Readonly<Record<Framework, ServingConstants>> = {
  vllm: {
    kernels: 0.9416,
    step: 4.352e-14,
    layer: 0.00002188,
    request: 4.453e-53,
    spread: 0.1378,
    queue: {
      prompt: 1.348,
      step: 3.005,
      share: 0.05955,
      band: [0.652, 1.96],
    },
    ttftBand: [0.988, 1.65],
    tpotBand: [0.696, 1.62],
    requestBand: [0.696, 1.62],
    energyBand: [0.738, 1.34],
  },
  sglang: {
    kernels: 0.7757,
    step: 0.0006702,
    layer: 0.00003633,
    request: 0.00002496,
    spread: 0.1374,
    queue: {
      prompt: 1.443,
      step: 14.87,
      share: 0.1579,
      band: [0.313, 16],
    },
    ttftBand: [0.988, 1.65],
    tpotBand: [0.742, 1.38],
    requestBand: [0.742, 1.38],
    energyBand: [0.738, 1.34],
  },
  trtllm: {
    kernels: 0.7934,
    step: 0.002301,
    layer: 1.125e-13,
    request: 0.000007621,
    spread: 0.2311,
    queue: {
      prompt: 1.069,
      step: 10.85,
      share: 0.03418,
      band: [0.455, 1.89],
    },
    ttftBand: [0.988, 1.65],
    tpotBand: [0.518, 1.46],
    requestBand: [0.518, 1.46],
    energyBand: [0.738, 1.34],
  },
  transformers: {
    kernels: 1.34,
    step: 1.089e-15,
    layer: 0.00002518,
    request: 1.096e-43,
    spread: 0.05118,
    ttftBand: [0.563, 1.34],
    tpotBand: [0.608, 1.86],
    requestBand: [0.579, 1.64],
    energyBand: [0.738, 1.34],
  },
  'vllm-2024': {
    kernels: 0.9848,
    step: 0.00217,
    layer: 0.000001829,
    request: 0.00008626,
    spread: 0.1188,
    ttftBand: [0.988, 1.65],
    tpotBand: [0.828, 1.19],
    requestBand: [0.828, 1.19],
    energyBand: [0.738, 1.34],
  },
  'trtllm-2024': {
    kernels: 1.003,
    step: 1.185e-9,
    layer: 0.0000357,
    request: 0.00002212,
    spread: 0.1076,
    ttftBand: [0.988, 1.65],
    tpotBand: [0.52, 1.29],
    requestBand: [0.52, 1.29],
    energyBand: [0.738, 1.34],
  },
  'llama.cpp-2024': {
    kernels: 0.4999,
    step: 4.281e-7,
    layer: 0.0002396,
    request: 0,
    spread: 0.4148,
    ttftBand: [0.988, 1.65],
    tpotBand: [0.566, 2.6],
    requestBand: [0.566, 2.6],
    energyBand: [0.738, 1.34],
  },
  'deepspeed-2024': {
    kernels: 0.97,
    step: 0.006057,
    layer: 0.000002103,
    request: 0.0001386,
    spread: 0.2108,
    ttftBand: [0.988, 1.65],
    tpotBand: [0.801, 2.02],
    requestBand: [0.801, 2.02],
    energyBand: [0.738, 1.34],
  },
};

/** On devices of other makers: measured over predicted by the constants above, by maker; `other` where none was measured. */
export const ELSEWHERE: Readonly<Record<string, ElsewhereBands>> = {
  Intel: {
    ttft: [1.2, 9.29],
    request: {
      any: [1.81, 52.8],
      'vllm-2024': [1.18, 11.9],
      'llama.cpp-2024': [2.76, 55.8],
    },
  },
  AMD: {
    ttft: [1.2, 9.29],
    request: {
      any: [0.722, 3.56],
      'vllm-2024': [0.685, 1.52],
      'llama.cpp-2024': [0.925, 4.84],
    },
  },
  other: {
    ttft: [1.2, 9.29],
    request: {
      any: [0.757, 26.1],
    },
  },
};
