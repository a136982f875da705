import { describe, expect, it } from 'vitest';
import { type OpGraph, parseOpGraph } from '../../src/graph/opGraph.js';

const graph = (): OpGraph => ({
  nodes: [
    { id: 'x', op: 'input', inputs: [], attrs: {}, shape: [1, 4], dtype: 'fp32' },
    { id: 'h', op: 'relu', inputs: ['x'], attrs: {}, shape: [1, 4], dtype: 'fp32' },
    { id: 'y', op: 'linear', inputs: ['h'], attrs: { outFeatures: 2, bias: 1 }, shape: [1, 2], dtype: 'fp32' },
  ],
  outputs: ['y'],
});
type Change = (g: { nodes: Record<string, unknown>[]; outputs: unknown }) => void;

describe('parseOpGraph', () => {
  it('gives back a good graph', () => {
    expect(parseOpGraph(JSON.parse(JSON.stringify(graph())))).toEqual(graph());
  });

  it.each<[string, Change, string]>([
    ['a repeated id', (g) => (g.nodes[1].id = 'x'), "node id 'x' appears twice"],
    ['an input that is no node', (g) => (g.nodes[1].inputs = ['z']), "node 'h' reads 'z', which does not stand before it"],
    ['an input that comes later', (g) => (g.nodes[1].inputs = ['y']), "node 'h' reads 'y', which does not stand before it"],
    ['a node that reads itself', (g) => (g.nodes[1].inputs = ['h']), "node 'h' reads 'h', which does not stand before it"],
    ['an unknown output', (g) => (g.outputs = ['q']), "output 'q' is no node of the graph"],
    ['no output', (g) => (g.outputs = []), 'outputs'],
    ['no node', (g) => (g.nodes = []), 'nodes'],
    ['an unknown operator', (g) => (g.nodes[1].op = 'relu7'), 'nodes[1].op'],
    ['an unknown element type', (g) => (g.nodes[2].dtype = 'fp31'), 'nodes[2].dtype'],
    ['a negative size', (g) => (g.nodes[2].shape = [1, -2]), 'nodes[2].shape[1]'],
    ['a fraction as size', (g) => (g.nodes[2].shape = [1, 2.5]), 'nodes[2].shape[1]'],
    ['an empty id', (g) => (g.nodes[0].id = ''), 'nodes[0].id'],
    ['an attribute that is an object', (g) => (g.nodes[2].attrs = { a: {} }), 'nodes[2].attrs.a'],
    ['an unknown field', (g) => (g.nodes[0].name = 'x'), 'name'],
  ])('refuses %s', (_, change, message) => {
    const bad = graph();
    change(bad as unknown as Parameters<Change>[0]);
    expect(() => parseOpGraph(bad, 'model.json')).toThrow(
      expect.objectContaining({ code: 'bad-input', where: 'model.json', message: expect.stringContaining(message) }),
    );
  });

  it.each([null, 'graph', [], 3])('refuses %j', (value) => {
    expect(() => parseOpGraph(value)).toThrow(
      expect.objectContaining({ code: 'bad-input', message: expect.stringContaining('not an operator graph') }),
    );
  });
});
