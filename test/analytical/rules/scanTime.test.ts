import { describe, expect, it } from 'vitest';
import { scanTime } from '../../../src/analytical/rules/scanTime.js';

const rates = { peak: 1e12, bandwidth: 1e11 },
  e = { compute: 1, memory: 1, sharpness: 20, launch: 1e-6, waveCost: 2e-6 };

describe('scanTime', () => {
  it('hands the state from chunk to chunk, one after another', () => {
    const work = { flops: 1e7, bytes: 1e3 }; // 10 us of arithmetic
    expect(scanTime({ length: 1, chunk: 64 }, work, rates, e).time).toBeCloseTo(11e-6, 12);
    // 129 tokens are three chunks
    expect(scanTime({ length: 129, chunk: 64 }, work, rates, e).time).toBeCloseTo(17e-6, 12);
    expect(scanTime({ length: 64_000, chunk: 64 }, work, rates, e)).toMatchObject({ bound: 'launch' });
  });
});
