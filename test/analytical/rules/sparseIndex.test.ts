import { describe, expect, it } from 'vitest';
import { latentAttentionWork } from '../../../src/analytical/rules/latentAttention.js';
import { indexChoiceWork, indexKeyBytes, indexScoresWork } from '../../../src/analytical/rules/sparseIndex.js';

describe('sparse attention by an indexer, by hand', () => {
  const sizes = { batch: 2, length: 1, before: 9999, heads: 64, headDim: 128, topK: 2048 };

  it('keys of DeepSeek-V3.2 take 132 bytes a token and layer', () => expect(indexKeyBytes(128)).toBe(132));

  it('a token of two requests of 10k scores all of them', () => {
    const work = indexScoresWork(sizes);
    expect(work.flops).toBe(2 * 10_000 * 64 * (2 * 128 + 3));
    // queries with a factor of four bytes a head, keys, scores
    expect(work.bytes).toBe(2 * (64 * 132 + 10_000 * 132) + 2 * 10_000 * 4);
    expect(indexChoiceWork(sizes).bytes).toBe(2 * (10_000 + 2048) * 4);
  });

  it('a prompt scores the tokens before each of its own', () =>
    expect(indexScoresWork({ ...sizes, batch: 1, length: 4, before: 0 }).flops).toBe((1 + 2 + 3 + 4) * 64 * 259));

  it('attention is to 2048 of 10k tokens, and reads as many rows', () => {
    const latent = { batch: 1, heads: 128, length: 1, before: 9999, kvRank: 512, ropeDim: 64, bytes: 2, kvBytes: 2 };
    const [dense, sparse] = [latentAttentionWork(latent), latentAttentionWork({ ...latent, topK: 2048 })];
    expect(sparse.flops).toBe(2 * 128 * 2048 * 1088);
    expect(dense.bytes - sparse.bytes).toBe((10_000 - 2048) * 576 * 2);
    expect(latentAttentionWork({ ...latent, topK: 20_000 })).toEqual(dense);
  });
});
