import { describe, expect, it } from 'vitest';
import { contextSwitch, cxlTier, slicedUpload, streamedPass } from '../../../src/analytical/rules/offload.js';

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

describe('slicedUpload', () => {
  const network = { topology: 'switch', alpha: 0, bandwidth: 100e9, hop: 0, bulk: 0, inSwitch: 1 } as const;
  it('gathers parts over faster links, and does not over slower ones', () => {
    // a quarter over each port, three quarters from the others
    expect(slicedUpload(4, 40e9, tier, network)).toBeCloseTo(1 + 0.3, 12);
    expect(slicedUpload(4, 40e9, tier, { ...network, bandwidth: 1e9 })).toBe(4);
  });
});

describe('tiers and switches', () => {
  it('CXL memory is behind the port; a switch moves two caches', () => {
    expect(cxlTier(64e9, 32e9)).toEqual({ bandwidth: 32e9 });
    expect(contextSwitch(20e9, tier)).toBe(4);
    expect(contextSwitch(20e9, tier, true)).toBe(2);
  });
});
