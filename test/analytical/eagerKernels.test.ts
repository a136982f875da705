import { describe, expect, it } from 'vitest';
import { compiledKernels } from '../../src/analytical/compiledKernels.js';
import { eagerKernels } from '../../src/analytical/eagerKernels.js';
import { GraphBuilder } from '../../src/graph/graphBuilder.js';
import { type OpGraph, parseOpGraph } from '../../src/graph/opGraph.js';

const kinds = (graph: OpGraph) => eagerKernels(graph).map((k) => k.kind);

describe('eagerKernels', () => {
  it('adds the bias of a convolution, and the norm that was folded into it, in passes over its output', () => {
    const behind = (attrs: Record<string, number | string>) => {
      const b = new GraphBuilder();
      const x = b.add('conv2d', [b.input([1, 4, 8, 8])], { kernel: [3, 3], outChannels: 4, ...attrs });
      return kinds(b.build([b.add('relu', [x])])).slice(1);
    };
    expect(behind({ bias: 0 })).toEqual(['activation']);
    expect(behind({ bias: 1 })).toEqual(['broadcast', 'activation']);
    // the copy widens statistics of half precision
    expect(behind({ bias: 1, foldedNorm: 'alone' })).toEqual(['channelwise', 'copy', 'activation']);
    expect(behind({ bias: 1, foldedNorm: 'after bias' })).toEqual(['broadcast', 'channelwise', 'copy', 'activation']);
    // filters of one channel add their bias themselves
    expect(behind({ bias: 1, groups: 4 })).toEqual(['activation']);
  });

  it('widens the square of a root-mean-square norm, where elements are narrow', () => {
    const b = new GraphBuilder();
    const x = b.add('relu', [b.input([1, 4, 8])]),
      square = b.add('pow', [x]);
    const kernels = eagerKernels(b.build([b.add('reduce', [square], { axis: [2], keepDims: 1 })]));
    expect(kernels.map((k) => [k.kind, k.isOfHalf ?? false])).toEqual([
      ['activation', false],
      ['elementwise', false],
      ['copy', true],
      ['copy', true],
      ['pool', false],
    ]);
  });

  it('takes a SiLU as one, and the bias of a linear layer as part of it', () => {
    const b = new GraphBuilder();
    const x = b.add('linear', [b.input([1, 8])], { outFeatures: 16, bias: 0 });
    const biased = b.add('add', [x, b.add('stored', [], { shape: [16], params: 16 })]);
    const y = b.add('mul', [biased, b.add('sigmoid', [biased])]);
    expect(kinds(b.build([y]))).toEqual(['linear', 'activation']);
  });

  it('finds the attention that an exporter wrote out, and whether a mask is read', () => {
    const attention = (mask: string | undefined) => {
      const b = new GraphBuilder();
      const [q, k, v] = [0, 1, 2].map(() => b.add('relu', [b.input([1, 2, 4, 8])]));
      const turned = b.add('mul', [b.add('transpose', [k], { order: [0, 1, 3, 2] })]),
        stored = b.add('stored', [], { shape: [1, 1, 4, 4] });
      let scores = b.add('matmul', [b.add('mul', [q]), turned]);
      if (mask) scores = b.add('add', [scores, stored]);
      const graph = b.build([b.add('matmul', [b.add('softmax', [scores], { axis: -1 }), v])]);
      // exporters name the mask
      const named = JSON.stringify(graph).replaceAll(JSON.stringify(stored), JSON.stringify(mask ?? stored));
      return eagerKernels(parseOpGraph(JSON.parse(named), 'test'));
    };
    const plain = attention(undefined).at(-1)!;
    // two products of 2 x 4 x 4 x 8 multiply-accumulates; queries, keys, values and output of 64 elements each
    expect(plain).toMatchObject({
      kind: 'attention',
      flops: 2 * 2 * 256,
      bytes: 4 * 64 * 4,
      matrix: { rows: 4, columns: 4, depth: 8, groups: 2 },
    });
    expect(attention('ge').at(-1)!.kind).toBe('masked');
    expect(attention('le_1').at(-1)!.kind).toBe('attention');
    expect(attention('ge')).toHaveLength(4);
  });

  it('copies a view out of order where it has to be put in order', () => {
    const b = new GraphBuilder();
    const x = b.add('relu', [b.input([1, 6, 4, 4])]);
    const turned = b.add('transpose', [x], { order: [0, 2, 3, 1] });
    expect(kinds(b.build([turned]))).toEqual(['activation']);
    expect(kinds(b.build([b.add('reshape', [turned], { shape: [1, 96] })]))).toEqual(['activation', 'copy']);
    expect(kinds(b.build([b.add('layer_norm', [turned])]))).toEqual(['activation', 'copy', 'norm']);
  });
});

describe('compiledKernels', () => {
  it('adds the arithmetic of what is fused, and keeps its traffic inside', () => {
    const b = new GraphBuilder();
    const x = b.conv(b.input([1, 3, 8, 8]), 4, 3);
    const [alone] = compiledKernels(b.build([x])),
      [fused, ...others] = compiledKernels(b.build([b.add('relu', [x])]));
    expect(others).toEqual([]);
    expect(fused).toMatchObject({ kind: 'conv', bytes: alone.bytes, weightBytes: alone.weightBytes });
    expect(fused.flops).toBeGreaterThan(alone.flops);
  });
});
