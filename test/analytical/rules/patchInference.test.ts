import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fuse } from '../../../src/analytical/fuse.js';
import { memoryParts } from '../../../src/analytical/peakMemory.js';
import { patchInference } from '../../../src/analytical/rules/patchInference.js';
import { GraphBuilder } from '../../../src/graph/graphBuilder.js';

/** 3 x 16 x 16 in int8 -> 4 x 16 x 16 -> depthwise 4 x 8 x 8 -> 2 x 8 x 8 */
function chain() {
  const g = new GraphBuilder('int8');
  const first = g.conv(g.input([1, 3, 16, 16]), 4, 3);
  return g.build([g.conv(g.conv(first, 4, 3, 2, 4), 2, 1)]);
}

describe('patchInference', () => {
  it('two by two parts, by hand', () => {
    const plan = patchInference(chain(), 2);
    // the last part of the third layer is 4 places, of the second 4, which read 9 of the first, which read 10 of the picture
    expect(plan).toMatchObject({ last: 'n3', whole: 3 * 256 + 4 * 256 });
    expect(plan.peak).toBe(3 * 100 + 4 * 81 + 2 * 64);
    // the first layer along an axis: places 0 to 8 and 7 to 16
    const products = [256 * 4 * 9 * 3, 64 * 4 * 9, 64 * 2 * 4];
    expect(plan.overhead).toBeCloseTo((products[0] * ((8 + 9) ** 2 / 256 - 1)) / (products[0] + products[1] + products[2]), 12);
  });

  it('depthwise convolutions write over what they read, but for a channel', () => {
    const g = new GraphBuilder('int8');
    const graph = g.build([g.conv(g.add('relu', [g.conv(g.input([1, 8, 16, 16]), 8, 3, 1, 8)]), 1, 1)]);
    const { whole } = patchInference(graph, 1);
    expect(whole).toBe(8 * 256 + 256);
  });

  it('one part repeats nothing; more parts take no more memory than the network in layers', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), (patches) => {
        const graph = chain(),
          { peak, whole, overhead } = patchInference(graph, patches);
        expect(whole).toBeLessThanOrEqual(memoryParts(graph, fuse(graph)).activations);
        expect(peak).toBeLessThanOrEqual(whole);
        if (patches === 1) expect(overhead).toBe(0);
        else expect(overhead).toBeGreaterThan(0);
      }),
    );
  });

  it('parts of a residual block read what both of its ways need', () => {
    const g = new GraphBuilder('int8');
    const x = g.conv(g.input([1, 3, 12, 12]), 4, 1);
    const graph = g.build([g.add('add', [g.conv(x, 4, 5), x])]);
    const plan = patchInference(graph, 3);
    expect(plan.last).toBe('n3');
    // along an axis: 4 + 2, 2 + 4 + 2 and 2 + 4 places of the first layer
    const products = [144 * 4 * 3, 144 * 4 * 4 * 25];
    expect(plan.overhead).toBeCloseTo((products[0] * (20 ** 2 / 144 - 1)) / (products[0] + products[1]), 12);
  });

  it('stops before what reads the whole picture, and says so where nothing is left', () => {
    const g = new GraphBuilder('int8');
    const pooled = g.add('global_avg_pool', [g.input([1, 3, 8, 8])]);
    const graph = g.build([g.add('linear', [g.add('reshape', [pooled], { shape: [1, 3] })], { outFeatures: 2, bias: 0 })]);
    // the picture alone may come in parts, which saves nothing that runs
    expect(() => patchInference(graph, 9)).toThrow(/9 x 9 parts/);
    expect(patchInference(chain(), 8).last).toBe('n3');
    expect(() => patchInference(chain(), 17)).toThrow(/17 x 17 parts/);
  });
});
