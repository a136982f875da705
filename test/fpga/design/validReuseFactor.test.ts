import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closestReuseFactor, pixelsAtOnce, validReuseFactors } from '../../../src/fpga/design/validReuseFactor.js';

/** hls4ml's conditions as it writes them, over every factor. */
function byDefinition(nIn: number, nOut: number): number[] {
  const valid: number[] = [];
  for (let rf = 1; rf <= nIn * nOut; rf++) {
    const limit = Math.ceil((nIn * nOut) / Math.min(nIn, rf));
    if ((limit % nOut === 0 || rf >= nIn) && (rf % nIn === 0 || rf < nIn) && (nIn * nOut) % rf === 0) valid.push(rf);
  }
  return valid;
}

describe('valid reuse factors', () => {
  it('lists those of a 4 x 6 matrix', () => expect(validReuseFactors(4, 6)).toEqual([1, 2, 4, 8, 12, 24]));

  it('agrees with the conditions of hls4ml over every factor', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), (nIn, nOut) => {
        expect(validReuseFactors(nIn, nOut)).toEqual(byDefinition(nIn, nOut));
      }),
    );
  });

  it('snaps to the nearest, the smaller of two', () => {
    expect(closestReuseFactor(4, 6, 3)).toBe(2); // between 2 and 4
    expect(closestReuseFactor(4, 6, 10)).toBe(8); // between 8 and 12
    expect(closestReuseFactor(4, 6, 11)).toBe(12);
    expect(closestReuseFactor(4, 6, 1000)).toBe(24);
    expect(closestReuseFactor(4, 6, 1)).toBe(1);
  });

  it('makes a divisor of the pixels at once, the smaller of two equally near ones', () => {
    // 12 pixels: 1, 2, 3, 4, 6, 12
    expect([1, 5, 8, 9, 99].map((wanted) => pixelsAtOnce(12, wanted))).toEqual([1, 4, 6, 6, 12]);
  });

  it('says what is wrong with a factor or a size', () => {
    expect(() => closestReuseFactor(4, 6, 0)).toThrow(/positive whole number, not 0/);
    expect(() => closestReuseFactor(4, 6, 2.5)).toThrow(/not 2.5/);
    expect(() => validReuseFactors(0, 6)).toThrow(/n_in .* not 0/);
    expect(() => validReuseFactors(4, -1)).toThrow(/n_out .* not -1/);
  });
});
