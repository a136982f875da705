import type { DspGeneration } from '../../device/fpgaPartTable.js';
import { type ConstantWeights, effectiveWeightBits, wiredConstants } from './constantWeights.js';
import { isUnrolled, type MatrixProduct } from './matrixProduct.js';
import { multipliers } from './multipliers.js';

/** Signed operand widths of one multiplier block, wide x narrow (UG479, UG579, AM004 and the data sheets of the other families); none: no blocks. */
const DSP_WIDTHS: Record<DspGeneration, readonly [number, number] | undefined> = {
  DSP48E1: [25, 18],
  DSP48E2: [27, 18],
  DSP58: [27, 24],
  MULT18X18D: [18, 18],
  SB_MAC16: [16, 16],
  GOWIN_MULT18: [18, 18],
  GOWIN_MULT27: [27, 27],
  INTEL_MULT18: [18, 18],
  CYCLONE_V_DSP: [27, 27],
  ARRIA_10_DSP: [27, 27],
  AGILEX_DSP: [27, 27],
  POLARFIRE_MATH: [18, 18],
  none: undefined,
};

/** Narrower operands than this go to LUTs: of 16-bit data times weights in wa-hls4ml, 5 bits (see `dspCount`) are the fewest in a DSP, 4 the most in LUTs. */
const NARROWEST_IN_DSP = 5;
/** ... and weights with Vitis HLS: of the networks of wa-hls4ml (2023.2, after logic synthesis) 8 bits take DSPs and 6 take none; nothing lies between. */
const NARROWEST_OF_VITIS = 7;

/** Blocks of one multiplication of a product. */
const perProduct = (p: MatrixProduct, weightBits = p.weightBits): number =>
  !p.vivadoHls && weightBits < NARROWEST_OF_VITIS ? 0 : dspPerProduct(p.dataBits, weightBits, p.generation);

/** Multiplier blocks along one operand: the first takes `width` bits with the sign, each further one less the sign. */
const tiles = (bits: number, width: number): number => (bits <= width ? 1 : 1 + Math.ceil((bits - width) / (width - 1)));

/**
 * DSP blocks of one multiplication of `aBits` x `bBits` (signed): 0 where the narrower operand has less than 5 bits, 1 up to the widths of the block, else
 * the tiles that cover both operands, either way round (32 x 26 bits: two, as in a depthwise baseline of hls4ml). Checked for 16-bit data and 2 to 16 weight bits on DSP48E2 (`dspCount`); wider operands and other blocks follow the
 * data sheets (hls4ml issues 31 and 99 report two blocks beyond 18 bits), no row here has them.
 */
export function dspPerProduct(aBits: number, bBits: number, generation: DspGeneration): number {
  const widths = DSP_WIDTHS[generation];
  const narrow = Math.min(aBits, bBits);
  if (!widths || narrow < NARROWEST_IN_DSP) return 0;
  const wide = Math.max(aBits, bBits);
  return Math.min(tiles(wide, widths[0]) * tiles(narrow, widths[1]), tiles(narrow, widths[0]) * tiles(wide, widths[1]));
}

/** Whether the multiplications of a product are in DSP blocks: as asked for, and by the widths of their operands. */
export const productInDsp = (p: MatrixProduct): boolean => p.multipliers !== 'lut' && perProduct(p) > 0;

/**
 * DSP blocks of a matrix-vector product.
 *
 * Weights in memory (`resource`, RF > 1): ceil(N/RF) multipliers of `dspPerProduct`; the last takes the top slice of the memory word, whose weight the tool
 * narrows to `effectiveWeightBits`, and falls to LUTs when that leaves less than 5 bits. Exact in 733/733 rows of wa-hls4ml (Vivado HLS 2020.1, csynth): 415
 * of 8 to 14 weight bits have ceil(N/RF), 216 of 2 and 4 bits have 0, and the 102 of 6 bits have ceil(N/RF) up to n_in 32 and one less above. 16 bits: exact
 * in the five dense modules of the quickdraw GRU.
 *
 * Unrolled: the constants that need a multiplier (`constantWeights`, error there), no more than `multipliers`.
 *
 * Several pixels at once (nnet_conv2d_latency.h, nnet_conv2d_resource.h: `n_pixels`) take as many times of them; strategy `latency` limits them to those of one pixel. By the source, not checked.
 */
export function dspCount(p: MatrixProduct, constants?: ConstantWeights): number {
  if (p.multipliers === 'lut' || p.strategy === 'distributed_arithmetic') return 0;
  const per = perProduct(p);
  if (per === 0) return 0;
  const most = multipliers(p.nIn, p.nOut, p.reuse, p.strategy, p.zeroWeights);
  if (isUnrolled(p)) {
    const { full } = constants ?? wiredConstants(p);
    // a constant is as wide as its digits: 32 bits of a depthwise baseline of hls4ml take two blocks, not four
    const effective = effectiveWeightBits(p.nIn, p.weightBits, p.weightFraction, p.weightSpread);
    const made = (p.pixels ?? 1) * Math.round(full),
      limit = p.strategy === 'latency' ? most : (p.pixels ?? 1) * most;
    return Math.max(1, Math.min(per, dspPerProduct(p.dataBits, effective, p.generation))) * Math.min(made, limit);
  }
  const last = dspPerProduct(
    p.dataBits,
    effectiveWeightBits(p.nIn, p.weightBits, p.weightFraction, p.weightSpread),
    p.generation,
  );
  return (p.pixels ?? 1) * (per * (most - 1) + last);
}
