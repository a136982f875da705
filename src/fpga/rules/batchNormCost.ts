import type { DspGeneration } from '../../device/fpgaPartTable.js';
import type { LayerEstimate } from './activationCost.js';
import { dspNs, USABLE_CLOCK } from './clockModel.js';
import { dspPerProduct } from './dspCount.js';

/**
 * Batch norm of `n` elements (nnet_batchnorm.h, `normalize`): a product with a constant and an addition each, ceil(n / RF) at once. II = RF is not in force:
 * csynth reports 1 in all rows. The DSPs are an upper bound: scales that are sums of two powers of two need none, as in the 12 modules here (2 and 3
 * elements, 0 DSP, 56 LUT), of which latency and II are exact; nothing else is checked.
 */
export function batchNormCost(
  n: number,
  reuse: number,
  bits: { data: number; scale: number; result: number },
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
    dsp: per * Math.ceil(n / reuse),
    lut: n * bits.result * 1.5,
    ff: late * n * bits.result,
    bram18: 0,
  };
}
