import { describe, expect, it } from 'vitest';
import { scores } from '../../src/evaluate/scores.js';
import type { IntervalEstimate } from '../../src/surrogate/predictor.js';

const predictions = (...rows: [value: number, low: number, high: number][]): IntervalEstimate[] =>
  rows.map(([value, low, high]) => ({ value, low, high, unit: 's', provenance: 'adapted' }));

describe('scores', () => {
  it('of literals', () => {
    const s = scores(predictions([1.04, 1, 1.1], [1.8, 1.7, 1.9], [3.3, 2, 4], [2, 1, 3.9]), [1, 2, 3, 4]);
    // errors .04, .1, .1, .5
    expect(s.mape).toBeCloseTo((0.04 + 0.1 + 0.1 + 0.5) / 4, 12);
    expect(s.medianApe).toBeCloseTo(0.1, 12);
    expect(s.within5).toBe(0.25);
    expect(s.coverage90).toBe(0.5);
    // ranks 0 1 3 2 against 0 1 2 3
    expect(s.spearman).toBeCloseTo(0.8, 12);
    expect(s.kendall).toBeCloseTo(4 / 6, 12);
  });

  it('within 5 and 10 percent on either side, and an interval with its ends', () => {
    const s = scores(
      predictions([104.9, 100, 110], [95.1, 90, 100], [110.1, 100.1, 120], [90.1, 80, 99.9]),
      [100, 100, 100, 100],
    );
    expect([s.within5, s.within10, s.coverage90]).toEqual([0.5, 0.75, 0.5]);
  });

  it('a perfect prediction', () => {
    expect(scores(predictions([1, 1, 1], [2, 2, 2], [5, 5, 5]), [1, 2, 5])).toEqual({
      spearman: expect.closeTo(1, 12),
      kendall: expect.closeTo(1, 12),
      mape: 0,
      medianApe: 0,
      within5: 1,
      within10: 1,
      coverage90: 1,
    });
  });

  it('a constant prediction has no rank correlation', () => {
    const s = scores(predictions([2, 1, 3], [2, 1, 3]), [1, 3]);
    expect(s.spearman).toBeNaN();
    expect(s.kendall).toBeNaN();
    expect(s.coverage90).toBe(1);
  });
});
