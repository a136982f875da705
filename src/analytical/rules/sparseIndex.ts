import { attendedPairs } from './attentionWork.js';
import type { KernelWork } from './kernelTime.js';

/** Bytes of a token's key of an indexer: eight bits an element, a scale of four bytes for each 128 (DeepGEMM, vLLM). */
export const indexKeyBytes = (headDim: number): number => headDim + 4 * Math.ceil(headDim / 128);

export interface IndexSizes {
  batch: number;
  length: number;
  before: number;
  heads: number;
  headDim: number;
  topK: number;
}

/** Bytes of a score, and of the index of a token. */
const SCORE = 4;

/**
 * The lightning indexer of DeepSeek sparse attention (DeepSeek-V3.2, arXiv 2512.02556, eq. 1): sum over heads of w relu(q k) for every token before a
 * query, F = 2 H d + 3 H a pair; queries and keys in eight bits, scores in 32, written.
 */
export function indexScoresWork({ batch, length, before, heads, headDim }: IndexSizes): KernelWork {
  const pairs = batch * attendedPairs({ length, before });
  return {
    flops: pairs * heads * (2 * headDim + 3),
    bytes: batch * (length * heads * (headDim + SCORE) + (before + length) * indexKeyBytes(headDim)) + pairs * SCORE,
  };
}

/** The best `topK` of a query's scores: read once, their indices written. */
export function indexChoiceWork({ batch, length, before, topK }: IndexSizes): KernelWork {
  const pairs = batch * attendedPairs({ length, before });
  return { flops: pairs, bytes: pairs * SCORE + batch * length * Math.min(topK, before + length) * SCORE };
}
