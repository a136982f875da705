// Written by `npx tsx scripts/fitRoofline.ts DATA --write` from the measured kernels of llm-ops (aiconfigurator 095f58a, NeuSight 6945927).
import type { FittedEfficiency } from './efficiencies.js';
import type { PowerConstants } from './power.js';

/** By family; `band`: 5 % and 95 % quantiles of measured over predicted, each device predicted by constants fitted without it. */
export const FITTED: Readonly<Record<string, FittedEfficiency>> = {
  gemm: {
    compute: 0.8287,
    memory: 0.8899,
    sharpness: 2.488,
    launch: 0.000002082,
    smallTile: 0.4508,
    splitCost: 0.000003281,
    waveCost: 6.749e-8,
    writing: 1.243,
    held: 0.1572,
    cacheRate: 20760000000,
    band: [0.772, 1.32],
  },
  attention: {
    compute: 0.568,
    memory: 0.444,
    sharpness: 1.164,
    launch: 0.00001256,
    band: [0.611, 2.21],
  },
  decodeAttention: {
    compute: 0.06944,
    memory: 0.8369,
    sharpness: 3.917,
    launch: 0.00001101,
    band: [0.578, 4.66],
  },
  experts: {
    compute: 0.4958,
    memory: 0.7444,
    sharpness: 1.103,
    launch: 0.00003162,
    band: [0.578, 2.48],
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
    compute: 0.75,
    memory: 0.6392,
    sharpness: 3,
    launch: 0.000004844,
    hop: 0.000003342,
    bulk: 0.00001802,
    inSwitch: 0.8177,
    hostShare: 0.423,
    band: [0.628, 1.64],
  },
  decodeScan: {
    compute: 0.7644,
    memory: 1.031,
    sharpness: 3.437,
    launch: 0.000003805,
    band: [0.488, 1.33],
  },
  widenedExperts: {
    compute: 0.2009,
    memory: 0.7444,
    sharpness: 1.103,
    launch: 0.00003162,
    band: [0.515, 2.97],
  },
};

export const POWER: PowerConstants & { readonly band: readonly [number, number] } = {
  base: 0.4504,
  compute: 1.696,
  memory: 0.322,
  band: [0.7227, 1.404],
};
