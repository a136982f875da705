import { describe, expect, it } from 'vitest';
import {
  ADAPTED_COUNT_SCORING,
  COUNT_SCORING,
  KERNEL_SCORING,
  NETWORK_SCORING,
  POWER_SCORING,
} from '../../src/evaluate/scoring.js';

const values = (...list: number[]) => list.map((value) => ({ value }));

describe('scorings', () => {
  it('counts after adaptation: SMAPE as a fraction of the draw, in percent in the row', () => {
    const scores = ADAPTED_COUNT_SCORING.score(
      [
        { value: 0, low: 0, high: 0 },
        { value: 110, low: 90, high: 120 },
        { value: 50, low: 40, high: 60 },
      ],
      [0, 100, 150],
    );
    expect(scores.smape).toBeCloseTo((0 + 20 / 210 + 1) / 3, 9);
    expect(scores.exact).toBeCloseTo(1 / 3, 9);
    expect(scores.within10).toBeCloseTo(2 / 3, 9);
    expect(scores.coverage90).toBeCloseTo(2 / 3, 9);
    expect(scores.rmse).toBeCloseTo(Math.sqrt((100 + 10000) / 3), 9);
    expect(ADAPTED_COUNT_SCORING.columns({ smape: 0.25, smapeSd: 0.01, exact: 1 })).toEqual({ smape: 25, smapeSd: 1, exact: 1 });
    expect(ADAPTED_COUNT_SCORING.score(values(3, 4), [5, 5]).r2).toBeNull();
  });

  it('counts of designs that nothing was measured of: percent at once', () => {
    const scores = COUNT_SCORING.score(values(150, 1), [100, 0]);
    expect(scores.smape).toBeCloseTo((200 * (50 / 250) + 200) / 2, 9);
    expect(scores).toMatchObject({ n: 2, coverage90: null });
    expect(scores).not.toHaveProperty('exact');
  });

  it('kernels: points that are all predicted alike have a rank correlation of 0', () => {
    expect(KERNEL_SCORING.score(values(2, 2), [1, 3]).spearman).toBe(0);
    expect(KERNEL_SCORING.score(values(1, 5), [1, 4])).toMatchObject({ spearman: 1, medianApe: 0.125, within10: 0.5 });
  });

  it('power: relative errors and how many', () => {
    expect(POWER_SCORING.score(values(1.5, 2), [1, 2])).toEqual({ n: 2, mape: 0.25, medianApe: 0.25, within10: 0.5 });
  });

  it('networks: an answer without interval covers nothing', () => {
    expect(NETWORK_SCORING.score([{ value: 1, low: 1, high: 1 }, { value: 2 }], [1, 2])).toMatchObject({
      mape: 0,
      coverage90: 0.5,
    });
  });
});
