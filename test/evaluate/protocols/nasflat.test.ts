import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nasflatSplits } from '../../../src/evaluate/protocols/nasflat.js';
import { temporaryFolder } from '../../networks/smallModel.js';
import { hasShared, SHARED } from '../../shared.js';
import { NETWORKS, writePublicFolder } from '../publicFolder.js';

const { folder, remove } = temporaryFolder();
beforeAll(() => writePublicFolder(folder));
afterAll(remove);

describe('NASFLAT tasks', () => {
  it('train on all networks of some devices and test on all of others', async () => {
    const [c] = await nasflatSplits(folder);
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
    await expect(nasflatSplits(folder, ['T9'])).rejects.toMatchObject({
      code: 'not-found',
      message: "no NASFLAT task 'T9'",
      hint: 'one of T1',
    });
  });
});

describe.skipIf(!hasShared)('on the published tables (needs the shared data)', () => {
  const data = join(SHARED, 'data');

  it('NASFLAT has its twelve tasks', async () => {
    const cases = await nasflatSplits(data);
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
