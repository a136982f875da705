import type { DspGeneration } from '../../device/fpgaPartTable.js';
import type { Precision } from '../design/hlsDesign.js';
import { signedDigits } from '../design/signedDigits.js';
import { compareNs, USABLE_CLOCK } from './clockModel.js';
import { dspPerProduct } from './dspCount.js';
import { isRounded, ROUNDED_BIT } from './roundedSums.js';

/** The types an element has before and behind an activation. */
export interface ElementTypes {
  input: Precision;
  result: Precision;
}

/**
 * LUTs of a comparison of `bits` with zero. Vitis HLS: exact, with `usefulBits` behind it, in the 16 rectifiers of hls4ml_MLP_estimator and hls4ml_OpenML of 2024.1 (9 to 16 bits, any
 * number of units alive). Vivado HLS: 13 of 16 bits in two baselines of hls4ml (2020.1), little more of wider ones.
 */
const compareLut = (bits: number, vivadoHls: boolean): number => (vivadoHls ? 8 + (5 * bits) / 16 : bits + 7);

/** Bits of the result that a positive value can set: those that both types have, without the sign. All but the sign where a type is not known. */
export function usefulBits({ input, result }: ElementTypes): number {
  const withoutSign = (p: Precision, n: number): number => n - (p.signed ? 1 : 0);
  if (input.intBits === null || result.intBits === null)
    return Math.min(withoutSign(input, input.bits), withoutSign(result, result.bits));
  const fraction = Math.min(input.bits - input.intBits, result.bits - result.intBits),
    whole = Math.min(withoutSign(input, input.intBits), withoutSign(result, result.intBits));
  return Math.max(1, Math.min(withoutSign(result, result.bits), fraction + whole));
}

/** LUTs a bit of one that multiplies by a slope: 53 to 60 for 16 bits (Vivado HLS 2019.2, slope .3). */
const MULTIPLIED_BIT = 3.4;
/** Registers of a value where the clock is too fast for a comparison. */
const LATE_FF = 26;

/** How a slope is multiplied by, in steps of the input's type: not at all (1), by a shift, by two shifts and an addition, or in full. */
type Slope = 'zero' | 'one' | 'shift' | 'sum' | 'full';

function slopeOf(activation: string, slope: number | undefined, input: Precision): Slope {
  if (activation !== 'leaky_relu' && activation !== 'prelu') return 'zero';
  return slope === undefined ? (activation === 'prelu' ? 'zero' : 'full') : factorOf(slope, input);
}

/** How values of a type are multiplied by a constant. */
export function factorOf(slope: number, input: Precision): Slope {
  const steps = input.intBits === null ? slope * 1024 : slope * 2 ** (input.bits - input.intBits),
    digits = signedDigits(Math.floor(Math.abs(steps) + 1e-9)).length;
  if (slope === 1) return 'one';
  return digits === 0 ? 'zero' : digits === 1 ? 'shift' : digits === 2 ? 'sum' : 'full';
}

export interface RectifierTool {
  generation: DspGeneration;
  clockNs: number;
  vivadoHls: boolean;
  multipliers?: 'dsp' | 'lut';
}

/**
 * A rectifier of `n` elements (or a binary or ternary tanh, which has comparisons alone: by the source, not checked): a comparison of the input and a choice of the bits of the result that it can set (relu and kin). A leaky one chooses between the value and its product with
 * the slope: nothing is left of slope 1 (so in three baselines of hls4ml, whose LeakyReLU has it), a slope of one or two digits is shifts, any other a multiplication, in a DSP where
 * operands are wide (exact in the three of `vivado2019_cnn8_csynth.rpt`, slope .3). A PReLU whose slopes are not known is taken with the zeros they begin with.
 */
export function rectifierCost(
  activation: string,
  n: number,
  types: ElementTypes,
  slope: number | undefined,
  { generation, clockNs, vivadoHls, multipliers }: RectifierTool,
): { latency: number; lut: number; ff: number; dsp: number } {
  const { input, result } = types,
    kind = slopeOf(activation, slope, input);
  const late = compareNs(generation) > clockNs * USABLE_CLOCK ? 1 : 0;
  if (kind === 'one') return { latency: 0, lut: 0, ff: 0, dsp: 0 };
  const widest = Math.max(input.bits, result.bits);
  const rounded = isRounded(result) ? ROUNDED_BIT * result.bits : 0;
  const lut = {
    // a value of three is told by two comparisons
    zero: compareLut(input.bits, vivadoHls) * (activation === 'ternary_tanh' ? 2 : 1) + usefulBits(types) + rounded,
    shift: compareLut(input.bits, vivadoHls) + result.bits + rounded,
    sum: compareLut(input.bits, vivadoHls) + result.bits + input.bits + rounded,
    full: MULTIPLIED_BIT * widest,
  }[kind];
  const dsp = kind === 'full' && multipliers !== 'lut' ? dspPerProduct(input.bits, input.bits, generation) : 0;
  return { latency: late, lut: n * lut, ff: late * LATE_FF * n, dsp: n * dsp };
}
