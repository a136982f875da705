import { describe, expect, it } from 'vitest';
import { type FamilySetting, familyGroup, familyTask } from '../../../src/evaluate/protocols/fpgaFamily.js';
import { runGroup } from '../../../src/evaluate/run.js';
import { readYosysFpga } from '../../../src/fpga/data/yosysFpga.js';

describe('one family left out', () => {
  const rows = readYosysFpga('datasets/yosys-fpga').filter((r) => ['xc7', 'xcup', 'ecp5', 'nexus'].includes(r.family));

  it('scores a left-out family in both settings, for every method on the same designs', async () => {
    const group = familyGroup(rows, { families: ['nexus'], sizes: [0, 5], draws: 1, unseenFolds: 2 });
    const out = await runGroup(group, { command: 'c', measuredAt: 't' });
    const rowsOf = (setting: FamilySetting, method: string, k: number) =>
      out.filter((r) => r.task === familyTask(setting) && r.method === method && r.k === k && r.target === 'ff');
    expect(rowsOf('seen', 'family model', 0)).toHaveLength(1);
    expect(rowsOf('seen', 'family model', 5).map((r) => r.selection)).toEqual(['random', 'chosen']);
    for (const method of ['nearest family', 'ridge', 'mean ratio']) expect(rowsOf('seen', method, 5)).toHaveLength(2);
    expect(rowsOf('seen', 'family model', 5)[1].smape).toBeLessThan(15);
    expect(rowsOf('seen', 'family model', 5)[1].coverage90).not.toBeNull();
    expect(rowsOf('unseen', 'family model', 5)).toHaveLength(2);
  });

  it('needs four families', () => {
    expect(() => familyGroup(rows.filter((r) => r.family !== 'xc7'))).toThrow(/3 families/);
    expect(() => familyGroup(rows, { unseenFolds: 1 })).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});
