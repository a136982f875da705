import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../src/graph/graphBuilder.js';
import { indicesBelow } from '../../src/measure/indicesBelow.js';

describe('indicesBelow', () => {
  it('is the smallest table that reads a tensor, behind a reshape too', () => {
    const b = new GraphBuilder();
    const ids = b.input([1, 6], 'int64');
    const table = (rows: number, of: string) => b.add('embedding', [of], { rows, dim: 4 });
    const out = [table(100, ids), table(30, b.add('reshape', [ids], { shape: [6] })), b.add('relu', [b.input([2])])];
    const graph = b.build(out);
    expect(indicesBelow(graph, 0)).toBe(30);
    const other = graph.nodes.findIndex((n) => n.op === 'input' && n.dtype === 'fp32');
    expect(indicesBelow(graph, other)).toBeUndefined();
  });
});
