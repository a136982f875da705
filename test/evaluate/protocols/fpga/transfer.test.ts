import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { familyTransfer } from '../../../../src/evaluate/protocols/fpga/familyTransfer.js';
import { stagePairs, stageTransfer } from '../../../../src/evaluate/protocols/fpga/stageTransfer.js';
import { readFpgaSources } from '../../../../src/fpga/data/fpgaSources.js';
import { readYosysFpga } from '../../../../src/fpga/data/yosysFpga.js';
import { SHARED } from '../../../shared.js';

describe('familyTransfer', () => {
  const rows = readYosysFpga('datasets/yosys-fpga').filter((r) => ['xc7', 'xcup', 'ecp5', 'nexus'].includes(r.family));

  it('scores a left-out family in both settings, for every method on the same designs', () => {
    const out = familyTransfer(rows, { families: ['nexus'], sizes: [0, 5], draws: 1, unseenFolds: 2 });
    const of = (setting: string, method: string, k: number) =>
      out.filter((r) => r.setting === setting && r.method === method && r.k === k && r.target === 'ff');
    expect(of('seen', 'family model', 0)).toHaveLength(1);
    expect(of('seen', 'family model', 5).map((r) => r.selection)).toEqual(['random', 'chosen']);
    for (const method of ['nearest family', 'ridge', 'mean ratio']) expect(of('seen', method, 5)).toHaveLength(2);
    expect(of('seen', 'family model', 5)[1].smape).toBeLessThan(0.15);
    expect(of('seen', 'family model', 5)[1].coverage90).not.toBeNull();
    expect(of('unseen', 'family model', 5)).toHaveLength(2);
  });

  it('needs four families', () => {
    expect(() => familyTransfer(rows.filter((r) => r.family !== 'xc7'))).toThrow(/3 families/);
    expect(() => familyTransfer(rows, { unseenFolds: 1 })).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});

const shared = join(SHARED, 'data/fpga');
describe.skipIf(!existsSync(shared))('stageTransfer on real projects (needs ../shared)', () => {
  it('10 pairs give LUT within 20 %, ahead of ridge on the same columns, the median ratio and csynth as it is; models left out too', () => {
    const rows = existsSync(shared) ? readFpgaSources(shared, { onIssue: () => {} }) : [];
    expect(stagePairs(rows).length).toBeGreaterThanOrEqual(14);
    const out = stageTransfer(rows, { sizes: [10], draws: 20 });
    for (const [setting, most] of [
      ['pair', 0.2],
      ['model', 0.3],
      ['source', 0.3],
    ] as const) {
      const lut = (method: string) =>
        out.findLast((r) => r.setting === setting && r.target === 'lut' && r.method === method)!.smape;
      expect(lut('stage model'), setting).toBeLessThan(most);
      expect(lut('stage model'), setting).toBeLessThan(lut('ridge'));
      expect(lut('stage model'), setting).toBeLessThan(lut('median ratio'));
      expect(lut('stage model'), setting).toBeLessThan(lut('csynth'));
    }
  });
});
