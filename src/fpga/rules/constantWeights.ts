import type { ConstantCounts } from '../design/constantCounts.js';
import { signedDigits } from '../design/signedDigits.js';

/** Kinds of constants among the weights of an unrolled layer, counted or expected. */
export interface ConstantWeights extends ConstantCounts {
  /** weights that are not zero: terms of the adder trees */
  nonZero: number;
}

/** [count of one signed digit, count of two] of the integers 1..v, by v */
const sparseCounts: [number, number][] = [[0, 0]];

/**
 * Largest magnitude, in steps of 2^-fractionBits, of weights uniform in +-sqrt(3 / n_in): the bound of `lecun_uniform`, where hls4ml's and QKeras' examples
 * start (a trained network differs), unless `spread`, the largest magnitude of another initialiser, is told. Where rounding would leave only zeros the quantiser scales to +-1 step.
 */
export function weightBound(nIn: number, fractionBits: number, spread = Math.sqrt(3 / nIn)): number {
  const bound = spread * 2 ** fractionBits;
  return bound <= 0.5 ? 1 : bound;
}

/**
 * Bits that such weights need, sign included, of the `weightBits` of their type: the upper ones repeat the sign, and the tool drops them where it sees it,
 * which is in the last weight of a memory word (`weightBram18`, `dspCount`).
 */
export function effectiveWeightBits(nIn: number, weightBits: number, fractionBits: number, spread?: number): number {
  const top = Math.max(1, Math.floor(weightBound(nIn, fractionBits, spread) + 0.5));
  return Math.min(weightBits, 1 + Math.ceil(Math.log2(top + 1)));
}

/** Above this many levels nearly every constant needs a multiplier: shares are taken from here. */
const MOST_LEVELS = 1 << 13;

function sparse(v: number): [number, number] {
  for (let n = sparseCounts.length; n <= v; n++) {
    const [one, two] = sparseCounts[n - 1],
      digits = signedDigits(n).length;
    sparseCounts.push([one + (digits === 1 ? 1 : 0), two + (digits === 2 ? 1 : 0)]);
  }
  return sparseCounts[v];
}

/**
 * How many multiplications by constants an unrolled n_in x n_out layer is expected to need, without its weights: a constant of one signed digit is a wire,
 * of two a shift and an addition, of three or more a multiplier, and an input times the same constant is made once.
 *
 * Weights are taken as uniform within `weightBound`, rounded to `fractionBits`. `zeroWeights`, where known, replaces the share of zeros.
 *
 * No constant is fitted. `full` against DSPs of the 52 fully unrolled synthesised wa-hls4ml rows: 0 in all 21 rows of 2 to 6 bits, and in the 31 of 8 to
 * 14 bits mean error 3 %, at most 21 % (8 bits, n_in 96). On the trained networks of hls4ml_MLP_estimator: mean error 27 % in the nine layers of up to 64
 * inputs with more than ten DSPs, and none where there are 33 to 120 for 196 inputs and more, since training widens the weights.
 */
export function constantWeights(
  nIn: number,
  nOut: number,
  fractionBits: number,
  zeroWeights?: number,
  spread?: number,
): ConstantWeights {
  const n = nIn * nOut;
  const bound = Math.min(weightBound(nIn, fractionBits, spread), MOST_LEVELS);
  const top = Math.max(1, Math.floor(bound + 0.5));
  const shareOfZeros = 0.5 / bound;
  const nonZero = zeroWeights === undefined ? (1 - shareOfZeros) * n : Math.max(0, n - zeroWeights);
  const scale = nonZero / (n * (1 - shareOfZeros));
  // values 1..top-1 have the same share of the weights, top the rest of the interval; either sign has half
  const inside = scale / bound,
    edge = (scale * (bound - (top - 0.5))) / bound;
  const seen = (share: number) => 2 * nIn * (1 - (1 - Math.min(1, share / 2)) ** nOut);
  const [one, two] = sparse(top - 1);
  const each = seen(inside),
    last = seen(edge),
    digits = signedDigits(top).length;
  return {
    nonZero,
    shiftAdd: two * each + (digits === 2 ? last : 0),
    full: (top - 1 - one - two) * each + (digits > 2 ? last : 0),
    distinct: (top - 1) * each + last,
    multiplied: n * ((top - 1 - one - two) * inside + (digits > 2 ? edge : 0)),
  };
}

/** Weights wired into the logic, as far as they are known. */
export interface WiredWeights {
  nIn: number;
  nOut: number;
  weightBits?: number;
  weightFraction: number;
  zeroWeights: number | undefined;
  ownWidths: boolean;
  /** largest magnitude that the network's file lets expect */
  weightSpread?: number;
  /** counted from the weights, where a reader has them */
  constants?: ConstantCounts;
}

/**
 * Of weights that each have a width of their own (HGQ, Sun et al. 2024), the share with a second digit. Read off the LUTs of the eight dense modules of hls4ml_OpenML 3.1_1 and 3.1_2,
 * 27 to 54 %. A third digit is left out: DSPs are in the first layers alone, 59 of 896 and 20 of 671 weights.
 */
const OWN_TWO_DIGITS = 1 / 3;

/** Constants of a layer: counted, or expected by `constantWeights`, or what a quantiser leaves that pays for each bit of each weight. */
export function wiredConstants({
  nIn,
  nOut,
  weightBits,
  weightFraction,
  zeroWeights,
  ownWidths,
  weightSpread,
  constants,
}: WiredWeights): ConstantWeights {
  if (constants) return { nonZero: Math.max(0, nIn * nOut - (zeroWeights ?? 0)), ...constants };
  // one bit is +1 or -1, never zero
  const zeros = zeroWeights ?? (weightBits === 1 ? 0 : undefined);
  if (!ownWidths) return constantWeights(nIn, nOut, weightFraction, zeros, weightSpread);
  const nonZero = Math.max(0, nIn * nOut - (zeroWeights ?? 0));
  return { nonZero, shiftAdd: OWN_TWO_DIGITS * nonZero, full: 0, distinct: nonZero, multiplied: 0 };
}
