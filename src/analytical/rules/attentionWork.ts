import type { KernelWork } from './kernelTime.js';

/** Attention of `batch` requests that bring `length` new tokens each to `before` tokens that are cached. */
export interface AttentionSizes {
  batch: number;
  heads: number;
  kvHeads: number;
  length: number;
  before: number;
  headDim: number;
  /** `headDim` unless told */
  valueDim?: number;
  /** tokens that a query looks back on, itself included; all unless told */
  window?: number;
  /** a query sees later tokens as well (encoders, attention to an encoder) */
  bidirectional?: boolean;
  /** bytes of an element of queries and outputs, of keys and values */
  bytes: number;
  kvBytes: number;
}

/** Pairs of a query and a key it sees, of one head of one request: sum over i = 1..L of min(before + i, W). */
export function attendedPairs({
  length,
  before,
  window = Number.POSITIVE_INFINITY,
  bidirectional,
}: Pick<AttentionSizes, 'length' | 'before' | 'window' | 'bidirectional'>): number {
  if (bidirectional) return length * (before + length);
  // the first queries see all before them, the others a whole window
  const growing = Math.max(0, Math.min(length, window - before));
  const seen = growing * before + (growing * (growing + 1)) / 2;
  return growing === length ? seen : seen + (length - growing) * window;
}

/** Tokens whose keys and values are read: those that any query of this pass sees. */
export const readTokens = ({ length, before, window = Number.POSITIVE_INFINITY }: AttentionSizes): number =>
  Math.min(before + length, window + length - 1);

/**
 * Fused attention (FlashAttention, Dao et al., NeurIPS 2022; grouped heads, Ainslie et al., EMNLP 2023): F = 2 B H pairs (d + d_v); memory holds Q and O
 * once, K and V by the heads of keys and values, read for every token that is seen and written for the new ones. Scores never leave the chip. The
 * output is L x d_v wide for each head, not L x S (a fault of LLM-Viewer's).
 */
export function attentionWork(s: AttentionSizes): KernelWork {
  const { batch, heads, kvHeads, length, headDim, valueDim = headDim, bytes, kvBytes } = s;
  const queriesAndOutputs = batch * heads * length * (headDim + valueDim) * bytes;
  const cache = batch * kvHeads * (headDim + valueDim) * kvBytes;
  return {
    flops: 2 * batch * heads * attendedPairs(s) * (headDim + valueDim),
    bytes: queriesAndOutputs + cache * (readTokens(s) + length),
  };
}

/**
 * The same unfused: scores and probabilities, B H L S each, are written and read again: 4 B H L S bytes more (rule 5 of LLM-Viewer's list). Masked
 * scores are computed and moved as well.
 */
export function unfusedAttentionWork(s: AttentionSizes): KernelWork {
  const all = attentionWork({ ...s, bidirectional: true, window: undefined });
  const scores = s.batch * s.heads * s.length * (s.before + s.length);
  return { flops: all.flops + 5 * scores, bytes: all.bytes + 4 * scores * s.bytes };
}
