import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { helpCases, leaveOneOutCases, nasflatCases } from '../../../src/evaluate/protocols/protocols.js';
import { smallDataset } from '../../networks/smallDataset.js';
import { temporaryFolder } from '../../networks/smallModel.js';
import { hasShared, SHARED } from '../../shared.js';
import { NETWORKS, VALUE, writePublicFolder } from '../publicFolder.js';

const { folder, path, remove } = temporaryFolder();
beforeAll(() => writePublicFolder(folder));
afterAll(remove);
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

describe('HELP protocol', () => {
  it('trains on the training pool of the training devices, in seconds', async () => {
    const [c] = await helpCases(folder, ['nasbench201']);
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
    const [c] = await helpCases(folder, ['nasbench201']);
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
    expect((await helpCases(folder, ['nasbench201']))[0].missing).toEqual(['gone', 'lost']);
  });

  it.each<[string, () => Promise<unknown>, Record<string, unknown>]>([
    [
      'a space without a split',
      () => helpCases(folder, ['ofa']),
      { code: 'not-found', message: "HELP has no split of 'ofa'", hint: 'one of nasbench201' },
    ],
    [
      'no folder',
      () => helpCases(path('nowhere'), ['nasbench201']),
      { code: 'not-found', message: expect.stringContaining('splits of the protocols') },
    ],
  ])('refuses %s', async (_, run, expected) => {
    await expect(run()).rejects.toMatchObject({ name: 'HwcastError', ...expected });
  });

  it('refuses splits that do not fit', async () => {
    const other = temporaryFolder();
    writePublicFolder(other.folder);
    writeFileSync(join(other.folder, 'nasbench201-latency/splits.json'), '{"help":{}}');
    await expect(helpCases(other.folder, ['nasbench201'])).rejects.toMatchObject({
      code: 'bad-input',
      where: expect.stringContaining('splits.json'),
    });
    other.remove();
  });
});

describe('NASFLAT tasks', () => {
  it('train on all networks of some devices and test on all of others', async () => {
    const [c] = await nasflatCases(folder);
    expect(c).toMatchObject({
      protocol: 'nasflat',
      space: 'nasbench201',
      task: 'T1',
      networksPerTask: 900,
      missing: ['gone', 'lost'],
    });
    expect(c.train.map((t) => [t.device, t.rows.length])).toEqual([['fast', NETWORKS]]);
    expect(c.test.map((t) => [t.device, t.supportPool.length, t.queryPool.length])).toEqual([
      ['slow', NETWORKS, NETWORKS],
      ['target', NETWORKS, NETWORKS],
    ]);
  });

  it('refuses an unknown task', async () => {
    await expect(nasflatCases(folder, ['T9'])).rejects.toMatchObject({
      code: 'not-found',
      message: "no NASFLAT task 'T9'",
      hint: 'one of T1',
    });
  });
});

describe('leave one device out', () => {
  const data = smallDataset(12);

  it('never trains on the device, in any of its targets', () => {
    const cases = leaveOneOutCases(data);
    expect(cases.map((c) => c.task)).toEqual(['gpu_a', 'gpu_graph', 'cpu_a', 'phone'].map((d) => `without ${d}`));
    for (const c of cases) {
      const device = c.task.slice('without '.length);
      expect(c.train.some((t) => t.device === device)).toBe(false);
      expect(c.test.every((t) => t.device === device)).toBe(true);
      expect(c.train.length + c.test.length).toBe(data.tasks.length);
      for (const t of c.test) expect([t.supportPool.length, t.queryPool.length]).toEqual([12, 12]);
    }
    expect(cases[0].test.map((t) => t.target)).toEqual(['latency', 'energy']);
    expect(cases[0].train.map((t) => t.id)).toEqual(['gpu_graph:latency', 'cpu_a:latency', 'cpu_a:energy', 'phone:latency']);
  });

  it('the conditions of a device leave together', () => {
    const two = smallDataset(12, ['gpu_a', 'phone']);
    two.tasks.push({ ...two.tasks[0], condition: 'b8' });
    const [c] = leaveOneOutCases(two, ['gpu_a']);
    expect(c.test).toHaveLength(3);
    expect(c.train.map((t) => t.device)).toEqual(['phone']);
  });

  it('tests on what was measured in at least half as many passes as the best, and trains on all', () => {
    const counted = smallDataset(12, ['gpu_a', 'phone']);
    counted.tasks[0].repeats.set([8, 8, 3, 4, 1, 5, 8, 8, 8, 2, 8, 8]);
    const [c, other] = leaveOneOutCases(counted);
    const [latency, energy] = c.test;
    for (const pool of [latency.supportPool, latency.queryPool]) expect([...pool]).toEqual([0, 1, 3, 5, 6, 7, 8, 10, 11]);
    expect(latency.rows).toHaveLength(12);
    expect(energy.supportPool).toHaveLength(12);
    expect(other.train[0]).toMatchObject({ id: 'gpu_a:latency', rows: counted.tasks[0].rows });
  });

  it('takes the wanted devices, and names an unknown one', () => {
    expect(leaveOneOutCases(data, ['phone']).map((c) => c.task)).toEqual(['without phone']);
    expect(() => leaveOneOutCases(data, ['phone', 'phonee'])).toThrow(
      expect.objectContaining({
        code: 'not-found',
        message: "no device 'phonee' in the dataset",
        hint: 'it has gpu_a, gpu_graph, cpu_a, phone',
      }),
    );
  });
});

describe.skipIf(!hasShared)('on the published tables (needs the shared data)', () => {
  const data = join(SHARED, 'data');

  it('HELP has its devices, pools and reference networks', async () => {
    const cases = await helpCases(data, ['nasbench201', 'fbnet', 'ofa']);
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

  it('NASFLAT has its twelve tasks', async () => {
    const cases = await nasflatCases(data);
    expect(cases.map((c) => `${c.task} ${c.train.length} ${c.test.length} ${c.missing.length}`)).toEqual([
      'ND 9 4 2',
      'N1 4 5 1',
      'N2 5 4 1',
      'N3 4 5 1',
      'N4 8 3 2',
      'NA 17 3 0',
      'FD 9 2 1',
      'F1 5 4 1',
      'F2 5 5 0',
      'F3 5 5 0',
      'F4 10 3 0',
      'FA 15 4 0',
    ]);
    for (const c of cases) {
      const trained = new Set(c.train.map((t) => t.device));
      expect(c.test.some((t) => trained.has(t.device))).toBe(false);
      for (const t of c.test) expect([t.supportPool.length, t.queryPool.length]).toEqual([t.rows.length, t.rows.length]);
    }
    const networks = cases.flatMap((c) => c.test.map((t) => `${c.space} ${t.rows.length}`));
    // the whole space, but 1,999 networks of the sources that measured no more
    expect([...new Set(networks)].sort()).toEqual(['fbnet 5000', 'nasbench201 15625', 'nasbench201 1999']);
  });
});
