import type { DspGeneration } from '../../device/fpgaPartTable.js';
import { signedDigits } from '../design/signedDigits.js';
import type { LayerEstimate } from './activationCost.js';
import { dspNs, USABLE_CLOCK } from './clockModel.js';
import { dspPerProduct } from './dspCount.js';

/**
 * Batch norm of `n` elements (nnet_batchnorm.h, `normalize`): a product with a constant and an addition each, ceil(n / RF) at once. II = RF is not in force:
 * csynth reports 1 in all rows. DSPs: scales that are sums of two powers of two need none, as in the 12 modules here (2 and 3
 * elements, 0 DSP, 56 LUT), of which latency and II are exact; the share of others is that of the numbers from 1/2 to 2 in the type of the scale (the two of LeNet-5, 8 bits, 4 behind the point: 0 and 8 of 16, by
 * this 6).
 */
export function batchNormCost(
  n: number,
  reuse: number,
  bits: { data: number; scale: number; result: number; scaleInt?: number | null },
  generation: DspGeneration,
  clockNs: number,
  multipliers?: 'dsp' | 'lut',
): LayerEstimate {
  const per = multipliers === 'lut' ? 0 : dspPerProduct(bits.data, bits.scale, generation);
  const late = dspNs(generation) > clockNs * USABLE_CLOCK ? 1 : 0;
  return {
    latencyMin: late,
    latencyMax: late,
    ii: 1,
    dsp: per * Math.ceil((n * multipliedShare(bits.scale, bits.scaleInt)) / reuse),
    lut: n * bits.result * 1.5,
    ff: late * n * bits.result,
    bram18: 0,
  };
}

/** More bits behind the point than this: nearly every scale needs a product. */
const MOST_FRACTION = 9;

/** Share of the scales from 1/2 to 2 of three signed digits or more. */
function multipliedShare(bits: number, intBits: number | null | undefined): number {
  const fraction = intBits === null || intBits === undefined ? bits : bits - intBits;
  if (fraction > MOST_FRACTION || fraction < 1) return fraction < 1 ? 0 : 1;
  const from = 2 ** (fraction - 1),
    to = 2 ** (fraction + 1);
  let multiplied = 0;
  for (let v = from; v < to; v++) if (signedDigits(v).length > 2) multiplied++;
  return multiplied / (to - from);
}
