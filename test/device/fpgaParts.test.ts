import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { HwcastError } from '../../src/core/errors.js';
import { FPGA_PARTS, findFpgaPart, fpgaPartNamed } from '../../src/device/fpgaParts.js';
import { SHARED } from '../shared.js';

describe('fpgaPartNamed', () => {
  test.each([
    ['xc7z020clg400-1', 'xc7z020'],
    ['xc7z020-clg400-1', 'xc7z020'],
    ['XC7Z020-1CLG400C', 'xc7z020'],
    ['xcvu9p-flgb2104-2-i', 'xcvu9p'],
    ['xcvu9pflgb2104-2', 'xcvu9p'],
    ['xcu250-figd2104-2L-e', 'xcu250'],
    ['xcu250figd2104-2L', 'xcu250'],
    ['xc7z007s-clg225-2', 'xc7z007s'],
    ['xczu9eg-ffvb1156-2-e', 'xczu9eg'],
    ['xczu7ev-ffvc1156-2-e', 'xczu7ev'],
    ['xc7a35ticsg324-1L', 'xc7a35t'],
    ['xczu15eg-ffvb1156-1-i', 'xczu15eg'],
    ['LFE5U-25F-6BG256C', 'lfe5u-25f'],
    ['LFE5UM5G-85F-8BG381C', 'lfe5u-85f'],
    ['iCE40UP5K-SG48', 'ice40up5k'],
    ['GW1NR-LV9QN88PC6/I5', 'gw1n-9'],
    ['GW2AR-LV18QN88C8/I7', 'gw2a-18'],
    ['5CSEBA6U23I7', '5cseba6'],
    ['EP4CE22F17C6', 'ep4ce22'],
    ['AGFB014R24B2E2V', 'agf014'],
    ['MPF300TS-1FCG1152I', 'mpf300t'],
    ['xcau15p-ffvb676-2-e', 'xcau15p'],
    ['xcve2302-sfva784-1LP-e-S', 'xcve2302'],
    ['xcvp1502-vsva2785-2MP-e-S', 'xcvp1502'],
    ['xcvh1582-vsva3697-2MP-e-S-es1', 'xcvh1582'],
    ['vhk158', 'xcvh1582'],
    ['AGIB027R31B1E1VC', 'agi027'],
    ['AGMF039R47B1E1VC', 'agm039'],
    ['MPFS095T-1FCVG484E', 'mpfs095t'],
    ['pynq-z2', 'xc7z020'],
    ['PYNQ_Z2', 'xc7z020'],
    ['zcu102', 'xczu9eg'],
    ['alveo-u250', 'xcu250'],
    ['ecp5', 'lfe5u-85f'],
    ['xcup', 'xczu9eg'],
    ['zynq-ultrascale+', 'xczu9eg'],
  ])('%s is %s', (text, name) => expect(fpgaPartNamed(text).name).toBe(name));

  test('a name that is only like a part is none, and the error names close ones', () => {
    for (const text of ['xc7z021clg400-1', 'xc7z020foo', 'xczu12eg', 'xc7z', '', 'xcvu9', 'xc7z0201'])
      expect(findFpgaPart(text), text).toBeUndefined();
    const error = (() => {
      try {
        return fpgaPartNamed('xc7z021clg400-1');
      } catch (e) {
        return e as HwcastError;
      }
    })();
    expect(error).toBeInstanceOf(HwcastError);
    expect(error).toMatchObject({ code: 'not-found' });
    expect((error as HwcastError).hint).toContain('xc7z020');
  });

  test('names and aliases are unique and capacities whole', () => {
    const names = FPGA_PARTS.flatMap((p) => [p.name, ...p.aliases]);
    expect(new Set(names).size).toBe(names.length);
    for (const part of FPGA_PARTS) {
      for (const value of [part.lut, part.ff, part.dsp, part.bram18, part.uram])
        expect(Number.isInteger(value) && value >= 0, part.name).toBe(true);
      expect(findFpgaPart(part.name)).toBe(part);
      for (const alias of part.aliases) expect(findFpgaPart(alias), alias).toBe(part);
    }
  });

  test('block RAM of another size is counted by its bits', () => {
    expect(fpgaPartNamed('ice40hx8k')).toMatchObject({ bram18: 7, bramBlock: { bits: 4096, count: 32 }, dspGeneration: 'none' });
  });
});

const table = join(SHARED, 'data/fpga/device_capacity.csv');
test.skipIf(!existsSync(table))('agrees with the collected capacities, those from memory within 0.1 % (needs ../shared)', () => {
  const [, ...lines] = readFileSync(table, 'utf8').trim().split('\n');
  expect(lines.length).toBeGreaterThan(10);
  for (const line of lines) {
    const [board, name, lut, ff, dsp, bram18, uram, seen] = line.split(',');
    const part = fpgaPartNamed(name);
    if (board) expect(fpgaPartNamed(board), board).toBe(part);
    const off = (a: number, b: string): number => (b === '' ? 0 : Math.abs(a - Number(b)) / Math.max(1, Number(b)));
    const limit = seen === 'memory' ? 1e-3 : 0;
    for (const [ours, theirs] of [
      [part.lut, lut],
      [part.ff, ff],
      [part.dsp, dsp],
      [part.bram18, bram18],
      [part.uram, uram],
    ] as const)
      expect(off(ours, theirs), line).toBeLessThanOrEqual(limit);
  }
});
