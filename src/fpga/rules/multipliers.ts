import type { Strategy } from '../design/hlsDesign.js';

/**
 * Multiplications a layer does at once, N = n_in n_out.
 *
 * | strategy | multipliers |
 * |---|---|
 * | resource, unrolled | ceil(N / RF): `block_factor` of nnet_dense_resource.h |
 * | latency | ceil(N / RF) - floor(zeros / RF), at least 1: `multiplier_limit` of nnet_dense_latency.h; one more from RF 1024 on (`LONG_TURNS`) |
 * | distributed_arithmetic | 0: shifts and additions |
 *
 * Resource: exact, as DSPs show, in all 415 synthesised wa-hls4ml rows of 8 to 14 weight bits here. Latency: it is a limit on allocation; constants that
 * need no multiplier (`constantWeights`) fall below it.
 */
export function multipliers(nIn: number, nOut: number, reuse: number, strategy: Strategy, zeroWeights = 0): number {
  if (strategy === 'distributed_arithmetic') return 0;
  const n = nIn * nOut;
  if (strategy !== 'latency') return Math.ceil(n / reuse);
  return Math.max(1, Math.ceil(n / reuse) - Math.floor(zeroWeights / reuse)) + (reuse >= LONG_TURNS ? 1 : 0);
}

/** Turns from which Vivado HLS shares one multiplier more than the limit: in all 13 rows of wa-hls4ml with RF 1024 and DSPs, in none of the 13 with RF 512; nothing lies between. */
const LONG_TURNS = 1024;
