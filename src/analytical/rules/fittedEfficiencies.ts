// Written by `npx tsx scripts/fitRoofline.ts DATA --write` from the measured kernels of llm-ops (aiconfigurator 095f58a, NeuSight 6945927).
import type { FittedEfficiency } from './efficiencies.js';
import type { PowerConstants } from './power.js';

/** By family; `band`: 5 % and 95 % quantiles of measured over predicted, each device predicted by constants fitted without it. */
export const FITTED: Readonly<Record<string, FittedEfficiency>> = {
  gemm: {
    compute: 0.8358,
    memory: 0.8706,
    sharpness: 2.552,
    launch: 0.000002081,
    smallTile: 0.4321,
    splitCost: 0.000003393,
    waveCost: 8.254e-8,
    writing: 1.268,
    held: 0.2355,
    cacheRate: 16300000000,
    band: [0.785, 1.48],
  },
  attention: {
    compute: 0.5638,
    memory: 0.4304,
    sharpness: 1.21,
    launch: 0.00001318,
    band: [0.596, 2.86],
  },
  decodeAttention: {
    compute: 0.07062,
    memory: 0.8301,
    sharpness: 3.751,
    launch: 0.00001149,
    band: [0.551, 5.88],
  },
  experts: {
    compute: 0.2919,
    memory: 0.7644,
    sharpness: 1.12,
    launch: 0.00003435,
    band: [0.525, 3.26],
  },
  rowwise: {
    compute: 1.652,
    memory: 0.5043,
    sharpness: 4.952,
    launch: 0.000002615,
    band: [0.411, 1.71],
  },
  vector: {
    compute: 0.1207,
    memory: 0.9071,
    sharpness: 1,
    launch: 0.00002456,
    band: [0.608, 1.83],
  },
  conv: {
    compute: 1.237,
    memory: 0.5139,
    sharpness: 1,
    launch: 0.0002714,
    smallTile: 4.44e-8,
    splitCost: 0.003633,
    waveCost: 3.761e-9,
    band: [0.559, 1.76],
  },
  scan: {
    compute: 0.2616,
    memory: 0.3399,
    sharpness: 1,
    launch: 0.00001874,
    waveCost: 0.000002636,
    band: [0.346, 2.17],
  },
  network: {
    compute: 0.8512,
    memory: 0.6402,
    sharpness: 1.278,
    launch: 0.00000485,
    hop: 0.000003341,
    bulk: 0.0000179,
    inSwitch: 0.8147,
    hostShare: 0.4225,
    band: [0.581, 1.58],
  },
  decodeScan: {
    compute: 0.7644,
    memory: 1.031,
    sharpness: 3.437,
    launch: 0.000003805,
    band: [0.488, 1.33],
  },
};

export const POWER: PowerConstants & { readonly band: readonly [number, number] } = {
  base: 0.4522,
  compute: 2.34,
  memory: 0.245,
  band: [0.69, 1.503],
};
