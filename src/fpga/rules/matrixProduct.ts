import type { DspGeneration } from '../../device/fpgaPartTable.js';
import type { ConstantCounts } from '../design/constantCounts.js';
import type { Strategy } from '../design/hlsDesign.js';

/** A matrix-vector product of an HLS design: what the rules of weights, multipliers, cycles, LUT and FF take. */
export interface MatrixProduct {
  nIn: number;
  nOut: number;
  /** reuse factor in force: snapped where the strategy snaps it */
  reuse: number;
  strategy: Strategy;
  dataBits: number;
  weightBits: number;
  /** bits behind the binary point of the weights */
  weightFraction: number;
  accumBits: number;
  /** sums saturate one by one; products are rounded to the type of the sums */
  saturates?: boolean;
  rounds?: boolean;
  /** weights known to be zero; undefined where unknown */
  zeroWeights: number | undefined;
  /** each weight has a width of its own, `weightBits` at most */
  ownWidths: boolean;
  /** largest magnitude of the weights that the network's file lets expect */
  weightSpread?: number;
  /** counted from the weights, where known */
  constants?: ConstantCounts;
  generation: DspGeneration;
  /** what multiplications are bound to; undefined: the tool chooses */
  multipliers: 'dsp' | 'lut' | undefined;
  vivadoHls: boolean;
  /** output pixels whose products are made at once, with the weights of one; 1 unless told */
  pixels?: number;
  /** how the inputs come: all at once (unless told), a word after another, or in a window that is shifted, where no multiplier selects among them */
  inputs?: 'array' | 'stream' | 'window';
  clockNs: number;
  /** the tool keeps so many weights out of block RAM (`MOST_IN_BRAM_2018`) */
  outOfBram?: boolean;
  /** the tool takes several cycles for a product in a DSP (`pipelinedProducts`) */
  pipelined?: boolean;
}

/**
 * True where every weight is a constant wired into the logic: strategies `latency`, `unrolled` and `distributed_arithmetic`, and `resource` with reuse
 * factor 1 (nnet_dense_latency.h; nnet_dense_resource.h unrolls its loop of one turn). Otherwise weights lie in a memory that is read once a cycle.
 */
export const isUnrolled = (p: { strategy: Strategy; reuse: number }): boolean => p.strategy !== 'resource' || p.reuse === 1;
