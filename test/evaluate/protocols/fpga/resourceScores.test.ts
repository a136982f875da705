import { describe, expect, it } from 'vitest';
import { resourceScores, TransferRows } from '../../../../src/evaluate/protocols/fpga/resourceScores.js';

describe('resourceScores', () => {
  it('scores counts, zeros included', () => {
    const s = resourceScores([
      { value: 0, truth: 0, low: 0, high: 0 },
      { value: 110, truth: 100, low: 90, high: 120 },
      { value: 50, truth: 150, low: 40, high: 60 },
    ]);
    expect(s.smape).toBeCloseTo((0 + 20 / 210 + 1) / 3, 9);
    expect(s.exact).toBeCloseTo(1 / 3, 9);
    expect(s.within10).toBeCloseTo(2 / 3, 9);
    expect(s.coverage90).toBeCloseTo(2 / 3, 9);
    expect(s.rmse).toBeCloseTo(Math.sqrt((100 + 10000) / 3), 9);
  });

  it('averages draws, then tasks', () => {
    const rows = new TransferRows();
    const key = { setting: 's', target: 'lut', method: 'm', k: 5, selection: 'random' as const };
    rows.add({ ...key, task: 'a' }, [{ value: 1, truth: 1 }]);
    rows.add({ ...key, task: 'a' }, [{ value: 3, truth: 1 }]);
    rows.add({ ...key, task: 'b' }, [{ value: 3, truth: 1 }]);
    const [a, b, all] = rows.rows();
    expect(a).toMatchObject({ task: 'a', draws: 2, smape: 0.5, smapeSd: 0.5, coverage90: null, r2: null });
    expect(b.smape).toBe(1);
    expect(all).toMatchObject({ task: 'all', draws: 3, smape: 0.75 });
  });
});
