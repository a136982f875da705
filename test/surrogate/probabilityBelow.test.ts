import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { probabilityBelow } from '../../src/surrogate/probabilityBelow.js';

const interval = (value: number, low: number | null, high: number | null) => ({ value, low, high });
const positive = fc.double({ min: 1e-3, max: 1e3, noNaN: true });
/** Estimates with low <= value <= high. */
const estimates = fc.tuple(positive, positive, positive).map((three) => {
  const [low, value, high] = three.sort((a, b) => a - b);
  return interval(value, low, high);
});

describe('probabilityBelow', () => {
  it.each([
    ['symmetric values', interval(10, 8, 12)],
    ['symmetric logarithms', interval(10, 5, 20)],
    ['neither', interval(10, 9.5, 30)],
    ['low near nothing, as of a linear model that was cut', interval(10, 0.02, 25)],
    ['low of 0', interval(10, 0, 14)],
  ])('reproduces value and interval of %s', (_, estimate) => {
    const at = (limit: number) => probabilityBelow(estimate, limit);
    expect(at(estimate.value)).toBeCloseTo(0.5, 12);
    expect(at(estimate.high!)).toBeCloseTo(0.95, 12);
    if (estimate.low) expect(at(estimate.low)).toBeCloseTo(0.05, 12);
  });

  it('is normal where the interval is symmetric in the value, log-normal where it is in the logarithm', () => {
    expect(probabilityBelow(interval(10, 8, 12), 11)).toBeCloseTo(0.7945, 3); // Phi(1.645 / 2)
    expect(probabilityBelow(interval(10, 5, 20), 10 * Math.SQRT2)).toBeCloseTo(0.7945, 3);
  });

  it('is a step where the value is exact, met at the limit itself', () => {
    expect([9.999, 10, 10.001].map((limit) => probabilityBelow(interval(10, 10, 10), limit))).toEqual([0, 1, 1]);
    expect(probabilityBelow(interval(10, 10, 12), 9)).toBe(0);
    expect(probabilityBelow(interval(10, 10, 12), 11)).toBeCloseTo(0.7945, 3);
  });

  it('is null where nothing is known of the error', () => {
    expect(probabilityBelow(interval(10, null, null), 100)).toBeNull();
    expect(probabilityBelow(interval(10, 9, null), 100)).toBeNull();
  });

  it('grows with the limit, from 0 to 1', () => {
    fc.assert(
      fc.property(estimates, positive, positive, (estimate, a, b) => {
        const less = probabilityBelow(estimate, Math.min(a, b))!,
          more = probabilityBelow(estimate, Math.max(a, b))!;
        expect(less).toBeGreaterThanOrEqual(0);
        expect(more).toBeLessThanOrEqual(1);
        expect(more).toBeGreaterThanOrEqual(less - 1e-12);
      }),
    );
  });
});
