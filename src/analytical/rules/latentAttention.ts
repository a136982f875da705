import { attendedPairs } from './attentionWork.js';
import type { KernelWork } from './kernelTime.js';

export interface LatentSizes {
  batch: number;
  heads: number;
  length: number;
  before: number;
  /** rank of the compressed keys and values, width of the part with position */
  kvRank: number;
  ropeDim: number;
  bytes: number;
  kvBytes: number;
  /** tokens that a query attends to at most; all unless told */
  topK?: number;
}

/**
 * Decoding with multi-head latent attention, the up-projections absorbed into queries and outputs (DeepSeek-V2, arXiv 2405.04434, section 2.1.2): every
 * head reads the same compressed row: F = 2 B H L S (2 d_c + d_r), Q = B S (d_c + d_r) once for all heads. With H = 128 and 16 bits that is 242
 * operations a byte: near the ridge of an H100, where attention with heads of keys and values of its own has 1. Sparse (DeepSeek-V3.2, arXiv 2512.02556):
 * a query attends to `topK` tokens, and reads rows that other queries read from the cache of the device.
 */
export function latentAttentionWork(s: LatentSizes): KernelWork {
  const { batch, heads, length, before, kvRank, ropeDim, bytes, kvBytes, topK } = s;
  const sizes = { batch, heads, kvHeads: 1, length, before, headDim: kvRank + ropeDim, window: topK, bytes, kvBytes };
  const read = Math.min(before + length, topK === undefined ? Number.POSITIVE_INFINITY : length * topK);
  const queries = batch * heads * length * (kvRank + ropeDim) * bytes,
    outputs = batch * heads * length * kvRank * bytes;
  return {
    flops: 2 * batch * heads * attendedPairs(sizes) * (2 * kvRank + ropeDim),
    bytes: queries + outputs + batch * read * (kvRank + ropeDim) * kvBytes,
  };
}
