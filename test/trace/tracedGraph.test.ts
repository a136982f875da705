import { describe, expect, it } from 'vitest';
import { graphCosts } from '../../src/graph/operatorCost.js';
import type { MappedOp } from '../../src/graph/operatorText.js';
import { operatorGraph } from '../../src/graph/operatorText.js';
import { parseOpGraph } from '../../src/graph/opGraph.js';
import { tracedGraph } from '../../src/trace/tracedGraph.js';

const t = (...shape: number[]) => ({ shape, dtype: 'fp32' as const });
const op = (name: MappedOp['op'], inputs: ReturnType<typeof t>[], shape: number[], attrs: MappedOp['attrs'] = {}): MappedOp => ({
  op: name,
  attrs,
  inputs,
  shape,
  dtype: 'fp32',
});

describe('tracedGraph', () => {
  it('reconstructs a residual block: the branch nothing has read yet joins', () => {
    const x = t(1, 4, 8, 8);
    const conv = () =>
      op('conv2d', [x], x.shape, { kernel: [3, 3], stride: [1, 1], padding: [1, 1], groups: 1, outChannels: 4, bias: 0 });
    const graph = parseOpGraph(
      tracedGraph([conv(), op('relu', [x], x.shape), conv(), op('batch_norm', [x], x.shape), op('add', [x, x], x.shape)]),
    );
    expect(graph.nodes.map((n) => `${n.id}=${n.op}(${n.inputs})`)).toEqual([
      'x0=input()',
      'n1=conv2d(x0)',
      'n2=relu(n1)',
      'n3=conv2d(n2)',
      'n4=batch_norm(n3)',
      'x5=input()',
      'n6=add(n4,x5)',
    ]);
    expect(graph.outputs).toEqual(['n6']);
  });

  it('goes through a reshape where only the number of elements fits', () => {
    const graph = tracedGraph([
      op('global_avg_pool', [t(1, 8, 4, 4)], [1, 8, 1, 1]),
      op('linear', [t(1, 8)], [1, 3], { outFeatures: 3, bias: 1 }),
    ]);
    expect(graph.nodes.map((n) => n.op)).toEqual(['input', 'global_avg_pool', 'reshape', 'linear']);
  });

  it('costs as much as its operators one by one', () => {
    const ops = [
      op('linear', [t(4, 8)], [4, 16], { outFeatures: 16, bias: 0 }),
      op('relu', [t(4, 16)], [4, 16]),
      op('matmul', [t(2, 3), t(3, 5)], [2, 5], { transposeB: 0 }),
      op('opaque', [t(7)], [7], { kind: 'aten::pow' }),
    ];
    const total = graphCosts(parseOpGraph(tracedGraph(ops))).total,
      each = ops.map((o) => graphCosts(operatorGraph(o)).total);
    for (const key of ['flops', 'params', 'bytesIn', 'bytesOut', 'bytesWeights'] as const)
      expect(total[key]).toBe(each.reduce((s, c) => s + c[key], 0));
  });
});
