import { describe, expect, it } from 'vitest';
import { fuse } from '../../src/analytical/fuse.js';
import { peakMemory } from '../../src/analytical/peakMemory.js';
import { GraphBuilder } from '../../src/graph/graphBuilder.js';

const TENSOR = 4 * 8 * 8 * 4;

describe('peakMemory', () => {
  it('is the weights plus the most tensors alive at one step', () => {
    const b = new GraphBuilder();
    const x = b.input([1, 4, 8, 8]);
    const y = b.add('relu', [b.add('relu', [b.conv(x, 4, 1)])]);
    const graph = b.build([b.add('add', [x, y])]);
    // x stays until the addition: x, operand and result
    expect(peakMemory(graph)).toBe(3 * TENSOR + 4 * 4 * 4);
    expect(peakMemory(graph, fuse(graph))).toBe(2 * TENSOR + 4 * 4 * 4);
  });

  it('does not count views twice, nor dead branches of a compiler', () => {
    const b = new GraphBuilder();
    const x = b.input([1, 4, 8, 8]);
    const same = b.add('reshape', [b.add('identity', [x])], { shape: [1, 4, 8, 8] });
    expect(peakMemory(b.build([b.add('relu', [same])]))).toBe(2 * TENSOR);
    const dead = b.conv(x, 4, 1);
    b.add('relu', [dead]);
    const graph = b.build([b.add('tanh', [x])]);
    expect(peakMemory(graph, fuse(graph))).toBe(2 * TENSOR);
  });

  it('keeps what a kernel of several nodes reads until it has written', () => {
    const b = new GraphBuilder();
    const wide = b.add('relu', [b.conv(b.input([1, 4, 8, 8]), 8, 1)]);
    const graph = b.build([b.add('relu', [b.conv(wide, 4, 1)])]);
    // the first kernel: input and twice as much; the second the other way round
    expect(peakMemory(graph, fuse(graph))).toBe(3 * TENSOR + 2 * 4 * 8 * 4);
  });

  it('frees the outputs of one operator together', () => {
    const b = new GraphBuilder();
    const parts = b.add('split', [b.input([1, 4, 8, 8])], { parts: [1, 3] });
    const graph = b.build([b.add('relu', [`${parts}:1`])]);
    // input and parts; then parts and the three quarters of the result
    expect(peakMemory(graph)).toBe(2 * TENSOR);
  });

  it('keeps weights in their own type', () => {
    const b = new GraphBuilder('fp16');
    const graph = b.build([b.add('linear', [b.input([1, 64])], { outFeatures: 32, weightDtype: 'int4' })]);
    expect(peakMemory(graph)).toBe((64 * 32) / 2 + 2 * (64 + 32));
  });
});

describe('tensors of the model', () => {
  it('and views of them count once, for as long as the model lives', () => {
    const builder = new GraphBuilder();
    const x = builder.input([10]);
    const table = builder.add('stored', [], { shape: [2, 10], params: 20 });
    const row = builder.add('view', [table], { shape: [10] });
    const graph = builder.build([builder.add('mul', [builder.add('add', [x, row]), row])]);
    // 20 values stored; input and sum, then sum and product; fused, input and product
    expect(peakMemory(graph)).toBe(4 * (20 + 20));
    expect(peakMemory(graph, fuse(graph))).toBe(4 * (20 + 20));
  });
});
