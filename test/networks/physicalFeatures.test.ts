import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { graphCosts } from '../../src/graph/operatorCost.js';
import { OPERATOR_CLASSES } from '../../src/graph/operators/operator.js';
import type { OpGraph } from '../../src/graph/opGraph.js';
import { SPACES } from '../../src/graph/spaces/index.js';
import { nasbench201 } from '../../src/graph/spaces/nasbench201.js';
import { physicalFeatures } from '../../src/networks/physicalFeatures.js';
import { shuffleNodes } from '../analytical/shuffleNodes.js';
import { archOf } from '../graph/spaces/archOf.js';

function featuresOf(graph: OpGraph): Record<string, number> {
  const out: Record<string, number> = {};
  physicalFeatures(graph, (group, name, value) => {
    expect(out[`${group} ${name}`]).toBeUndefined();
    out[`${group} ${name}`] = value;
  });
  return out;
}

/** The same graph with other names. */
const renamed = (graph: OpGraph, prefix: string): OpGraph => {
  const name = new Map(graph.nodes.map((n, i) => [n.id, `${prefix}${graph.nodes.length - i}`]));
  return {
    nodes: graph.nodes.map((n) => ({ ...n, id: name.get(n.id)!, inputs: n.inputs.map((i) => name.get(i)!) })),
    outputs: graph.outputs.map((o) => name.get(o)!),
  };
};

describe('physicalFeatures', () => {
  it.each(Object.values(SPACES))('of $name do not depend on the order or the names of the nodes', (space) => {
    fc.assert(
      fc.property(archOf(space), fc.integer(), fc.stringMatching(/^[a-z]{1,3}$/), (arch, seed, prefix) => {
        const graph = space.toOpGraph(arch);
        expect(featuresOf(renamed(shuffleNodes(graph, seed), prefix))).toEqual(featuresOf(graph));
      }),
      { numRuns: space.name === 'nasbench201' ? 40 : 12 },
    );
  });

  it('are finite and not negative, and the same names for every graph', () => {
    const names = Object.keys(featuresOf(nasbench201.toOpGraph([0, 0, 0, 0, 0, 0])));
    for (const space of Object.values(SPACES))
      fc.assert(
        fc.property(archOf(space), (arch) => {
          const features = featuresOf(space.toOpGraph(arch));
          expect(Object.keys(features)).toEqual(names);
          expect(Object.values(features).every((v) => Number.isFinite(v) && v >= 0)).toBe(true);
        }),
        { numRuns: 10 },
      );
  });

  it('sum to the costs of the graph; compiled counts live operators alone', () => {
    const graph = nasbench201.toOpGraph(
      nasbench201.parse('|nor_conv_3x3~0|+|none~0|none~1|+|avg_pool_3x3~0|none~1|nor_conv_1x1~2|'),
    );
    const f = featuresOf(graph),
      { total } = graphCosts(graph);
    const sum = (what: string) => OPERATOR_CLASSES.reduce((s, k) => s + f[`physical eager.${what}.${k}`], 0);
    expect(f['physical eager.flops']).toBe(total.flops);
    expect(sum('flops')).toBe(total.flops);
    expect(f['physical eager.params']).toBe(total.params);
    expect(sum('bytes')).toBe(total.bytesIn + total.bytesOut + total.bytesWeights);
    expect(sum('count')).toBe(graph.nodes.length);
    // the 3x3 leads to node 1 and no further, the 1x1 starts from node 2 which nothing reaches: what lives is the pool of each cell
    expect(f['physical eager.count.conv']).toBe(15 + 1 + 4);
    expect(f['compiled compiled.count.conv']).toBe(1 + 4);
    expect(f['physical eager.count.pointwise']).toBe(15 + 2);
    expect(f['compiled compiled.count.pointwise']).toBe(2);
    expect(f['compiled compiled.count.pool']).toBe(15 + 2 + 1);
    expect(f['compiled compiled.count.zero']).toBe(0);
  });

  it('depth is that of the longest live path', () => {
    const depth = (code: string) => featuresOf(nasbench201.toOpGraph(nasbench201.parse(code)))['compiled depth.matrix'];
    // outside the cells: stem, two 3x3 in each of two blocks, classifier
    expect(depth('|none~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|')).toBe(1 + 4 + 1);
    // side by side is one deep, one after another three
    expect(depth('|nor_conv_3x3~0|+|nor_conv_3x3~0|none~1|+|none~0|skip_connect~1|skip_connect~2|')).toBe(6 + 15);
    expect(depth('|nor_conv_3x3~0|+|none~0|nor_conv_3x3~1|+|none~0|none~1|nor_conv_3x3~2|')).toBe(6 + 45);
  });

  it('counts siblings and duplicates that a runtime may merge', () => {
    const merged = (code: string) => {
      const f = featuresOf(nasbench201.toOpGraph(nasbench201.parse(code)));
      return [f['runtime merged.conv'], f['runtime merged.pool'], f['runtime merged.activation']];
    };
    const none = merged('|nor_conv_3x3~0|+|none~0|none~1|+|none~0|skip_connect~1|none~2|');
    // two 3x3 on the same input in 15 cells: one kernel may do both, and their ReLU is the same
    const both = merged('|nor_conv_3x3~0|+|nor_conv_3x3~0|none~1|+|none~0|skip_connect~1|skip_connect~2|');
    expect(both.map((v, i) => v - none[i])).toEqual([15, 0, 15]);
    const pools = merged('|avg_pool_3x3~0|+|avg_pool_3x3~0|none~1|+|none~0|skip_connect~1|skip_connect~2|');
    expect(pools[1]).toBe(15);
  });

  it('puts arithmetic at its resolution', () => {
    const f = featuresOf(nasbench201.toOpGraph([0, 0, 0, 3, 0, 0]));
    // 15 convolutions of 16, 32, 64 channels at 32, 16, 8 pixels: all of the same arithmetic, and the stem at the first
    const stage = 5 * 2 * 32 * 32 * 16 * 16 * 9;
    const stem = 2 * 32 * 32 * 16 * 27,
      block = 2 * 16 * 16 * 32 * (16 + 32) * 9;
    expect(f['resolution r0.flops.conv']).toBe(stage + stem);
    expect(f['resolution r1.flops.conv']).toBe(stage + block);
    expect(f['resolution r2.flops.conv']).toBe(stage + block);
    expect(f['resolution r3.flops.conv']).toBe(0);
  });

  it('know the kinds of convolution', () => {
    const f = featuresOf(SPACES.fbnet.toOpGraph(SPACES.fbnet.parse(`1${'8'.repeat(21)}`)));
    // layer 1: two grouped pointwise, one depthwise; stem; six skips that change shape and the head are pointwise
    expect(f['physical eager.count.grouped']).toBe(2);
    expect(f['physical eager.count.depthwise']).toBe(1);
    expect(f['physical eager.count.conv']).toBe(1);
    expect(f['physical eager.count.pointwise']).toBe(7);
    expect(f['physical eager.count.gemm']).toBe(1);
  });
});
