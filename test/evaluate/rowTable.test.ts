import { describe, expect, it } from 'vitest';
import type { RowPlace, ScoreValues } from '../../src/evaluate/resultRow.js';
import { RowTable } from '../../src/evaluate/rowTable.js';
import { ADAPTED_COUNT_SCORING, NETWORK_SCORING } from '../../src/evaluate/scoring.js';

const stamp = { command: 'c', measuredAt: 't' };
const place: RowPlace = {
  protocol: 'fpga',
  space: 's',
  task: 'left out',
  device: 'a',
  target: 'lut',
  method: 'm',
  k: 5,
  selection: 'random',
};
/** Scores of one draw: SMAPE as a fraction. */
const drawn = (smape: number, more: ScoreValues = {}) => ({ scoring: ADAPTED_COUNT_SCORING, scores: { smape, ...more } });

describe('RowTable', () => {
  it('averages draws, then devices, and shows SMAPE in percent', () => {
    const table = new RowTable('mean');
    table.add(place, drawn(0, { r2: null, coverage90: 1 }));
    table.add(place, drawn(1, { r2: null, coverage90: null }));
    table.add({ ...place, device: 'b' }, drawn(1, { r2: 0.5 }));
    const [a, b, all, ...rest] = table.rows(stamp);
    expect(rest).toEqual([]);
    expect(a).toMatchObject({ device: 'a', draws: 2, smape: 50, smapeSd: 50, coverage90: 1, r2: null });
    expect(b).toMatchObject({ device: 'b', draws: 1, smape: 100, smapeSd: 0, r2: 0.5 });
    expect(all).toMatchObject({ device: 'all', draws: 3, smape: 75, smapeSd: 25, r2: 0.5 });
  });

  it('has no row over devices where there is one', () => {
    const table = new RowTable('mean');
    table.add(place, drawn(0.1));
    table.add({ ...place, target: 'ff' }, drawn(0.1));
    expect(table.rows(stamp).map((r) => r.device)).toEqual(['a', 'a']);
  });

  it('pools the draws of all devices into one row, named by how many they are', () => {
    const table = new RowTable({ pooled: (count) => `${count} kernels` });
    for (const [device, smape] of [
      ['a', 0.1],
      ['a', 0.3],
      ['b', 0.5],
      ['b', 0.7],
    ] as const)
      table.add({ ...place, device }, drawn(smape));
    const rows = table.rows(stamp);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ device: '2 kernels', draws: 2 });
    expect(rows[0].smape).toBeCloseTo(40, 9);
  });

  it('a score that one draw cannot know is unknown; columns of counts only in rows of counts', () => {
    const table = new RowTable();
    const latency = { ...place, protocol: 'help', target: 'latency' } as const;
    table.add(latency, { scoring: NETWORK_SCORING, scores: { spearman: 0.5, mape: 0.1 }, ceiling: 0.9 });
    table.add(latency, { scoring: NETWORK_SCORING, scores: { spearman: Number.NaN, mape: 0.3 }, ceiling: 0.9 });
    const [row] = table.rows(stamp);
    expect(row).toMatchObject({ spearman: null, spearmanSd: null, mape: 0.2, kendall: null, ceiling: 0.9, draws: 2, ...stamp });
    expect(row).not.toHaveProperty('smape');
    expect(Object.values(row)).not.toContain(undefined);
  });
});
