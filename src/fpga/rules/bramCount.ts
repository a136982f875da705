import { effectiveWeightBits } from './constantWeights.js';
import { isUnrolled, type MatrixProduct } from './matrixProduct.js';
import { multipliers } from './multipliers.js';

/** A memory of fewer bits than this is built of LUTs (Vivado HLS; where the index memories of wa-hls4ml turn over). */
const FEWEST_BITS = 1024;

/**
 * 18 Kb blocks of a read-only memory `width` bits wide and `depth` words deep, as Vivado HLS counts them; below 1024 bits 0 (LUTs). Shapes of a block:
 * 512 x 36, 1024 x 18, 2048 x 9, 4096 x 4, 8192 x 2, 16384 x 1.
 *
 * - depth up to 512: ceil(width / 36); up to 1024: ceil(width / 18);
 * - up to 2048: 3 or 4 for each 36 bits (1024 x 36 is two blocks, each further 512 words one more) and ceil(rest / 9) for the rest;
 * - beyond: the shape that is deep enough, ceil(depth / 16384) times: not seen, as the data sheet (UG573) has it.
 *
 * Weights and index of the 733 synthesised resource rows of wa-hls4ml (csynth): exact in 680/680 up to depth 1024, in 38/53 beyond and there one too few.
 */
export function bram18Of(width: number, depth: number): number {
  if (width * depth < FEWEST_BITS) return 0;
  if (depth <= 512) return Math.ceil(width / 36);
  if (depth <= 1024) return Math.ceil(width / 18);
  if (depth <= 2048) {
    const pairs = Math.floor(width / 36);
    return (2 + Math.ceil((depth - 1024) / 512)) * pairs + Math.ceil((width - 36 * pairs) / 9);
  }
  return Math.ceil(depth <= 4096 ? width / 4 : depth <= 8192 ? width / 2 : width) * Math.ceil(depth / 16384);
}

/** UltraRAM blocks of a memory: 4096 x 72 each (UG573). Not checked, no row here uses them for weights: HLS places weights in block RAM. */
export const uramOf = (width: number, depth: number): number => Math.ceil(width / 72) * Math.ceil(depth / 4096);

/**
 * 18 Kb blocks of the weights of a layer: RF words of ceil(N/RF) weights, the last of them without the bits that only repeat its sign
 * (`effectiveWeightBits`); none where weights are constants in the logic.
 */
export function weightBram18(p: MatrixProduct): number {
  if (isUnrolled(p)) return 0;
  const repeated = p.weightBits - effectiveWeightBits(p.nIn, p.weightBits, p.weightFraction, p.weightSpread);
  return bram18Of(multipliers(p.nIn, p.nOut, p.reuse, p.strategy) * p.weightBits - repeated, p.reuse);
}

/**
 * 18 Kb blocks of the table `outidx` of nnet_dense_resource.h (RF above n_in): for each of RF turns which of RF / n_in outputs is summed, so
 * ceil(log2(RF / n_in)) bits wide; LUTs below 1024 bits. This is the "+1" of the weights' blocks: exact with `weightBram18`.
 */
export function indexBram18(p: MatrixProduct): number {
  if (isUnrolled(p) || p.reuse <= p.nIn) return 0;
  return bram18Of(Math.ceil(Math.log2(p.reuse / p.nIn)), p.reuse);
}
