import { describe, expect, it } from 'vitest';
import type { OpGraph, OpNode } from '../../src/graph/opGraph.js';
import { headOperator } from '../../src/trace/headOperator.js';

const node = (id: string, op: string, inputs: string[], attrs: OpNode['attrs'] = {}): OpNode => ({
  id,
  op,
  inputs,
  attrs,
  shape: [2, 8],
  dtype: 'fp32',
});
const graphOf = (...nodes: OpNode[]): OpGraph => ({
  nodes: [node('x', 'input', [], { shape: [2, 8] }), ...nodes],
  outputs: [nodes.at(-1)!.id],
});
const headOf = (...nodes: OpNode[]): string | undefined => {
  const graph = graphOf(...nodes);
  return headOperator(graph, graph.nodes)?.op;
};

describe('headOperator', () => {
  it('is what multiplies most, then what needs a kernel most, then what computes most', () => {
    expect(headOf(node('r', 'relu', ['x']), node('y', 'linear', ['r'], { outFeatures: 8, bias: 0 }))).toBe('linear');
    expect(headOf(node('a', 'add', ['x', 'x']), node('y', 'layer_norm', ['a']))).toBe('layer_norm');
    expect(headOf(node('a', 'add', ['x', 'x']), node('y', 'gelu', ['a']))).toBe('gelu');
  });

  it('has the weights of its own, whatever it shares with others of its model', () => {
    const graph = graphOf(node('y', 'linear', ['x'], { outFeatures: 8, bias: 0, params: 3 }));
    expect(headOperator(graph, graph.nodes)).toMatchObject({ attrs: { outFeatures: 8, bias: 0 }, inputs: [{ shape: [2, 8] }] });
    expect(headOperator(graph, graph.nodes)!.attrs).not.toHaveProperty('params');
  });

  it('is none of inputs alone', () => {
    const graph = graphOf(node('y', 'relu', ['x']));
    expect(headOperator(graph, graph.nodes.slice(0, 1))).toBeUndefined();
  });
});
