import { describe, expect, it } from 'vitest';
import { cublasWorkspace, eagerMemory } from '../../src/analytical/eagerMemory.js';
import { GraphBuilder } from '../../src/graph/graphBuilder.js';

const PICTURE = 4 * 8 * 8 * 4;

describe('eagerMemory', () => {
  it('holds inputs to the end, and a convolution of a window copies its operands and result', () => {
    const b = new GraphBuilder(),
      graph = b.build([b.conv(b.input([1, 4, 8, 8]), 4, 3)]);
    const weights = 4 * 4 * 9 * 4;
    // input and result, and both again with the filter
    expect(eagerMemory(graph, { reserve: 100 })).toEqual({
      weights,
      activations: 4 * PICTURE + weights,
      reserve: 100,
      total: 4 * PICTURE + 2 * weights + 100,
    });
  });

  it('takes no workspace for single points or one filter a channel, and frees what nothing reads', () => {
    const b = new GraphBuilder();
    const chain = b.conv(b.conv(b.conv(b.input([1, 4, 8, 8]), 4, 1), 4, 3, 1, 4), 4, 1);
    // the input, which the caller holds, and two of the chain
    expect(eagerMemory(b.build([chain]), { reserve: 0 }).activations).toBe(3 * PICTURE);
  });

  it('keeps keys and values of attention where the model caches them; views own nothing', () => {
    const b = new GraphBuilder('bf16'),
      heads = (x: string) => b.add('transpose', [b.add('reshape', [x], { shape: [1, 16, 2, 8] })], { order: [0, 2, 1, 3] });
    const x = b.input([1, 16, 16]),
      [q, k, v] = [0, 1, 2].map(() => heads(b.add('linear', [x], { outFeatures: 16 })));
    const graph = b.build([b.add('attention', [q, k, v])]),
      row = 16 * 16 * 2;
    expect(eagerMemory(graph, { reserve: 0 }).activations).toBe(5 * row);
    expect(eagerMemory(graph, { reserve: 0, keepsCache: true }).activations).toBe(7 * row);
  });

  it('writes the scores of 32-bit attention with shared keys', () => {
    const b = new GraphBuilder(),
      [q, k, v] = [4, 2, 2].map((heads) => b.input([1, heads, 16, 8]));
    const graph = b.build([b.add('attention', [q, k, v])]);
    const own = (4 + 2 + 2 + 4) * 16 * 8 * 4,
      scores = 4 * 16 * 16 * 4,
      repeated = 2 * 4 * 16 * 8 * 4;
    expect(eagerMemory(graph, { reserve: 0 }).activations).toBe(own + 2 * scores + repeated);
  });
});

describe('cublasWorkspace', () => {
  it('is 32 MiB on Hopper and 8.125 MiB elsewhere', () => {
    expect(cublasWorkspace(true)).toBe(33_554_432);
    expect(cublasWorkspace(false)).toBe(8_519_680);
  });
});
