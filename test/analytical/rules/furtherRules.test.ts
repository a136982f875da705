import { describe, expect, it } from 'vitest';
import { equivalentFlops } from '../../../src/analytical/rules/eflops.js';
import { launchedPass } from '../../../src/analytical/rules/launchBound.js';

describe('equivalentFlops', () => {
  const g = { params: 10, layers: [{ count: 1, macs: 4, values: 4 }], prompt: 3, made: 2, cacheBytes: 2 };

  it('by hand: one layer, one head of two, two tokens after three', () => {
    // 2 x 10 x 2; 3 + 5 tokens attended to (half of the first and the last count), 4 products and 4 values of two bytes each
    expect(equivalentFlops(g, 10)).toEqual({ total: 40 + 64 + 640, attention: 704 });
  });

  it('a window ends what is attended to', () => {
    const of = (window: number) =>
      equivalentFlops({ ...g, layers: [{ ...g.layers[0], window }] }, 10).attention / (2 * 4 + 4 * 2 * 10);
    expect(of(100)).toBe(8);
    expect(of(2)).toBe(2 * 2);
    // the first token attends to 3 + 1/2 others, the second to the window
    expect(of(4)).toBe(3.5 + 4);
  });
});

describe('launchedPass', () => {
  it('is flat while the host is slower', () => {
    expect(launchedPass({ kernels: 100, seconds: 1e-4, launch: 5e-6 })).toMatchObject({ isHostBound: true, time: 505e-6 });
    expect(launchedPass({ kernels: 100, seconds: 1e-3, launch: 5e-6 })).toMatchObject({ isHostBound: false, time: 1005e-6 });
  });
  it('a captured graph is launched once', () =>
    expect(launchedPass({ kernels: 100, seconds: 1e-4, launch: 5e-6, isCaptured: true }).time).toBeCloseTo(105e-6, 12));
});
