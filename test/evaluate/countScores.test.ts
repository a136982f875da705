import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  countScores,
  coverage,
  exact,
  r2,
  rmse,
  smape,
  smapePlusOne,
  smapeRounded,
  within10,
} from '../../src/evaluate/countScores.js';

describe('scores of counts', () => {
  it('gives the values of the formulas', () => {
    // |100-150|/250, |0-1|/1, |50-50|
    expect(smape([100, 0, 50], [150, 1, 50])).toBeCloseTo((200 * (50 / 250 + 1)) / 3, 10);
    expect(smapePlusOne([100, 0], [150, 1])).toBeCloseTo((200 * (50 / 251 + 1 / 2)) / 2, 10);
    expect(rmse([1, 2], [4, 6])).toBeCloseTo(Math.sqrt((9 + 16) / 2), 10);
    expect(r2([1, 2, 3], [1, 2, 5])).toBeCloseTo(1 - 4 / 2, 10);
    expect(within10([100, 100, 0, 0], [110, 111, 0, 1])).toBe(0.5);
  });

  it('counts 0 of 0 as right, and 0.1 of 0 as wrong unless rounded', () => {
    expect(smape([0], [0])).toBe(0);
    expect(smape([0], [0.1])).toBe(200);
    expect(smapeRounded([0], [0.1])).toBe(0);
    expect(smapeRounded([0], [0.3], 0.5)).toBe(200);
    expect(smapePlusOne([0], [0.1])).toBeCloseTo((200 * 0.1) / 1.1, 10);
  });

  it('is exact after rounding, and covered between the ends of the interval, if all have one', () => {
    expect(exact([0, 100, 150], [0.4, 100.6, 150])).toBeCloseTo(2 / 3, 12);
    const answers = [
      { low: 0, high: 0 },
      { low: 90, high: 120 },
      { low: 40, high: 60 },
    ];
    expect(coverage(answers, [0, 100, 150])).toBeCloseTo(2 / 3, 12);
    expect(coverage([...answers, { low: null, high: 3 }], [0, 100, 150, 2])).toBeNull();
    expect(coverage([{}], [1])).toBeNull();
  });

  it('has no R2 where nothing varies', () => {
    expect(r2([3, 3], [3, 3])).toBeNaN();
    expect(countScores([3, 3], [3, 4]).n).toBe(2);
  });

  it('is 0 to 200, symmetric, and smaller with one added', () => {
    const counts = fc.array(fc.tuple(fc.nat(1e6), fc.nat(1e6)), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(counts, (pairs) => {
        const y = pairs.map(([a]) => a),
          p = pairs.map(([, b]) => b);
        const s = smape(y, p);
        expect(s).toBeGreaterThanOrEqual(0);
        expect(s).toBeLessThanOrEqual(200);
        expect(smape(p, y)).toBeCloseTo(s, 9);
        expect(smapePlusOne(y, p)).toBeLessThanOrEqual(s + 1e-9);
      }),
    );
  });
});
