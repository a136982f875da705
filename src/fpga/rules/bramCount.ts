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

/**
 * Weights of a layer beyond which Vivado HLS of 2018 keeps them out of block RAM: of two such layers of a CNN (2018.2, 73,728 and 147,456 weights) it counts none, nor does logic synthesis leave
 * any, where 2019.2 has 684 blocks of them; of 16,384 there are all. Nothing lies between.
 */
export const MOST_IN_BRAM_2018 = 65_536;

/** UltraRAM blocks of a memory: 4096 x 72 each (UG573). Not checked, no row here uses them for weights: HLS places weights in block RAM. */
export const uramOf = (width: number, depth: number): number => Math.ceil(width / 72) * Math.ceil(depth / 4096);

/**
 * 18 Kb blocks of the weights of a layer: RF words of ceil(N/RF) weights, the last of them without the bits that only repeat its sign
 * (`effectiveWeightBits`); none where weights are constants in the logic, or too many for Vivado HLS of 2018 (`MOST_IN_BRAM_2018`).
 */
export function weightBram18(p: MatrixProduct): number {
  if (isUnrolled(p) || p.outOfBram) return 0;
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

/** Bits up to which weights become LUTs. */
const MOST_BITS_IN_LUTS = 4096;
/**
 * Beyond 512 words: sums a multiplier works for up to which its weights stay, at 4 bits and more; of 2 bits more, as by the square of the width. Read off the totals of `laterBram18`: no row
 * tells the blocks of a layer.
 */
const MOST_SUMS_IN_BRAM = 9,
  NARROW = 4;
/** Bits a block of weights holds then, and the width from which such a block is one of 36 Kb. */
const BYTE = 8,
  WIDEST_OF_BYTES = 32,
  DEEPEST = 2048;

/** Words up to which a block is 36 bits wide. */
const WIDE_DEPTH = 512;
/** Words from which such weights stay in block RAM: 24 to 32 in two GRUs do, 2 to 4 in two CNNs do not; nothing lies between. */
const SHALLOWEST = 16;

/**
 * 18 Kb blocks that logic synthesis leaves of the weights of a layer, and of its index table, which stays as it is.
 *
 * - More than 512 words: a block for each eight bits, of 36 Kb where weights are wider than 32 side by side, but only where a multiplier works for few sums; else LUTs.
 *   Read off 85 rows of 23 networks of wa-hls4ml (Vitis HLS 2023.2, 2 to 16 bits): exact in 70 of them. Not explained: two to eight blocks more in the 15 that
 *   `test/fpga/rules/bramCount.test.ts` prints, ten of which have the layer of 4 bits 48 x 104 at RF 4992, one multiplier.
 * - Up to 512, where a block is widest: shallow memories become LUTs, and each weight keeps the bits that do not repeat its sign (`effectiveWeightBits`): with tables as they are, for two GRUs with both counts (Vivado 2019.2).
 */
export function laterBram18(p: MatrixProduct): number {
  if (weightsInLuts(p)) return indexBram18(p);
  const n = multipliers(p.nIn, p.nOut, p.reuse, p.strategy),
    bits = keptBits(p);
  if (p.reuse <= WIDE_DEPTH) return indexBram18(p) + bram18Of(n * bits, p.reuse);
  // two weights a block where they are narrow
  const kept = p.weightBits > BYTE ? n * bits : n * Math.max(NARROW, p.weightBits);
  return indexBram18(p) + Math.ceil(kept / BYTE) * Math.ceil(p.reuse / DEEPEST) * (kept > WIDEST_OF_BYTES ? 2 : 1);
}

const keptBits = (p: MatrixProduct): number => effectiveWeightBits(p.nIn, p.weightBits, p.weightFraction, p.weightSpread);

/** Whether logic synthesis takes the weights of a layer out of block RAM. */
function weightsInLuts(p: MatrixProduct): boolean {
  const bits = multipliers(p.nIn, p.nOut, p.reuse, p.strategy) * p.weightBits * p.reuse;
  if (p.outOfBram || bits <= MOST_BITS_IN_LUTS) return true;
  return p.reuse <= WIDE_DEPTH
    ? p.reuse < SHALLOWEST
    : p.reuse / p.nIn > MOST_SUMS_IN_BRAM * Math.max(1, (NARROW / p.weightBits) ** 2);
}

/** Words of a bit that a LUT holds, and those that the multiplexers beside the LUTs of a slice join (UG574); beyond, a LUT chooses one of four. */
const WORDS_A_LUT = 64,
  WORDS_JOINED = 512;

/**
 * LUTs of the weights that logic synthesis takes out of block RAM, each without the bits that repeat its sign. No constant is fitted. Of the 85 rows of wa-hls4ml it tells the weight bits apart:
 * `scripts/fpgaModelled.ts` prints the mean error of LUT with and without it where the constants of sums (`lutEstimate`) are fitted to other widths only (docs/fpga.md).
 */
export function laterRomLut(p: MatrixProduct): number {
  if (isUnrolled(p) || !weightsInLuts(p)) return 0;
  const width = multipliers(p.nIn, p.nOut, p.reuse, p.strategy) * keptBits(p);
  return width * (p.reuse / WORDS_A_LUT + Math.max(0, p.reuse / WORDS_JOINED - 1) / 3);
}
