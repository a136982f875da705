import type { DspGeneration } from '../../device/fpgaPartTable.js';
import { adderNs, compareNs, USABLE_CLOCK } from './clockModel.js';
import type { Cycles } from './denseCycles.js';
import { dspPerProduct } from './dspCount.js';
import { PER_MULTIPLIER_CELL } from './lutEstimate.js';

/** What a layer takes, as csynth counts it. */
export interface LayerResources {
  lut: number;
  ff: number;
  dsp: number;
  bram18: number;
}
export type LayerEstimate = LayerResources & Cycles;

/** Bits of hls4ml's exponential and inverse tables, `ap_fixed<18,8>`. */
const SOFTMAX_TABLE_BITS = 18;
const BLOCK_BITS = 18 * 1024;

/** 18 Kb blocks of `n` look-ups a cycle in one table: two ports a block. Exact for the sigmoid (256 look-ups) and tanh (128) of the quickdraw GRU. */
export const tableBram18 = (n: number, entries: number, bits: number): number =>
  Math.ceil(n / 2) * Math.ceil((entries * bits) / BLOCK_BITS);

/**
 * Softmax over `n` (nnet_activation.h, `softmax_stable`): largest, exponential table, sum, inverse table, n products.
 * DSP n: exact in 33/33 modules. BRAM: Vivado HLS ceil(n/2) exponentials and one inverse (1/1 module), Vitis HLS n (30/32; 8 for 5 in hls4ml_OpenML).
 * Latency: exact in 26, within two cycles in 33/33 modules, n from 2 to 16. LUT 155 (n - 0.5) within 21 %, FF 15 a cycle and value within 33 %. All read off
 * these modules.
 */
export function softmaxCost(
  n: number,
  tableSize: number,
  generation: DspGeneration,
  clockNs: number,
  vivadoHls: boolean,
  multipliers?: 'dsp' | 'lut',
): LayerEstimate {
  const slow = adderNs(generation) > 2,
    inLuts = multipliers === 'lut' || generation === 'none';
  const latency =
    (slow ? 6 : 2) +
    Math.ceil((2 * Math.ceil(Math.log2(Math.max(2, n))) * adderNs(generation)) / clockNs - 1e-9) -
    (inLuts ? 2 : 0);
  const block = Math.ceil((tableSize * SOFTMAX_TABLE_BITS) / BLOCK_BITS);
  return {
    latencyMin: latency,
    latencyMax: latency,
    ii: 1,
    dsp: inLuts ? 0 : n,
    bram18: block * (vivadoHls ? Math.ceil(n / 2) + 1 : n),
    lut: 155 * (n - 0.5) + (inLuts ? n * PER_MULTIPLIER_CELL * SOFTMAX_TABLE_BITS ** 2 : 0),
    ff: 15 * n * latency,
  };
}

/** LUTs an element of a table look-up: its index from the value, limited to the table (127 of sigmoid, 134 of tanh in the quickdraw GRU, 16 bits). */
const LUT_PER_LOOKUP = 130;
/** LUTs a bit of a comparison against zero with saturation: 38 for 16 bits (Vitis 2024.1), 43 (Vitis 2021.1). */
const LUT_PER_RELU_BIT = 2.5;
/** ... and of one that multiplies by a slope: 53 to 60 for 16 bits (Vivado HLS 2019.2). */
const LUT_PER_LEAKY_BIT = 3.4;

/**
 * An activation of `n` elements at once; softmax apart (`softmaxCost`).
 * Rectifiers (relu and kin): 2.5 LUTs a bit of the wider side; median error 7 % in the 66 modules of one precision (40 % where units were pruned), far
 * above where elements differ in precision (hls4ml_OpenML 3.1); latency and II exact in 78/78
 * modules. Tables (sigmoid, tanh and kin): two look-ups a block and cycle, read
 * off one module each. Leaky relu and prelu multiply: one DSP an element where operands are wide, unless `multipliers` is `lut` (so in tools from 2020 on); exact in the three of `vivado2019_cnn8_csynth.rpt` and, in total, in the CNNs of 2019.
 */
export function activationCost(
  activation: string,
  n: number,
  bits: { input: number; result: number },
  tableSize: number,
  generation: DspGeneration,
  clockNs: number,
  multipliers?: 'dsp' | 'lut',
): LayerEstimate {
  switch (activation) {
    case 'linear':
      return { latencyMin: 0, latencyMax: 0, ii: 1, lut: 0, ff: 0, dsp: 0, bram18: 0 };
    case 'sigmoid':
    case 'tanh':
    case 'softplus':
    case 'softsign':
    case 'elu':
    case 'selu':
      return {
        latencyMin: 1,
        latencyMax: 1,
        ii: 1,
        lut: LUT_PER_LOOKUP * n,
        ff: 2,
        dsp: 0,
        bram18: tableBram18(n, tableSize, bits.result),
      };
    default: {
      const slope = activation === 'prelu' || activation === 'leaky_relu';
      const late = compareNs(generation) > clockNs * USABLE_CLOCK ? 1 : 0;
      return {
        latencyMin: late,
        latencyMax: late,
        ii: 1,
        lut: (slope ? LUT_PER_LEAKY_BIT : LUT_PER_RELU_BIT) * Math.max(bits.input, bits.result) * n,
        ff: late * 26 * n,
        dsp: slope && multipliers !== 'lut' ? n * dspPerProduct(bits.input, bits.input, generation) : 0,
        bram18: 0,
      };
    }
  }
}
