import { describe, expect, it } from 'vitest';
import { equivalentFlops } from '../../../src/analytical/rules/eflops.js';
import { launchedPass } from '../../../src/analytical/rules/launchBound.js';

describe('equivalentFlops', () => {
  it('by hand: one layer, one head of two, two tokens after three', () => {
    const g = { params: 10, layers: 1, heads: 1, kvHeads: 1, headDim: 2, prompt: 3, made: 2 };
    // 2 x 10 x 2 and 2 x (6 + 2) x 2 x 2 = 64, once for arithmetic and 10 times for memory
    expect(equivalentFlops(g, 10)).toEqual({ total: 40 + 64 + 640, attention: 704 });
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
