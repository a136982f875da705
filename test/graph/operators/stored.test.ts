import { describe, expect, it } from 'vitest';
import { fuse } from '../../../src/analytical/fuse.js';
import { peakMemory } from '../../../src/analytical/peakMemory.js';
import { GraphBuilder } from '../../../src/graph/graphBuilder.js';
import { liveNodes } from '../../../src/graph/liveNodes.js';
import { graphCosts } from '../../../src/graph/operatorCost.js';
import { costOf, refusal } from './costOf.js';

describe('tensors of the model', () => {
  const b = new GraphBuilder();
  const x = b.input([2, 10, 8]);
  const table = b.add('stored', [], { shape: [1, 10, 8], params: 80 });
  const graph = b.build([b.add('add', [x, table])]);

  it('count their learned values; what reads them counts the traffic', () => {
    const { each, total } = graphCosts(graph);
    expect(each[1]).toEqual({ macs: 0, flops: 0, params: 80, bytesIn: 0, bytesOut: 0, bytesWeights: 0, bytesResident: 320 });
    expect(each[2]).toMatchObject({ bytesIn: 640 + 320, bytesOut: 640 });
    expect(total.params).toBe(80);
  });

  it('are no constant to a compiler, no kernel, and weights in memory', () => {
    expect(liveNodes(graph)).toEqual([true, true, true]);
    expect(fuse(graph).groups).toEqual([['n2']]);
    expect([peakMemory(graph), peakMemory(graph, fuse(graph))]).toEqual([320 + 1280, 320 + 1280]);
  });

  it('a table that is not learned has bytes only; shared weights count once', () => {
    expect(costOf('stored', [], { shape: [4, 4] })).toMatchObject({ params: 0, bytesResident: 64 });
    expect(costOf('linear', [[1, 4]], { outFeatures: 3, params: 0 })).toMatchObject({
      params: 0,
      bytesResident: 0,
      bytesWeights: 48,
      macs: 12,
    });
    expect(costOf('layer_norm', [[1, 4]], { params: 4 }).params).toBe(4);
  });
});

describe('signals', () => {
  it('transforms, grids, folds and regions', () => {
    // 5 n log2 n = 5 x 8 x 3 for each of two complex rows of 8
    expect(costOf('fft', [[2, 8, 2]], { axis: 1, shape: [2, 8, 2] })).toMatchObject({ shape: [2, 8, 2], flops: 240 });
    expect(
      costOf('grid_sample', [
        [1, 3, 8, 8],
        [1, 4, 5, 2],
      ]),
    ).toMatchObject({ shape: [1, 3, 4, 5], flops: 11 * 60 });
    expect(costOf('fold', [[1, 12, 9]], { shape: [1, 3, 4, 4] })).toMatchObject({ flops: 108 });
    expect(
      costOf(
        'roi_align',
        [
          [1, 8, 9, 9],
          [5, 4],
        ],
        { shape: [5, 8, 2, 2] },
      ).flops,
    ).toBe(8 * 4 * 160);
    expect(refusal('grid_sample', [[1, 3, 8, 8], [4]])).toContain('needs [N, C, H, W] and a grid');
    expect(costOf('local_response_norm', [[1, 4, 2, 2]], { size: 5 }).flops).toBe(14 * 16);
  });
});
