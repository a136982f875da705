import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fuse } from '../../src/analytical/fuse.js';
import { GraphBuilder } from '../../src/graph/graphBuilder.js';
import type { OpGraph } from '../../src/graph/opGraph.js';
import { parseWorkload, workloadGraph } from '../../src/graph/workload.js';
import { shuffleNodes } from './shuffleNodes.js';

/** Kernels as text of operators, in order. */
function kernels(graph: OpGraph): string[] {
  const op = new Map(graph.nodes.map((n) => [n.id, n.op]));
  return fuse(graph).groups.map((g) => g.map((id) => op.get(id)).join('+'));
}

describe('fuse', () => {
  it('appends elementwise chains to the kernel they read', () => {
    const b = new GraphBuilder();
    const x = b.input([1, 3, 8, 8]);
    const y = b.add('relu', [b.add('batch_norm', [b.conv(x, 4, 3)])]);
    expect(kernels(b.build([b.conv(y, 4, 1)]))).toEqual(['conv2d+batch_norm+relu', 'conv2d']);
  });

  it('appends an addition to one of its operands', () => {
    const b = new GraphBuilder();
    const x = b.input([1, 4, 8, 8]);
    expect(kernels(b.build([b.add('relu', [b.add('add', [b.conv(x, 4, 3), b.conv(x, 4, 1)])])]))).toEqual([
      'conv2d+add+relu',
      'conv2d',
    ]);
  });

  it('keeps apart what has two readers, another shape, or leaves the graph', () => {
    const b = new GraphBuilder();
    const c = b.conv(b.input([1, 4, 8, 8]), 4, 3);
    const twoReaders = b.build([b.add('add', [b.add('relu', [c]), b.add('sigmoid', [c])])]);
    expect(kernels(twoReaders)).toEqual(['conv2d', 'relu+add', 'sigmoid']);

    const g = new GraphBuilder();
    const x = g.conv(g.input([1, 4, 8, 8]), 4, 3);
    const gate = g.add('global_avg_pool', [x]);
    expect(kernels(g.build([g.add('mul', [x, g.add('sigmoid', [gate])])]))).toEqual(['conv2d', 'global_avg_pool+sigmoid', 'mul']);

    const o = new GraphBuilder();
    const out = o.conv(o.input([1, 4, 8, 8]), 4, 3);
    expect(kernels(o.build([out, o.add('relu', [out])]))).toEqual(['conv2d', 'relu']);
  });

  it('lets norms over rows join elementwise chains, not matrix kernels', () => {
    const b = new GraphBuilder();
    const x = b.input([2, 16]);
    const h = b.add('linear', [x], { outFeatures: 16, bias: 1 });
    const sum = b.add('add', [h, x]);
    expect(kernels(b.build([b.add('layer_norm', [sum])]))).toEqual(['linear+add', 'layer_norm']);
    const c = new GraphBuilder();
    const y = c.input([2, 16]);
    expect(kernels(c.build([c.add('softmax', [c.add('mul', [y, y])])]))).toEqual(['mul+softmax']);
  });

  it('removes dead operators and hands on the live operand of an addition', () => {
    const b = new GraphBuilder();
    const x = b.input([1, 4, 8, 8]);
    const sum = b.add('add', [b.add('zero', [x]), b.add('batch_norm', [b.conv(x, 4, 3)])]);
    b.conv(x, 4, 3);
    const graph = b.build([b.add('relu', [sum])]);
    expect(kernels(graph)).toEqual(['conv2d+batch_norm+relu']);
    expect(fuse(graph).fate).toEqual(['free', 'dead', 'kernel', 'fused', 'dead', 'dead', 'fused']);
  });

  it('computes a common subexpression once, but not operators with weights of their own', () => {
    const b = new GraphBuilder();
    const x = b.input([1, 4, 8, 8]);
    const pool = () => b.add('max_pool2d', [x], { kernel: [3, 3], stride: [1, 1], padding: [1, 1] });
    const other = b.add('max_pool2d', [x], { kernel: [5, 5], stride: [1, 1], padding: [2, 2] });
    const sum = b.add('add', [b.add('add', [pool(), pool()]), other]);
    expect(kernels(b.build([sum]))).toEqual(['max_pool2d', 'max_pool2d', 'add+add']); // 5x5, then 3x3 once
    const c = new GraphBuilder();
    const y = c.input([1, 4, 8, 8]);
    const branch = () => c.conv(c.add('relu', [y]), 4, 1);
    const { launches, fate } = fuse(c.build([c.add('add', [branch(), branch()])]));
    expect(launches).toBe(3); // one relu, two convolutions of which one takes the addition
    expect(fate).toEqual(['free', 'kernel', 'kernel', 'merged', 'kernel', 'fused']);
  });

  it('tells the outputs of one operator apart, and appends nothing to it', () => {
    const b = new GraphBuilder();
    const s = b.add('split', [b.input([1, 4, 8, 8])], { parts: [2, 2] });
    const second = b.add('identity', [`${s}:1`]);
    const sum = b.add('add', [b.add('relu', [s]), b.add('relu', [`${s}:1`])]);
    expect(kernels(b.build([b.add('mul', [sum, b.add('relu', [second])])]))).toEqual(['split', 'relu+add+mul', 'relu']);
  });

  it('is empty for a network whose output is constant', () => {
    const none = '|none~0|+|none~0|none~1|+|none~0|none~1|none~2|';
    expect(fuse(workloadGraph(parseWorkload(none))).launches).toBe(0);
  });

  it('puts every live operator into one group, and does not depend on the order of the nodes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 15624 }), fc.integer(), (cell, seed) => {
        const graph = workloadGraph(parseWorkload(`nasbench201:#${cell}`));
        const plain = fuse(graph);
        const ids = plain.groups.flat();
        expect(new Set(ids).size).toBe(ids.length);
        expect(ids.length).toBe(plain.fate.filter((f) => f === 'kernel' || f === 'fused').length);
        const shuffled = fuse(shuffleNodes(graph, seed));
        const sizes = (groups: string[][]) => groups.map((g) => g.length).sort((a, b) => a - b);
        expect(sizes(shuffled.groups)).toEqual(sizes(plain.groups));
      }),
      { numRuns: 40 },
    );
  });

  it('takes well below a millisecond of processor time for a network of 250 operators', () => {
    const graphs = Array.from({ length: 50 }, (_, i) => workloadGraph(parseWorkload(`nasbench201:#${i * 311}`)));
    for (let round = 0; round < 20; round++) for (const g of graphs) fuse(g);
    const start = process.cpuUsage();
    for (const g of graphs) fuse(g);
    expect(process.cpuUsage(start).user / 1000 / graphs.length).toBeLessThan(1);
  });
});
