import { describe, expect, it } from 'vitest';
import { contextSwitch, streamedPass } from '../../../src/analytical/rules/offload.js';

const tier = { bandwidth: 10e9 };

describe('streamedPass', () => {
  it('adds the transfer, or hides it but for the first block', () => {
    const plain = { blocks: 10, overlaps: false },
      ahead = { blocks: 10, overlaps: true };
    expect(streamedPass(2, 10e9, tier, plain)).toBe(3);
    // a tenth of a second for the first block, then arithmetic sets the pace
    expect(streamedPass(2, 10e9, tier, ahead)).toBeCloseTo(2.1, 12);
    // or the port: nine of ten blocks behind the first
    expect(streamedPass(0.5, 10e9, tier, ahead)).toBeCloseTo(1, 12);
    expect(streamedPass(2, 0, tier, ahead)).toBe(2);
  });
});

describe('contextSwitch', () => {
  it('moves two caches', () => {
    expect(contextSwitch(20e9, tier)).toBe(4);
  });
});
