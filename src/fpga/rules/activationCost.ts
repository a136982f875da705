import type { Cycles } from './denseCycles.js';
import { dspPerProduct } from './dspCount.js';
import { type ElementTypes, factorOf, type RectifierTool, rectifierCost } from './rectifierCost.js';

/** What a layer takes, as csynth counts it. */
export interface LayerResources {
  lut: number;
  ff: number;
  dsp: number;
  bram18: number;
  /** what logic synthesis leaves of `bram18`, where a rule tells */
  laterBram18?: number;
}
export type LayerEstimate = LayerResources & Cycles;

const BLOCK_BITS = 18 * 1024;

/** 18 Kb blocks of `n` look-ups a cycle in one table: two ports a block. Exact for the sigmoid (256 look-ups) and tanh (128) of the quickdraw GRU. */
export const tableBram18 = (n: number, entries: number, bits: number): number =>
  Math.ceil(n / 2) * Math.ceil((entries * bits) / BLOCK_BITS);

/** What the rules of activations need to know of the tool and the design. */
export interface ActivationTool extends RectifierTool {
  stream: boolean;
  year: number;
}

const isElu = (activation: string): boolean => activation === 'elu' || activation === 'selu';
/** LUTs around the look-ups of a layer. */
const AROUND_LOOK_UP = 40;

/**
 * LUTs an element of a table look-up: its index from the value, limited to the table (127 of sigmoid, 134 of tanh in the quickdraw GRU, 16 bits, Vivado HLS 2019.2). Of the ten baselines
 * of hls4ml, 64 and 2 values: sigmoid 147 (Vivado HLS 2020.1), 154 (Vitis HLS 2023.1), 112 (2024.1, 109 and 115); elu 66, and 150 of io_parallel in 2024.1.
 */
function lookUpLut(activation: string, { year, vivadoHls, stream }: ActivationTool): number {
  if (year < 2020) return 130;
  if (isElu(activation)) return year < 2024 || stream ? 66 : 150;
  return vivadoHls ? 147 : year < 2024 ? 154 : 112;
}
/** ... and registers: none seen in 2019 and of sigmoid in Vivado HLS; elu 17, 44 in 2024.1; sigmoid 28 in Vitis HLS 2023.1, 10 and 15 (io_stream) in 2024.1. */
function lookUpFf(activation: string, { year, vivadoHls, stream }: ActivationTool): number {
  if (year < 2020) return 0;
  if (isElu(activation)) return year < 2024 || stream ? 17 : 44;
  return vivadoHls ? 0 : year < 2024 ? 28 : stream ? 15 : 10;
}
/** ... and cycles: one more with Vitis HLS 2024.1. */
const lookUpCycles = (year: number): Cycles => {
  const latency = year < 2024 ? 1 : 2;
  return { latencyMin: latency, latencyMax: latency, ii: 1 };
};
/** hls4ml multiplies the positive values of a SELU by this. */
const SELU_SCALE = 1.0507009873554805;

/**
 * DSPs of the products with a constant that look-ups and bounds have beside them (nnet_activation.h): positive values of a SELU, what the table of an ELU gives where its alpha is not 1, all values of hard tanh and
 * sigmoid; none where the constant is a sum of two powers of two, as the slope of QKeras' is. By the source, not checked.
 */
function factorDsp(activation: string, slope: number | undefined, { input }: ElementTypes, tool: ActivationTool): number {
  const factor = activation === 'selu' ? SELU_SCALE : slope;
  if (factor === undefined || tool.multipliers === 'lut' || factorOf(factor, input) !== 'full') return 0;
  return dspPerProduct(input.bits, input.bits, tool.generation);
}

/** Hard tanh and sigmoid with rounding and saturation: LUTs and registers a value, and a bit of it. Within 5 % and 20 % of the four of LeNet-5 (Vitis HLS 2023.2, 22 to 34 bits). */
const BOUNDS_LUT = 145,
  BOUNDS_LUT_A_BIT = 2.6,
  BOUNDS_FF_A_BIT = 2;

/**
 * An activation of `n` elements at once; softmax apart (`softmaxCost`), rectifiers by `rectifierCost`. Latency and II exact in 78/78 modules of rectifiers. Tables (sigmoid, tanh and kin):
 * two look-ups a block and cycle.
 */
export function activationCost(
  activation: string,
  n: number,
  types: ElementTypes,
  tool: ActivationTool,
  { tableSize = 1024, slope }: { tableSize?: number; slope?: number } = {},
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
        ...lookUpCycles(tool.year),
        lut: (tool.year < 2020 ? 0 : AROUND_LOOK_UP) + lookUpLut(activation, tool) * n,
        ff: 2 + lookUpFf(activation, tool) * n,
        dsp: isElu(activation) ? n * factorDsp(activation, slope, types, tool) : 0,
        bram18: tableBram18(n, tableSize, types.result.bits),
      };
    case 'hard_tanh':
    case 'hard_sigmoid':
      return {
        latencyMin: 0,
        latencyMax: 0,
        ii: 1,
        lut: n * (BOUNDS_LUT + BOUNDS_LUT_A_BIT * types.input.bits),
        ff: n * BOUNDS_FF_A_BIT * types.input.bits,
        dsp: n * factorDsp(activation, slope, types, tool),
        bram18: 0,
      };
    default: {
      const { latency, ...cost } = rectifierCost(activation, n, types, slope, tool);
      return { latencyMin: latency, latencyMax: latency, ii: 1, ...cost, bram18: 0 };
    }
  }
}
