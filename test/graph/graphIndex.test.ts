import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../src/graph/graphBuilder.js';
import { graphIndex, operands } from '../../src/graph/graphIndex.js';
import { parseReference } from '../../src/graph/reference.js';

function splitGraph() {
  const b = new GraphBuilder();
  const parts = b.add('split', [b.input([1, 6])], { parts: [2, 4] });
  return b.build([b.add('concat', [`${parts}:1`, parts], { axis: 1 }), `${parts}:1`]);
}

describe('graphIndex', () => {
  it('gives edges as positions, the same for a built graph and its copy', () => {
    const graph = splitGraph();
    const copy = JSON.parse(JSON.stringify(graph));
    for (const g of [graph, copy]) {
      const { inputs, ports, outputs, position } = graphIndex(g);
      expect(inputs).toEqual([[], [0], [1, 1]]);
      expect([...ports]).toEqual([[2, [1, 0]]]);
      expect(outputs).toEqual([2, 1]);
      expect(position.get('n2')).toBe(2);
    }
    expect.assertions(8);
  });

  it('gives the tensors that a node reads', () => {
    const graph = splitGraph();
    expect(operands(graph, graphIndex(graph), 2).map((t) => t.shape)).toEqual([
      [1, 4],
      [1, 2],
    ]);
  });

  it('is made anew where nodes or outputs are others', () => {
    const graph = splitGraph();
    expect(graphIndex(graph)).toBe(graphIndex(graph));
    expect(graphIndex({ ...graph, outputs: ['n0'] }).outputs).toEqual([0]);
    graph.outputs = ['n1'];
    expect(graphIndex(graph).outputs).toEqual([1]);
  });
});

describe('parseReference', () => {
  it('takes a node by its id, colons included, before an output of it', () => {
    const position = new Map([
      ['layer', 0],
      ['layer:1', 1],
    ]);
    expect(parseReference('layer:1', position)).toEqual({ node: 1, port: 0 });
    expect(parseReference('layer:2', position)).toEqual({ node: 0, port: 2 });
    expect(parseReference('layer:1:1', position)).toEqual({ node: 1, port: 1 });
    expect(parseReference('layer:x', position)).toBeUndefined();
    expect(parseReference('other', position)).toBeUndefined();
  });
});
