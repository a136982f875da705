import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { constantWeights, effectiveWeightBits, signedDigits } from '../../../src/analytical/fpga/constantWeights.js';
import { fpgaRows, hasFpga, largestError, meanError, pairs, unrolledRows, weightBits } from './fpgaRows.js';

describe('signedDigits', () => {
  test('counts the fewest powers of two', () => {
    expect([0, 1, 2, 3, 5, 7, 11, 15, 23, 43].map(signedDigits)).toEqual([0, 1, 1, 2, 2, 2, 3, 2, 3, 4]);
    expect(signedDigits(-7)).toBe(2);
  });
});

describe('constantWeights', () => {
  test('are all zero or one step where the type has no room', () => {
    // +-sqrt(3/16) of 2 fraction bits is 1.73 steps: 0, 1 and 2, none of three digits
    const w = constantWeights(16, 8, 2);
    expect(w.full).toBe(0);
    expect(w.nonZero).toBeGreaterThan(64);
    expect(w.nonZero).toBeLessThan(128);
  });

  test('are no more than the weights, whatever is known of zeros', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 600 }),
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: -2, max: 24 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (nIn, nOut, fraction, share) => {
          const n = nIn * nOut,
            zeros = Math.floor(share * n);
          const w = constantWeights(nIn, nOut, fraction, zeros);
          expect(w.nonZero).toBe(n - zeros);
          expect(w.full).toBeGreaterThanOrEqual(0);
          expect(w.shiftAdd + w.full).toBeLessThanOrEqual(w.distinct * (1 + 1e-9));
          expect(w.distinct).toBeLessThanOrEqual(w.nonZero * (1 + 1e-9));
          expect(w.full).toBeLessThanOrEqual(w.multiplied * (1 + 1e-9));
          expect(w.multiplied).toBeLessThanOrEqual(w.nonZero * (1 + 1e-9));
          const free = constantWeights(nIn, nOut, fraction);
          expect(free.nonZero).toBeLessThanOrEqual(n);
        },
      ),
    );
  });

  test.skipIf(!hasFpga)('predict the DSPs of unrolled layers without a fitted constant (needs ../shared)', () => {
    const wide = pairs(
      unrolledRows().filter((r) => weightBits(r) >= 8),
      'dsp',
    );
    const narrow = pairs(
      unrolledRows().filter((r) => weightBits(r) <= 6),
      'dsp',
    );
    console.info(`DSPs of unrolled rows at 8 to 14 bits: mean error ${(100 * meanError(wide)).toFixed(1)} % of ${wide.length}`);
    expect(wide.length).toBeGreaterThan(25);
    expect(meanError(wide)).toBeLessThan(0.04);
    expect(largestError(wide)).toBeLessThan(0.25);
    expect(narrow.every(([a, b]) => a === 0 && b === 0)).toBe(true);
  });

  test.skipIf(!hasFpga)('come within a factor of three on trained networks of few inputs (needs ../shared)', () => {
    const rows = fpgaRows().filter((r) => {
      const [l] = r.design.layers;
      return (
        r.source === 'hls4ml_modules' &&
        l.kind === 'dense' &&
        /MLP_estimator/.test(r.modelId) &&
        /DSP_reuse1$/.test(r.variant ?? '')
      );
    });
    const few = pairs(
      rows.filter((r) => r.design.layers[0].inShape[0] <= 64),
      'dsp',
    ).filter(([a]) => a > 10);
    expect(few.length).toBeGreaterThan(8);
    for (const [a, b] of few) expect(Math.max(a / b, b / a)).toBeLessThan(3);
    expect(meanError(few)).toBeLessThan(0.35);
  });
});

describe('effectiveWeightBits', () => {
  test('drops the bits that repeat the sign', () => {
    // sqrt(3/32) = 0.306: one bit, sqrt(3/64) = 0.217: two, sqrt(3/224) = 0.116: three
    expect(effectiveWeightBits(32, 6, 5)).toBe(5);
    expect(effectiveWeightBits(64, 6, 5)).toBe(4);
    expect(effectiveWeightBits(224, 8, 7)).toBe(5);
    expect(effectiveWeightBits(256, 2, 1)).toBe(2);
  });
});
