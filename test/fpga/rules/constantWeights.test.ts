import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../../src/core/random.js';
import { countConstants } from '../../../src/fpga/design/constantCounts.js';
import { constantWeights, effectiveWeightBits, weightBound, wiredConstants } from '../../../src/fpga/rules/constantWeights.js';
import { fpgaRows, hasFpga, largestError, meanError, pairs, unrolledRows, weightBits } from './fpgaRows.js';

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
          expect(w.shiftAdd + w.full).toBeLessThanOrEqual(w.distinct * (1 + 1e-6));
          expect(w.distinct).toBeLessThanOrEqual(w.nonZero * (1 + 1e-6));
          expect(w.full).toBeLessThanOrEqual(w.multiplied * (1 + 1e-6));
          expect(w.multiplied).toBeLessThanOrEqual(w.nonZero * (1 + 1e-6));
          const free = constantWeights(nIn, nOut, fraction);
          expect(free.nonZero).toBeLessThanOrEqual(n);
        },
      ),
    );
  });

  test('predict the DSPs of unrolled layers without a fitted constant', () => {
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

describe('wiredConstants', () => {
  const weights = { nIn: 16, nOut: 64, weightFraction: 7, zeroWeights: 128, ownWidths: false };
  test('are those of the distribution, unless each weight has a width of its own: then no multiplier, and a third take an addition', () => {
    expect(wiredConstants(weights)).toEqual(constantWeights(16, 64, 7, 128));
    expect(wiredConstants({ ...weights, ownWidths: true })).toEqual({
      nonZero: 896,
      shiftAdd: expect.closeTo(896 / 3, 9),
      full: 0,
      distinct: 896,
      multiplied: 0,
    });
    expect(wiredConstants({ ...weights, zeroWeights: undefined, ownWidths: true }).nonZero).toBe(1024);
  });
});

test('a weight of one bit is never zero', () => {
  const of = (weightBits: number) =>
    wiredConstants({ nIn: 16, nOut: 8, weightBits, weightFraction: 0, zeroWeights: undefined, ownWidths: false });
  expect(of(1)).toMatchObject({ nonZero: 128, full: 0 });
  expect(of(2).nonZero).toBeLessThan(128);
});

describe('counted constants', () => {
  test('take the place of expected ones', () => {
    const constants = { shiftAdd: 3, full: 2, distinct: 20, multiplied: 4 };
    expect(wiredConstants({ nIn: 4, nOut: 8, weightFraction: 7, zeroWeights: 5, ownWidths: true, constants })).toEqual({
      nonZero: 27,
      ...constants,
    });
  });

  test('of uniform weights are what is expected, on average', () => {
    for (const [nIn, nOut, fraction] of [
      [16, 64, 7],
      [64, 32, 10],
      [32, 5, 5],
    ]) {
      const { next } = createRandom(`${nIn}`),
        bound = weightBound(nIn, fraction);
      const w = Float64Array.from({ length: nIn * nOut }, () => Math.round((2 * next() - 1) * bound));
      const counted = countConstants(nIn, nOut, (i, o) => w[i * nOut + o])!,
        expected = constantWeights(nIn, nOut, fraction, w.filter((v) => v === 0).length);
      for (const kind of ['shiftAdd', 'full', 'distinct', 'multiplied'] as const)
        expect(Math.abs(counted[kind] - expected[kind]), `${nIn} ${kind}`).toBeLessThan(4 * Math.sqrt(expected[kind]) + 4);
    }
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
