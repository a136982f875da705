import { adderNs } from './clockModel.js';
import { type ConstantWeights, constantWeights } from './constantWeights.js';
import { sharedTurns, treeDepth } from './denseCycles.js';
import { dspCount, dspPerProduct } from './dspCount.js';
import { isUnrolled, type MatrixProduct } from './matrixProduct.js';
import { multipliers } from './multipliers.js';

/** Registers of the loop of a `resource` layer: counter, state, index. */
const LOOP = 108;
/** Registered bits over bits alive at the cuts of an adder tree; 7-series and UltraScale+, see below. */
const CUT_7SERIES = 0.8,
  CUT_ULTRASCALE = 0.37;
/** ... of which an interval of two cycles and more shares. */
const SHARED_CUTS = 0.68;
/** Registers a DSP takes at its output; bits of accumulator held a term while shared multipliers take turns. */
const PER_DSP = 1.83,
  HELD_7SERIES = 0.95,
  HELD_ULTRASCALE = 0.67;

/**
 * Flip-flops of a matrix-vector product, as csynth counts them (vsynth: `stageRatio`).
 *
 * Weights in memory, RF > n_in: an accumulator an output; a multiplier holds its product (16 bits), or only its weight where the weight is narrow or
 * RF = 2 n_in. 0.4 % mean, 5.4 % largest error over the 632 rows of wa-hls4ml that are not of 8 bits. RF <= n_in: a multiplier holds its weight, inputs
 * are registered three times and outputs twice: exact to 1 % in the four modules of the quickdraw GRU it was read off, not tested.
 *
 * Unrolled: words alive at each of `treeDepth` cuts through the tree. Fitted to half of wa-hls4ml (split by model): 16 % mean error on the other half at RF 1
 * of strategy latency (10 rows), 27 % of strategy resource, which registers all products (15 rows). Modules of other tools: median error 16 % for UltraScale+
 * (not fitted) and 17 % for 7-series, whose constants are read off these modules.
 */
export function ffEstimate(p: MatrixProduct, constants?: ConstantWeights): number {
  if (isUnrolled(p)) {
    const c = constants ?? constantWeights(p.nIn, p.nOut, p.weightFraction, p.zeroWeights);
    const dsp = dspCount(p, c);
    if (p.strategy === 'resource' && p.reuse === 1) return 10.9 * dsp + 1.28 * p.accumBits * p.nOut;
    const slow = adderNs(p.generation) > 2;
    if (sharedTurns(p, c) > 0) return (slow ? HELD_7SERIES : HELD_ULTRASCALE) * p.accumBits * c.nonZero;
    const cut = (slow ? CUT_7SERIES : CUT_ULTRASCALE) * (p.strategy === 'latency' && p.reuse > 1 ? SHARED_CUTS : 1);
    return cut * p.accumBits * c.nonZero * aliveAtCuts(c.nonZero / p.nOut, treeDepth(p, c, dsp)) + PER_DSP * dsp;
  }
  const n = multipliers(p.nIn, p.nOut, p.reuse, p.strategy);
  if (p.reuse <= p.nIn) return 23 + 3 * p.dataBits * p.nIn + 2 * p.accumBits * p.nOut + n * p.dataBits;
  const inDsp = dspPerProduct(p.dataBits, p.weightBits, p.generation) > 0;
  const two = p.reuse === 2 * p.nIn;
  const held = two ? (inDsp ? p.weightBits : 0) : inDsp ? p.accumBits : p.weightBits;
  return LOOP + p.accumBits * p.nOut * (n === 1 ? 2 : 1) + n * held;
}

/** Words alive over all cuts of a tree of `terms` leaves cut into `latency` + 1 equal parts, as a share of the leaves; the products are one level of it. */
function aliveAtCuts(terms: number, latency: number): number {
  const levels = Math.log2(Math.max(1, terms)) + 1;
  const cuts = Math.min(latency, Math.ceil(levels));
  const shrink = 2 ** (-levels / (cuts + 1));
  let alive = 0,
    left = 2;
  for (let k = 1; k <= cuts; k++) {
    left *= shrink;
    alive += Math.min(left, 1);
  }
  return alive;
}

/** Flip-flops of the top function of an unrolled Vivado HLS project beside its layers: the input port, see `ffEstimate`. */
export const topLevelFf = (inputBits: number): number => 1.05 * inputBits;
