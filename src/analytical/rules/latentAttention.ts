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
}

/**
 * Decoding with multi-head latent attention, the up-projections absorbed into queries and outputs (DeepSeek-V2, arXiv 2405.04434, section 2.1.2): every
 * head reads the same compressed row: F = 2 B H L S (2 d_c + d_r), Q = B S (d_c + d_r) once for all heads. With H = 128 and 16 bits that is 242
 * operations a byte: near the ridge of an H100, where attention with heads of keys and values of its own has 1.
 */
export function latentAttentionWork({ batch, heads, length, before, kvRank, ropeDim, bytes, kvBytes }: LatentSizes): KernelWork {
  const context = before + length;
  const queries = batch * heads * length * (kvRank + ropeDim) * bytes,
    outputs = batch * heads * length * kvRank * bytes;
  return {
    flops: 2 * batch * heads * length * context * (2 * kvRank + ropeDim),
    bytes: queries + outputs + batch * context * (kvRank + ropeDim) * kvBytes,
  };
}
