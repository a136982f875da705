import { describe, expect, it } from 'vitest';
import { compiledKernels } from '../../src/analytical/compiledKernels.js';
import { onnxruntimeKernels } from '../../src/analytical/onnxruntimeKernels.js';
import { GraphBuilder } from '../../src/graph/graphBuilder.js';
import type { OpGraph } from '../../src/graph/opGraph.js';

const kinds = (graph: OpGraph) => onnxruntimeKernels(graph).map((k) => k.kind);

describe('onnxruntimeKernels', () => {
  it('takes a sum and an activation into a convolution, with their traffic', () => {
    const b = new GraphBuilder(),
      x = b.conv(b.input([1, 3, 8, 8]), 4, 3),
      y = b.conv(x, 4, 3);
    const graph = b.build([b.add('relu', [b.add('add', [y, x])])]);
    expect(kinds(graph)).toEqual(['conv', 'conv']);
    expect(onnxruntimeKernels(graph)).toEqual(compiledKernels(graph));
  });

  it('leaves apart what a compiler would append', () => {
    const b = new GraphBuilder();
    const x = b.add('linear', [b.input([1, 5, 8])], { outFeatures: 16, bias: 1 });
    const graph = b.build([b.add('add', [b.add('hardswish', [x]), b.input([1, 5, 16])])]);
    expect(kinds(graph)).toEqual(['linear', 'activation', 'elementwise']);
    expect(compiledKernels(graph)).toHaveLength(1);
  });

  it('runs a SiLU as one, and a bias inside of the GELU behind it', () => {
    const b = new GraphBuilder();
    const x = b.conv(b.input([1, 3, 8, 8]), 4, 1);
    const silu = b.add('mul', [x, b.add('sigmoid', [x])]);
    const bias = b.add('stored', [], { shape: [8], params: 8 });
    expect(kinds(b.build([b.add('gelu', [b.add('add', [silu, bias])])]))).toEqual(['pointwise', 'activation', 'activation']);
  });

  it('computes a factor inside of the product of matrices beside it', () => {
    const b = new GraphBuilder(),
      [q, k] = [b.input([1, 2, 4, 8]), b.input([1, 2, 8, 4])];
    const scaled = b.add('mul', [b.add('matmul', [q, k])], {});
    expect(kinds(b.build([b.add('softmax', [scaled])]))).toEqual(['bmm', 'softmax']);
  });
});
