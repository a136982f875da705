import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  kendall,
  mean,
  median,
  normalCdf,
  pearson,
  quantile,
  ranks,
  spearman,
  standardDeviation,
  weightedQuantile,
} from '../../src/core/statistics.js';

const few = fc.integer({ min: 0, max: 6 });
const pairs = fc.array(fc.tuple(few, few), { minLength: 2, maxLength: 40 });

/** tau-b from all pairs. */
function naiveKendall(a: number[], b: number[]): number {
  let agree = 0,
    untiedA = 0,
    untiedB = 0;
  for (let i = 0; i < a.length; i++)
    for (let j = 0; j < i; j++) {
      const s = Math.sign(a[i] - a[j]),
        t = Math.sign(b[i] - b[j]);
      agree += s * t;
      untiedA += s * s;
      untiedB += t * t;
    }
  return untiedA && untiedB ? agree / Math.sqrt(untiedA * untiedB) : Number.NaN;
}

describe('median and quantile', () => {
  it.each([
    [[3], 3],
    [[4, 1], 2.5],
    [[9, 1, 5], 5],
    [[2, 2, 10, 0], 2],
  ])('median of %j', (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  it('interpolates between order statistics and leaves the list alone', () => {
    const values = [40, 10, 20, 30];
    expect(quantile(values, 0)).toBe(10);
    expect(quantile(values, 1)).toBe(40);
    expect(quantile(values, 0.5)).toBe(25);
    expect(quantile(values, 0.1)).toBeCloseTo(13, 12);
    expect(values).toEqual([40, 10, 20, 30]);
  });

  it('is NaN for an empty list', () => {
    expect(median([])).toBeNaN();
    expect(mean([])).toBeNaN();
  });
});

describe('mean and standard deviation', () => {
  it('divides by n', () => {
    expect(mean([1, 2, 6])).toBe(3);
    expect(standardDeviation([1, 3])).toBe(1);
    expect(standardDeviation(Float64Array.of(5))).toBe(0);
  });
});

describe('ranks', () => {
  it('ties share their mean rank', () => {
    expect([...ranks([10, 30, 20, 30, 10])]).toEqual([0.5, 3.5, 2, 3.5, 0.5]);
    expect([...ranks([7, 7, 7])]).toEqual([1, 1, 1]);
  });
});

describe('correlations', () => {
  it('pearson of literals', () => {
    expect(pearson([1, 2, 3], [2, 4, 6])).toBeCloseTo(1, 12);
    expect(pearson([1, 2, 3], [1, 3, 2])).toBeCloseTo(0.5, 12);
    expect(pearson([0, 1, 2, 3], [1, -1, -1, 1])).toBeCloseTo(0, 12);
  });

  it('spearman sees the order alone', () => {
    expect(spearman([1, 2, 3, 4], [1, 100, 101, 1e9])).toBeCloseTo(1, 12);
    expect(spearman([1, 2, 3, 4], [4, 3, 2, 1])).toBeCloseTo(-1, 12);
    // 1 - 6 sum d^2 / (n (n^2 - 1)) without ties: d = 1, 1, 0, 1, 1
    expect(spearman([1, 2, 3, 4, 5], [2, 1, 3, 5, 4])).toBeCloseTo(0.8, 12);
    // ties: ranks 0.5 0.5 2 3 against 0 1 2.5 2.5
    expect(spearman([1, 1, 2, 3], [1, 2, 5, 5])).toBeCloseTo(pearson([0.5, 0.5, 2, 3], [0, 1, 2.5, 2.5]), 12);
  });

  it('kendall of literals, with ties', () => {
    expect(kendall([1, 2, 3, 4], [1, 2, 4, 3])).toBeCloseTo(4 / 6, 12);
    expect(kendall([1, 1, 2], [1, 2, 3])).toBeCloseTo(2 / Math.sqrt(2 * 3), 12);
  });

  it('kendall is tau-b of all pairs', () => {
    fc.assert(
      fc.property(pairs, (list) => {
        const a = list.map(([v]) => v),
          b = list.map(([, v]) => v),
          expected = naiveKendall(a, b);
        if (Number.isNaN(expected)) expect(kendall(a, b)).toBeNaN();
        else expect(kendall(a, b)).toBeCloseTo(expected, 10);
      }),
    );
  });

  it('are symmetric, and the order of the pairs does not matter', () => {
    fc.assert(
      fc.property(pairs, (list) => {
        const a = list.map(([v]) => v),
          b = list.map(([, v]) => v);
        for (const correlation of [pearson, spearman, kendall]) {
          const r = correlation(a, b);
          if (Number.isNaN(r)) continue;
          expect(correlation(b, a)).toBeCloseTo(r, 10);
          expect(correlation([...a].reverse(), [...b].reverse())).toBeCloseTo(r, 10);
          expect(Math.abs(r)).toBeLessThanOrEqual(1 + 1e-12);
        }
      }),
    );
  });

  it.each([
    ['pearson', pearson],
    ['spearman', spearman],
    ['kendall', kendall],
  ])('%s is NaN where one side is constant, never zero', (_, correlation) => {
    expect(correlation([1, 1, 1], [1, 2, 3])).toBeNaN();
    expect(correlation([1, 2, 3], [5, 5, 5])).toBeNaN();
  });
});

describe('weightedQuantile', () => {
  it('is that of the repeated values', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(few, fc.integer({ min: 1, max: 5 })), { minLength: 1 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (list, share) => {
          const total = list.reduce((sum, [, times]) => sum + times, 0),
            repeated = list.flatMap(([v, times]) => new Array<number>(times).fill(v)).sort((a, b) => a - b);
          const found = weightedQuantile(
            list.map(([v]) => v),
            list.map(([, times]) => times / total),
            share,
          );
          expect(found).toBe(repeated[Math.max(0, Math.ceil(share * total - 1e-6) - 1)]);
        },
      ),
    );
  });

  it('is the largest where the share is more than all, NaN of nothing', () => {
    expect(weightedQuantile([3, 1, 2], [1 / 3, 1 / 3, 1 / 3], 1.2)).toBe(3);
    expect(weightedQuantile([], [], 0.9)).toBeNaN();
  });
});

describe('normalCdf', () => {
  it.each([
    [0, 0.5],
    [1.6448536269514722, 0.95],
    [-1.2815515655446004, 0.1],
    [3, 0.9986501019683699],
    [-5, 2.866515718791939e-7],
  ])('at %d it is %d', (z, p) => expect(normalCdf(z)).toBeCloseTo(p, 14));

  it('stays between 0 and 1 and grows, without end on either side', () => {
    expect([Number.NEGATIVE_INFINITY, -40, 40, Number.POSITIVE_INFINITY].map(normalCdf)).toEqual([0, 0, 1, 1]);
    expect(normalCdf(Number.NaN)).toBeNaN();
    fc.assert(
      fc.property(fc.double({ min: -10, max: 10, noNaN: true }), fc.double({ min: 1e-6, max: 3, noNaN: true }), (z, step) => {
        expect(normalCdf(z + step)).toBeGreaterThanOrEqual(normalCdf(z) - 1e-15);
        expect(normalCdf(z) + normalCdf(-z)).toBeCloseTo(1, 14);
      }),
    );
  });
});
