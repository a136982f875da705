import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildEmbedded } from '../../../datasets/collect/build.js';
import { readDataset } from '../../../src/dataset/store.js';

describe('datasets/nb201-h100', () => {
  it('is what its raw passes give: rebuild it with `npx tsx datasets/collect/build.ts`', async () => {
    const { dataset, report } = await buildEmbedded();
    const committed = await readDataset(resolve(import.meta.dirname, '../../../datasets/nb201-h100'));
    expect(committed.card).toEqual(dataset.card);
    expect(committed.splits).toEqual(dataset.splits);
    expect(committed.workloads.map((w) => w.id)).toEqual(dataset.workloads.map((w) => w.id));
    expect(committed.tasks).toEqual(dataset.tasks);
    expect(report.rows.skipped).toBe(0);
  });

  it('holds fifteen configurations of two machines, each agreeing with itself, three with energy', async () => {
    const { card, tasks, splits } = await readDataset(resolve(import.meta.dirname, '../../../datasets/nb201-h100'));
    expect(tasks).toHaveLength(18);
    expect(tasks.filter((t) => t.target === 'energy').map((t) => t.device)).toEqual([
      'graph_bf16_b256_channels_last',
      'graph_fp32_b256',
      'graph_tf32_b256',
    ]);
    expect([...splits.gpu, ...splits.cpu].sort()).toEqual(Object.keys(card.devices).sort());
    expect(new Set(Object.values(card.devices).map((d) => d.hardware)).size).toBe(2);
    for (const { ofMean } of Object.values(card.noise)) expect(ofMean).toBeGreaterThanOrEqual(0.95);
    // the energy of one configuration was read in one pass only: no halves to compare
    expect(Object.keys(card.noise)).toHaveLength(17);
  });
});
