import { describe, expect, it } from 'vitest';
import { equivalentFlops } from '../../../src/analytical/rules/eflops.js';
import { launchedPass } from '../../../src/analytical/rules/launchBound.js';
import { chainPeak, patchInference } from '../../../src/analytical/rules/patchInference.js';

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

describe('patchInference', () => {
  const layers = [
    { channels: 4, size: 16, kernel: 3, stride: 1, depthwise: false },
    { channels: 4, size: 8, kernel: 3, stride: 2, depthwise: true },
    { channels: 2, size: 8, kernel: 1, stride: 1 },
  ];
  it('peak of a chain: the largest input and output together', () => expect(chainPeak(3 * 256, layers)).toBe(768 + 1024));

  it('two by two patches of the first two layers: parts of four, which need nine and eleven places', () => {
    const cost = patchInference({ size: 16, channels: 3 }, layers, { depth: 2, patches: 2 });
    // layer 1: 4 x 9 x 9 out of 3 x 11 x 11; the kept output 4 x 8 x 8
    expect(cost.peak).toBe(4 * 81 + 3 * 121 + 256);
    const whole = 256 * 4 * 9 * 3 + 64 * 4 * 9 + 64 * 2 * 4;
    expect(cost.overhead).toBeCloseTo((4 * 81 * 4 * 27 - 256 * 4 * 27) / whole, 12);
  });

  it('one patch costs nothing more', () => {
    const one = patchInference({ size: 16, channels: 3 }, layers, { depth: 2, patches: 1 });
    expect(one.overhead).toBeCloseTo(0, 12);
  });
});
