import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../../../src/dataset/dataset.js';
import { importPublic } from '../../../src/dataset/import/importPublic.js';
import { inspectDataset } from '../../../src/dataset/inspect.js';
import { mergeDatasets } from '../../../src/dataset/merge.js';
import { readDataset, writeDataset } from '../../../src/dataset/store.js';
import { hasShared, SHARED } from '../../shared.js';

const root = mkdtempSync(join(tmpdir(), 'hwcast-tables-'));
afterAll(() => rmSync(root, { recursive: true }));

describe.skipIf(!hasShared)('real tables (skipped without the shared data folder)', () => {
  const load = (name: string) => importPublic(join(SHARED, 'data', name));
  const count = (d: Dataset) => [d.workloads.length, d.tasks.length, d.tasks.reduce((n, t) => n + t.rows.length, 0)];

  it('NAS-Bench-201: 25 devices x 15,625, kept by the store, the standard order, HELP pools of 720 and 800', async () => {
    const dataset = await load('nasbench201-latency');
    expect(count(dataset)).toEqual([15625, 25, 390625]);
    const extra = await load('nasbench201-extra-devices');
    expect(count(extra)).toEqual([15625, 14, 14 * 1999 - 259]);
    expect(extra.workloads.every((w, i) => w.id === dataset.workloads[i].id)).toBe(true);
    const titan = dataset.tasks.find((t) => t.device === 'titan_rtx_256')!;
    expect(titan.values[0]).toBeCloseTo(10.65186e-3, 12);
    expect(dataset.card.devices.titan_rtx_256).toEqual({ hardware: 'Titan-RTX', conditions: { '': { batch: 256 } } });
    expect([dataset.splits['help/meta_train'].length, dataset.splits['nasflat/N1/test'].length]).toEqual([9, 5]);

    const pixel2 = inspectDataset(dataset, 'pixel2').tasks[0];
    expect([pixel2.distinct, pixel2.grain, pixel2.unit]).toEqual([42, 1, 'ms']); // integer milliseconds, as the source's README says
    const gap = inspectDataset(extra, 'hwnb_edgetpu').tasks[0];
    expect([gap.measured, gap.missing]).toEqual([1740, 15625 - 1740]);

    const merged = mergeDatasets([dataset, extra]);
    expect(count(merged)).toEqual([15625, 39, 390625 + 14 * 1999 - 259]);
    await writeDataset(join(root, 'nb201'), dataset);
    const started = process.cpuUsage(),
      read = await readDataset(join(root, 'nb201'));
    expect(process.cpuUsage(started).user / 1e6).toBeLessThan(5); // 0.3 s of processor time
    expect(read.tasks[7]).toEqual(dataset.tasks[7]);
  });

  it('FBNet: 26 devices x 5,000; OFA: 12 x 5,000', async () => {
    expect(count(await load('fbnet-latency'))).toEqual([5000, 26, 130000]);
    const ofa = await load('ofa-latency');
    expect(count(ofa)).toEqual([5000, 12, 60000]);
    expect(ofa.workloads[0].id.startsWith('ofa:204,22223,')).toBe(true);
    expect(ofa.splits['help/reference'].length).toBe(10);
  });

  it('takes a clone of the tables anywhere', async () => {
    const copy = join(root, 'copy');
    cpSync(join(SHARED, 'data/ofa-latency'), copy, { recursive: true });
    expect(existsSync(join(copy, 'latency.csv.gz'))).toBe(true);
    expect((await importPublic(copy)).splits).toEqual({});
  });
});
