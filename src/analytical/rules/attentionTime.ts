import type { Efficiency } from './efficiencies.js';
import { type DeviceRates, type KernelTime, type KernelWork, kernelTime } from './kernelTime.js';

/** Rows of queries that one processor works on in fused attention (FlashAttention-2, Dao, arXiv 2307.08691). */
const QUERY_ROWS = 128;

/**
 * Time of fused attention: a processor takes a block of 128 queries of one head, so that fewer blocks than processors leave some idle:
 * t_c = F / (eta P) max(1, U / (B H ceil(L / 128))). For decoding, `blocks` is what a kernel that divides the keys deals out (FlashDecoding).
 */
export function attentionTime(
  { batch, heads, length }: { batch: number; heads: number; length: number },
  work: KernelWork,
  rates: DeviceRates,
  e: Efficiency,
): KernelTime {
  const blocks = batch * heads * Math.ceil(length / QUERY_ROWS);
  const idle = rates.units === undefined || length === 1 ? 1 : Math.max(1, rates.units / blocks);
  return kernelTime(work, rates, e, (work.flops / (e.compute * rates.peak)) * idle);
}
