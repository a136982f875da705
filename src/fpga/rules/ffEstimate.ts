import { adderNs, dspNs, lutProductNs, PIPELINED_WORDS, sumNs, USABLE_CLOCK } from './clockModel.js';
import { type ConstantWeights, wiredConstants } from './constantWeights.js';
import { MOST_PRODUCTS, sharedTurns } from './denseCycles.js';
import { dspCount, productInDsp } from './dspCount.js';
import { isUnrolled, type MatrixProduct } from './matrixProduct.js';
import { multipliers } from './multipliers.js';
import { chainRegisters } from './roundedSums.js';

/** Registers of the loop of a `resource` layer: counter, state, index. */
const LOOP = 108;
/** Words a term that comes from a DSP where strategy resource has RF 1: half, were it sums of two alone. */
const PER_DSP_TERM = 0.58;
/** Vitis HLS, sums selected by a table: words a sum and, where another layer reads it, more behind it (`registersBetween`). */
const SELECTED_SUM_WORDS = 2.48;
export const READ_SUM_WORDS = 2.43;
/** Words held a term while shared multipliers of UltraScale+ take turns. */
const HELD_ULTRASCALE = 0.67;

/**
 * Flip-flops of a matrix-vector product, as csynth counts them (after logic synthesis: `laterCounts`).
 *
 * - Weights in memory, RF > n_in: an accumulator an output; a multiplier holds its product (16 bits), or only its weight where the weight is narrow or
 *   RF = 2 n_in.
 * - Weights in memory, RF <= n_in: a multiplier holds its weight (outside DSPs: nothing, seen once, in the ftag GRU of 4 bits); inputs are registered three
 *   times and outputs twice. Vitis HLS: beyond n_in `SELECTED_SUM_WORDS`.
 * - Unrolled: what is alive between clock cycles (`treeRegisters`, `turnRegisters`).
 *
 * What was fitted, and the error:
 *
 * | kind | fitted | error |
 * |---|---|---|
 * | in memory, RF > n_in | 8-bit rows of wa-hls4ml | mean 0.4 %, largest 5.4 % of the other 632 rows |
 * | in memory, RF <= n_in | four modules of the quickdraw GRU | within 1 % of these, not tested |
 * | in memory, Vitis HLS 2023.2, RF > n_in | words an input, a sum and a sum that is read, of 85 two- and three-layer rows after logic synthesis | each network left out: within 1 % in all, median 0.1 % |
 * | unrolled, latency, RF 1 | nothing | mean 1 %, largest 5 % of 13 rows of 8 to 14 bits; mean 9 % of all 22, most of it at 2 and 4 bits |
 * | unrolled, latency, RF > 1 | `HELD_ULTRASCALE`, off these rows | |
 * | unrolled, resource | `PER_DSP_TERM` | mean 12 % of 30 rows, 6 % from 8 bits |
 * | latency modules of hls4ml_MLP_estimator (7-series, Vitis HLS 2021.1) | nothing | median 4 % of 90 |
 * | latency modules of hls4ml_OpenML (UltraScale+, 2024.1), one type | nothing | median 8 % of 8 |
 * | the same, a width for each weight (HGQ) | nothing | median 12 % of 8 with registers |
 *
 * `test/fpga/rules/ffEstimate.test.ts` prints the errors.
 */
export function ffEstimate(p: MatrixProduct, constants?: ConstantWeights): number {
  if (isUnrolled(p)) {
    const c = constants ?? wiredConstants(p);
    return p.saturates ? Math.max(unrolledFf(p, c), chainRegisters(p, c.nonZero / p.nOut)) : unrolledFf(p, c);
  }
  const n = multipliers(p.nIn, p.nOut, p.reuse, p.strategy);
  const inDsp = productInDsp(p);
  // a stream is collected in registers once
  if (p.inputs === 'stream' && !p.vivadoHls) return p.dataBits * p.nIn + SELECTED_SUM_WORDS * p.accumBits * p.nOut;
  if (p.reuse > p.nIn && !p.vivadoHls) return 2 * p.dataBits * p.nIn + SELECTED_SUM_WORDS * p.accumBits * p.nOut;
  if (p.reuse <= p.nIn || !p.vivadoHls)
    return 23 + 3 * p.dataBits * p.nIn + 2 * p.accumBits * p.nOut + (inDsp ? n * p.dataBits : 0);
  const two = p.reuse === 2 * p.nIn;
  const held = two ? (inDsp ? p.weightBits : 0) : inDsp ? p.accumBits : p.weightBits;
  return LOOP + p.accumBits * p.nOut * (n === 1 ? 2 : 1) + n * held;
}

/** Flip-flops of an unrolled layer whose sums wrap. */
function unrolledFf(p: MatrixProduct, c: ConstantWeights): number {
  const dsp = dspCount(p, c);
  if (p.strategy === 'resource') return p.accumBits * turnRegisters(p, c, dsp > 0);
  if (sharedTurns(p, c) > 0 && adderNs(p.generation) <= 2) return HELD_ULTRASCALE * p.accumBits * c.nonZero;
  const stages = p.pipelined ? PIPELINED_WORDS * (p.dataBits + p.weightBits) * dsp : 0;
  return p.accumBits * treeRegisters(p, c, dsp > 0) + stages;
}

/**
 * Words registered in the products and sums of an unrolled layer. Sums of three are one carry chain, so a tree over the terms (and the bias) of an output has terms / 3^k words
 * after k levels; a clock cycle takes as many levels as fit, and what is alive at its end is registered: the distinct products where no level fits beside them, else the words of the
 * level. Two products that end in DSPs are summed there by Vivado HLS. An interval of two cycles and more lets two sums share a register. Beyond `MOST_PRODUCTS` inputs come a few
 * at a time and are summed in a chain, a register each, two thirds of which such an interval shares among its turns: read off the two modules
 * of hls4ml_MLP_estimator that have it, within 15 %.
 */
function treeRegisters(p: MatrixProduct, c: ConstantWeights, inDsp: boolean): number {
  const sum = sumNs(p.generation),
    usable = p.clockNs * USABLE_CLOCK,
    perCycle = Math.max(1, Math.floor(usable / sum)),
    levels = Math.ceil(Math.log(c.nonZero / p.nOut + 1) / Math.log(3) - 1e-9);
  const interval = p.strategy === 'latency' ? p.reuse : 1;
  if (p.nIn * p.nOut > MOST_PRODUCTS) return c.distinct + (c.nonZero * (1 + 2 / interval)) / 3;
  const share = interval > 1 ? 2 : 1,
    multiplied = inDsp && c.nonZero > 0 ? c.multiplied / c.nonZero : 0;
  let words = 0;
  for (const [part, productNs, summed] of [
    [multiplied, dspNs(p.generation), p.vivadoHls ? 2 : 1],
    [1 - multiplied, lutProductNs(p.generation), 1],
  ] as const)
    for (let level = Math.max(0, Math.floor((usable - productNs) / sum)); level < levels; level += perCycle)
      words += part * (level === 0 ? c.distinct : (c.nonZero + p.nOut) / (summed * share * 3 ** level));
  return words;
}

/**
 * Words registered in the one turn of strategy resource with RF 1, which takes two cycles: outputs, sums of two products of DSPs, and what the other terms come to in the meantime,
 * where any needs more than wires and additions.
 */
function turnRegisters(p: MatrixProduct, c: ConstantWeights, inDsp: boolean): number {
  const multiplied = inDsp ? c.multiplied : 0;
  return p.nOut + PER_DSP_TERM * multiplied + (inDsp || c.shiftAdd > 0 ? (c.nonZero - multiplied) / 9 : 0);
}

/** Flip-flops of the top function of an unrolled Vivado HLS project beside its layers: the input port, see `ffEstimate`. */
export const topLevelFf = (inputBits: number): number => 1.05 * inputBits;
