import { adderNs, dspNs, PIPELINED_CYCLES } from './clockModel.js';
import { type ConstantWeights, wiredConstants } from './constantWeights.js';
import { dspCount, productInDsp } from './dspCount.js';
import type { MatrixProduct } from './matrixProduct.js';
import { multipliers } from './multipliers.js';
import { chainCycles } from './roundedSums.js';

/** Clock cycles of a layer. */
export interface Cycles {
  latencyMin: number;
  latencyMax: number;
  /** initiation interval, worst case */
  ii: number;
}

/** Products that Vitis HLS keeps in registers; beyond, they lie in memory and are read a few at a time. */
export const MOST_PRODUCTS = 4096;
/** Cycles after the last turn of shared multipliers on 7-series parts (2 to 5 in hls4ml_MLP_estimator); none on UltraScale+. */
const SHARED_TAIL_7SERIES = 3;
/** Inputs summed a cycle beyond that: 196 x 56 takes 48 cycles, 561 x 20 takes 192; nothing else is known. */
const INPUTS_A_CYCLE = 3.5;

/** Cycles until the adder trees are done: levels of the tree over the terms of one output, and the multiplication where a DSP does it. */
function cyclesOfSums(p: MatrixProduct, constants: ConstantWeights, dsp: number): number {
  if (p.nIn * p.nOut > MOST_PRODUCTS) return Math.round(p.nIn / INPUTS_A_CYCLE);
  const terms = Math.max(1, constants.nonZero / p.nOut);
  if (p.saturates) return chainCycles(p, terms);
  return Math.floor((Math.log2(terms) * adderNs(p.generation) + (dsp > 0 ? dspNs(p.generation) : 0)) / p.clockNs);
}

/**
 * Latency and initiation interval (II) of a dense layer, cycles.
 *
 * Strategy resource, RF > 1 (nnet_dense_resource.h, `ReuseLoop` pipelined at 1): II = RF; latency RF + 1 to RF + 2, one less where multipliers are LUTs and
 * RF = 2 n_in. RF = 1: latency 1, II 2.
 *
 * Strategy latency (nnet_dense_latency.h, pipelined at RF): the depth of the adder tree at the clock (`clockModel`), or the turns that limited multipliers
 * need (`sharedTurns`), whichever is longer; then II = min(RF, latency + 1). This is why such layers may ignore RF.
 *
 * | strategy | rows | error |
 * |---|---|---|
 * | resource, RF > 1 | wa-hls4ml | exact in 733 of 733; also summed over three layers, 28 of 28, and in the five dense modules of the quickdraw GRU |
 * | resource, RF = 1 | wa-hls4ml | exact in 26 of 30; the others, of 2 and 4 bits, have latency 0 and II 1 |
 * | latency, RF = 1 | wa-hls4ml | latency within one cycle in 22 of 22 |
 * | latency, RF = 1 | hls4ml_OpenML | latency within one cycle in 24 of 24 |
 * | latency, RF <= 2, at most 4096 weights | hls4ml_MLP_estimator | latency within one cycle in 40 of 52, within three in 50 |
 * | latency, RF >= 512, with DSPs | wa-hls4ml | latency within 3 % in 26 of 26, that of `constantWeights` |
 * | latency, RF 100 | hls4ml_MLP_estimator | latency 17 % in the median of 30 |
 * | latency, II given the latency | all of them | exact |
 */
export function denseCycles(p: MatrixProduct, constants?: ConstantWeights): Cycles {
  if (p.strategy === 'resource' || p.strategy === 'unrolled') {
    if (p.reuse === 1) return { latencyMin: 1, latencyMax: 1, ii: 2 };
    const extra = !productInDsp(p) && p.reuse === 2 * p.nIn ? 0 : 1;
    return { latencyMin: p.reuse + extra, latencyMax: p.reuse + extra + 1, ii: p.reuse };
  }
  const c = constants ?? wiredConstants(p);
  const dsp = dspCount(p, c);
  const depth = cyclesOfSums(p, c, dsp);
  // Vivado HLS gives the allocation limit a cycle of its own
  const latency =
    Math.max(depth > 0 && p.vivadoHls && p.reuse > 1 ? depth + 1 : depth, sharedTurns(p, c)) +
    (p.pipelined && dsp > 0 ? PIPELINED_CYCLES : 0);
  return { latencyMin: latency, latencyMax: latency, ii: Math.max(1, Math.min(p.reuse, latency + 1)) };
}

/** Turns that the limited multipliers of a latency layer take over the constants that need one. 0 where all are made at once. */
export function sharedTurns(p: MatrixProduct, constants: ConstantWeights): number {
  if (p.strategy !== 'latency' || p.reuse === 1 || Math.min(p.dataBits, p.weightBits) < 5) return 0;
  const limit = multipliers(p.nIn, p.nOut, p.reuse, p.strategy, p.zeroWeights);
  return constants.full > limit ? Math.ceil(constants.full / limit) + (adderNs(p.generation) > 2 ? SHARED_TAIL_7SERIES : 0) : 0;
}
