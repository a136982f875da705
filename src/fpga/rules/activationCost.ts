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

/**
 * LUTs an element of a table look-up: its index from the value, limited to the table (127 of sigmoid, 134 of tanh in the quickdraw GRU, 16 bits, Vivado HLS 2019.2). Baselines of hls4ml,
 * 64 values: sigmoid 154 (Vivado HLS 2020.1), 162 (Vitis HLS 2023.1), 122 (2024.1); elu 72, 75, 157.
 */
function lookUpLut(activation: string, year = 2019): number {
  const elu = activation === 'elu' || activation === 'selu';
  if (year < 2020) return 130;
  return year < 2024 ? (elu ? 73 : 158) : elu ? 157 : 122;
}
/** ... and registers: none seen in 2019; elu 17 in those of 2020.1 and 2023.1, 44 in that of 2024.1; sigmoid 0 to 28. */
function lookUpFf(activation: string, year = 2019): number {
  if (year < 2020) return 0;
  return activation === 'elu' || activation === 'selu' ? (year < 2024 ? 17 : 44) : 10;
}
/** ... and cycles: one more with Vitis HLS 2024.1. */
const lookUpCycles = (year = 2019): Cycles => {
  const latency = year < 2024 ? 1 : 2;
  return { latencyMin: latency, latencyMax: latency, ii: 1 };
};
/** Hard tanh and sigmoid with rounding and saturation: LUTs and registers a value, and a bit of it. Within 5 % and 20 % of the four of LeNet-5 (Vitis HLS 2023.2, 22 to 34 bits). */
const BOUNDS_LUT = 145,
  BOUNDS_LUT_A_BIT = 2.6,
  BOUNDS_FF_A_BIT = 2;
/** LUTs a bit of a comparison against zero with saturation: 38 for 16 bits (Vitis 2024.1), 43 (Vitis 2021.1). */
const LUT_PER_RELU_BIT = 2.5;
/** ... and of one that multiplies by a slope: 53 to 60 for 16 bits (Vivado HLS 2019.2). */
const LUT_PER_LEAKY_BIT = 3.4;
/** ... from 2020 on, without DSPs: a leaky rectifier chooses between two values (7 LUTs for 16 bits in three baselines of hls4ml); a PReLU costs as a rectifier. */
const LUT_PER_CHOICE_BIT = 0.45;

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
  year?: number,
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
        ...lookUpCycles(year),
        lut: lookUpLut(activation, year) * n,
        ff: 2 + lookUpFf(activation, year) * n,
        dsp: 0,
        bram18: tableBram18(n, tableSize, bits.result),
      };
    case 'hard_tanh':
    case 'hard_sigmoid':
      return {
        latencyMin: 0,
        latencyMax: 0,
        ii: 1,
        lut: n * (BOUNDS_LUT + BOUNDS_LUT_A_BIT * bits.input),
        ff: n * BOUNDS_FF_A_BIT * bits.input,
        dsp: 0,
        bram18: 0,
      };
    default: {
      const slope = activation === 'prelu' || activation === 'leaky_relu';
      const late = compareNs(generation) > clockNs * USABLE_CLOCK ? 1 : 0;
      return {
        latencyMin: late,
        latencyMax: late,
        ii: 1,
        lut: slopeLut(activation, multipliers === 'lut') * Math.max(bits.input, bits.result) * n,
        ff: late * 26 * n,
        dsp: slope && multipliers !== 'lut' ? n * dspPerProduct(bits.input, bits.input, generation) : 0,
        bram18: 0,
      };
    }
  }
}

/** LUTs a bit of a rectifier. */
function slopeLut(activation: string, outsideDsp: boolean): number {
  if (activation === 'leaky_relu') return outsideDsp ? LUT_PER_CHOICE_BIT : LUT_PER_LEAKY_BIT;
  return activation === 'prelu' && !outsideDsp ? LUT_PER_LEAKY_BIT : LUT_PER_RELU_BIT;
}
