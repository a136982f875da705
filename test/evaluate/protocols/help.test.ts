import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { helpSplits } from '../../../src/evaluate/protocols/help.js';
import { temporaryFolder } from '../../networks/smallModel.js';
import { hasShared, SHARED } from '../../shared.js';
import { NETWORKS, VALUE, writePublicFolder } from '../publicFolder.js';

const { folder, path, remove } = temporaryFolder();
beforeAll(() => writePublicFolder(folder));
afterAll(remove);
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

describe('HELP protocol', () => {
  it('trains on the training pool of the training devices, in seconds', async () => {
    const [c] = await helpSplits(folder, ['nasbench201']);
    expect(c).toMatchObject({
      protocol: 'help',
      space: 'nasbench201',
      task: 'HELP',
      networksPerTask: 40,
      references: [3, 50, 7],
    });
    expect(c.train.map((t) => [t.id, t.device, t.target])).toEqual([
      ['fast:latency', 'fast', 'latency'],
      ['slow:latency', 'slow', 'latency'],
    ]);
    for (const t of c.train) {
      expect([...t.rows]).toEqual(range(0, 40));
      t.values.forEach((v, i) => {
        expect(v).toBeCloseTo(1e-3 * VALUE[t.device as 'fast'](t.rows[i]), 12);
      });
    }
    expect(c.workloads).toHaveLength(NETWORKS);
  });

  it('takes the fastest and slowest tenth of the device out of both pools', async () => {
    const [c] = await helpSplits(folder, ['nasbench201']);
    expect(c.test.map((t) => t.device)).toEqual(['target']);
    const [t] = c.test;
    const trimmed = (from: number, to: number) => {
      const sorted = range(from, to).sort((a, b) => VALUE.target(a) - VALUE.target(b));
      return sorted.slice(sorted.length / 10, sorted.length - sorted.length / 10);
    };
    const at = (pool: Int32Array) => [...pool].map((i) => t.rows[i]).sort((a, b) => a - b);
    expect(at(t.supportPool)).toEqual(trimmed(0, 40).sort((a, b) => a - b));
    expect(at(t.queryPool)).toEqual(trimmed(40, 60).sort((a, b) => a - b));
    expect([t.supportPool.length, t.queryPool.length]).toEqual([32, 16]);
  });

  it('names the devices that the data does not have', async () => {
    expect((await helpSplits(folder, ['nasbench201']))[0].missing).toEqual(['gone', 'lost']);
  });

  it.each<[string, () => Promise<unknown>, Record<string, unknown>]>([
    [
      'a space without a split',
      () => helpSplits(folder, ['ofa']),
      { code: 'not-found', message: "HELP has no split of 'ofa'", hint: 'one of nasbench201' },
    ],
    [
      'no folder',
      () => helpSplits(path('nowhere'), ['nasbench201']),
      { code: 'not-found', message: expect.stringContaining('splits of the protocols') },
    ],
  ])('refuses %s', async (_, run, expected) => {
    await expect(run()).rejects.toMatchObject({ name: 'HwcastError', ...expected });
  });

  it('refuses splits that do not fit', async () => {
    const other = temporaryFolder();
    writePublicFolder(other.folder);
    writeFileSync(join(other.folder, 'nasbench201-latency/splits.json'), '{"help":{}}');
    await expect(helpSplits(other.folder, ['nasbench201'])).rejects.toMatchObject({
      code: 'bad-input',
      where: expect.stringContaining('splits.json'),
    });
    other.remove();
  });
});

describe.skipIf(!hasShared)('on the published tables (needs the shared data)', () => {
  const data = join(SHARED, 'data');

  it('HELP has its devices, pools and reference networks', async () => {
    const cases = await helpSplits(data, ['nasbench201', 'fbnet', 'ofa']);
    expect(
      cases.map((c) => [
        c.space,
        c.train.length,
        c.train[0].rows.length,
        c.test.map((t) => t.device),
        c.test[0].supportPool.length,
        c.test[0].queryPool.length,
        c.missing,
      ]),
    ).toEqual([
      ['nasbench201', 9, 900, ['titan_rtx_256', 'gold_6226', 'pixel2', 'eyeriss'], 720, 800, ['fpga', 'raspi4']],
      ['fbnet', 9, 4000, ['raspi4', 'eyeriss'], 3200, 800, ['fpga']],
      ['ofa', 9, 4000, ['titan_rtx_64'], 3200, 800, []],
    ]);
    expect(cases[0].references).toEqual([11982, 431, 55, 9, 14451, 8636, 9881, 13479, 6196, 1462]);
    expect(cases.every((c) => c.references.length === 10 && c.train.every((t) => t.rows.length === c.networksPerTask))).toBe(
      true,
    );
  });
});
