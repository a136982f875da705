import { describe, expect, it } from 'vitest';
import { graphCosts, operatorCost } from '../../src/graph/operatorCost.js';
import type { Attrs, Dtype, OpNode, OpType } from '../../src/graph/opGraph.js';

const node = (op: OpType, shape: number[], attrs: Attrs = {}, dtype: Dtype = 'fp32'): OpNode => ({
  id: op,
  op,
  inputs: [],
  attrs,
  shape,
  dtype,
});
const x = (...shape: number[]) => node('input', shape);

describe('operatorCost', () => {
  it('conv2d: two operations for each weight and output, and the bias', () => {
    const attrs = { kernel: [3, 3], stride: [1, 1], padding: [1, 1], groups: 1, outChannels: 8, bias: 0 };
    expect(operatorCost(node('conv2d', [2, 8, 5, 5], attrs), [x(2, 4, 5, 5)])).toEqual({
      macs: 2 * 8 * 25 * (4 * 9),
      flops: 2 * (2 * 8 * 25) * (4 * 9),
      params: 8 * 4 * 9,
      bytesIn: 4 * 2 * 4 * 25,
      bytesOut: 4 * 2 * 8 * 25,
      bytesWeights: 4 * 8 * 4 * 9,
      bytesResident: 4 * 8 * 4 * 9,
    });
    const biased = operatorCost(node('conv2d', [2, 8, 5, 5], { ...attrs, bias: 1 }), [x(2, 4, 5, 5)]);
    expect(biased.flops).toBe(2 * 400 * 36 + 400);
    expect(biased.params).toBe(288 + 8);
  });

  it('conv2d: groups divide arithmetic and weights', () => {
    const of = (groups: number) =>
      operatorCost(node('conv2d', [1, 8, 5, 5], { kernel: [3, 3], groups, outChannels: 8, bias: 0 }), [x(1, 8, 5, 5)]);
    expect(of(8).params).toBe(8 * 9);
    expect(of(8).flops * 8).toBe(of(1).flops);
    expect(of(2).flops * 2).toBe(of(1).flops);
  });

  it.each<[string, OpNode, OpNode[], object]>([
    [
      'linear contracts the last axis',
      node('linear', [2, 3, 5], { outFeatures: 5, bias: 1 }),
      [x(2, 3, 7)],
      { flops: 2 * 30 * 7 + 30, params: 7 * 5 + 5 },
    ],
    [
      'matmul has no weights',
      node('matmul', [2, 3, 5]),
      [x(2, 3, 7), x(2, 7, 5)],
      { flops: 2 * 30 * 7, params: 0, bytesIn: 4 * (42 + 70) },
    ],
    [
      'attention: scores and values',
      node('attention', [2, 6, 32], { heads: 4, kvHeads: 2, headDim: 8, kvLength: 9, causal: 0 }),
      [x(2, 6, 32)],
      { flops: 4 * 2 * 4 * 6 * 8 * 9 },
    ],
    [
      'causal attention: half',
      node('attention', [2, 6, 32], { heads: 4, kvHeads: 2, headDim: 8, kvLength: 9, causal: 1 }),
      [x(2, 6, 32)],
      { flops: 2 * 2 * 4 * 6 * 8 * 9 },
    ],
    [
      'pools read their window',
      node('avg_pool2d', [1, 2, 4, 4], { kernel: [3, 3] }),
      [x(1, 2, 4, 4)],
      { flops: 32 * 9, params: 0 },
    ],
    ['a global pool reads everything once', node('global_avg_pool', [1, 2, 1, 1]), [x(1, 2, 4, 4)], { flops: 32 }],
    ['batch norm', node('batch_norm', [1, 3, 2, 2]), [x(1, 3, 2, 2)], { flops: 24, params: 6 }],
    ['layer norm', node('layer_norm', [2, 5]), [x(2, 5)], { flops: 70, params: 10 }],
    ['rms norm', node('rms_norm', [2, 5]), [x(2, 5)], { flops: 50, params: 5 }],
    ['addition reads both operands', node('add', [2, 5]), [x(2, 5), x(1, 5)], { flops: 10, bytesIn: 60, bytesOut: 40 }],
    [
      'an embedding reads the rows it gives',
      node('embedding', [2, 6, 16], { rows: 1000, dim: 16 }),
      [node('input', [2, 6], {}, 'int64')],
      { params: 16000, bytesIn: 4 * 192, bytesOut: 4 * 192, bytesWeights: 0 },
    ],
    ['zero still multiplies', node('zero', [2, 5]), [x(2, 5)], { flops: 10, bytesIn: 40, bytesOut: 40 }],
    [
      'fp16 halves the traffic',
      node('relu', [2, 5], {}, 'fp16'),
      [node('input', [2, 5], {}, 'fp16')],
      { flops: 10, bytesIn: 20, bytesOut: 20 },
    ],
    [
      'int4 is half a byte',
      node('copy', [8], {}, 'int4'),
      [node('input', [8], {}, 'int4')],
      { flops: 0, bytesIn: 4, bytesOut: 4 },
    ],
  ])('%s', (_, n, producers, expected) => {
    expect(operatorCost(n, producers)).toMatchObject(expected);
  });

  it.each<OpType>(['input', 'identity', 'reshape', 'dropout'])('%s is free', (op) => {
    expect(operatorCost(node(op, [4, 4]), [x(4, 4)])).toEqual({
      macs: 0,
      flops: 0,
      params: 0,
      bytesIn: 0,
      bytesOut: 0,
      bytesWeights: 0,
      bytesResident: 0,
    });
  });
});

describe('graphCosts', () => {
  it('is the cost of each node and their sum', () => {
    const nodes: OpNode[] = [
      { ...x(1, 4), id: 'x' },
      { ...node('relu', [1, 4]), id: 'r', inputs: ['x'] },
      { ...node('linear', [1, 2], { outFeatures: 2, bias: 0 }), id: 'y', inputs: ['r'] },
    ];
    const { each, total } = graphCosts({ nodes, outputs: ['y'] });
    expect(each.map((c) => c.flops)).toEqual([0, 4, 16]);
    expect(total).toEqual({
      macs: 8,
      flops: 20,
      params: 8,
      bytesIn: 16 + 16,
      bytesOut: 16 + 8,
      bytesWeights: 32,
      bytesResident: 32,
    });
  });
});
