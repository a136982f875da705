import type { FpgaPart } from '../../device/fpgaParts.js';
import { type HlsDesign, inputPrecisionOf, reuseOf, strategyOf, weightMatrix, weightPrecisionOf } from '../design/hlsDesign.js';
import { PER_MULTIPLIER_CELL } from './lutEstimate.js';
import { isUnrolled } from './matrixProduct.js';

/** Products that a part has no DSP for, and the LUTs they take instead. */
export interface BeyondDsps {
  dsp: number;
  lut: number;
  /** most registers that their results need, which a DSP would hold */
  ffMost: number;
}

/** Additions of a product with a constant: one of three signed digits or more, as most are that the HLS tool gives a multiplier, has two and few have more. */
const ADDITIONS = 2;

/**
 * What logic synthesis makes of products beyond the DSPs of a part: it fills them and takes LUTs for the rest. Of a constant two additions as wide as the data; of two variables a cell a
 * pair of bits. One design shows it (KERAS_3layer, Vitis HLS 2025.2 on xczu7ev: csynth 3334 DSPs, 1728 of 1728 after synthesis, about 33 LUTs for each of the other 1600, 32 by this).
 */
export function beyondDsps(
  design: HlsDesign,
  dspOf: readonly number[],
  part: Pick<FpgaPart, 'dsp'> | undefined,
): BeyondDsps | undefined {
  const total = dspOf.reduce((a, b) => a + b, 0);
  if (!part || part.dsp === 0 || total <= part.dsp) return undefined;
  const dsp = total - part.dsp;
  let lut = 0,
    ffMost = 0;
  for (const [i, layer] of design.layers.entries()) {
    if (!dspOf[i]) continue;
    const data = inputPrecisionOf(design, layer).bits,
      wired = weightMatrix(layer) && isUnrolled({ strategy: strategyOf(design, layer), reuse: reuseOf(design, layer) });
    const weight = weightPrecisionOf(design, layer).bits,
      moved = (dspOf[i] / total) * dsp;
    lut += moved * (wired ? ADDITIONS * data : PER_MULTIPLIER_CELL * data * weight);
    ffMost += moved * (data + weight);
  }
  return { dsp, lut: Math.round(lut), ffMost: Math.round(ffMost) };
}
