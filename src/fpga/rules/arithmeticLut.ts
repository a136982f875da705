import { type ConstantWeights, wiredConstants } from './constantWeights.js';
import { productInDsp } from './dspCount.js';
import { PER_MULTIPLIER_CELL } from './lutEstimate.js';
import { isUnrolled, type MatrixProduct } from './matrixProduct.js';
import { multipliers } from './multipliers.js';

/** LUTs of `steps` comparisons, additions or look-ups of each of `values` values of some bits, a LUT a bit, of `lut` that csynth counts for them. */
export const elementLut = (values: number, bits: number, lut: number, steps = 1): number => Math.min(lut, steps * values * bits);

/**
 * LUTs of a matrix-vector product that are arithmetic outside DSPs: what logic synthesis cannot take away, other than the multiplexers and address logic that csynth counts
 * (`lutEstimate`). An adder takes a LUT a bit (carry chain), a product of a x b bits a b LUTs. Weights wired in: an adder for each term and each shift of a constant, and the
 * products that are in no DSP. Weights in memory: the products where they are in no DSP; their sums go with the registers that hold them. No constant is fitted; see
 * `stageModel`, which compares it with vsynth.
 */
export function arithmeticLut(p: MatrixProduct, constants?: ConstantWeights): number {
  const inDsp = productInDsp(p);
  const product = inDsp ? 0 : PER_MULTIPLIER_CELL * p.dataBits * p.weightBits;
  const most = multipliers(p.nIn, p.nOut, p.reuse, p.strategy, p.zeroWeights);
  if (!isUnrolled(p)) return product * most;
  const c = constants ?? wiredConstants(p);
  // without multipliers a constant of three digits or more takes two additions
  if (p.strategy === 'distributed_arithmetic') return p.accumBits * (c.nonZero + c.shiftAdd + 2 * c.full);
  return p.accumBits * (c.nonZero + c.shiftAdd) + product * Math.min(c.full, most);
}
