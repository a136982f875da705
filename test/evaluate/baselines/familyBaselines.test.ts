import { beforeAll, describe, expect, it } from 'vitest';
import { type FamilyBaseline, familyBaselines } from '../../../src/evaluate/baselines/familyBaselines.js';
import { readYosysFpga, type YosysFpgaRow } from '../../../src/fpga/data/yosysFpga.js';
import { trainFamilyModel } from '../../../src/fpga/families/trainFamilyModel.js';

describe('baselines of FPGA families', () => {
  let baselines: FamilyBaseline[], own: YosysFpgaRow[];
  beforeAll(() => {
    const rows = readYosysFpga('datasets/yosys-fpga');
    const ids = new Set([...new Set(rows.map((r) => r.id))].filter((_, i) => i % 3 === 0));
    const known = rows.filter((r) => ids.has(r.id));
    own = known.filter((r) => r.family === 'nexus');
    baselines = familyBaselines(
      trainFamilyModel(
        known.filter((r) => ['xc7', 'ecp5', 'gowin', 'cyclonev'].includes(r.family)),
        { trials: 1 },
      ),
    );
  });

  it('have names, and one that needs no measured design', () => {
    expect(baselines.map((b) => [b.name, b.least])).toEqual([
      ['nearest family', 1],
      ['ridge', 1],
      ['mean ratio', 0],
    ]);
  });

  it.each([0, 1, 2])('number %i gives a count for every design', (number) => {
    const query = own.slice(5, 25),
      predicted = baselines[number].predict(own.slice(0, 5), query);
    expect(predicted).toHaveLength(query.length);
    expect(predicted.map((counts) => Object.keys(counts))).toEqual(query.map(() => ['lut', 'ff', 'dsp', 'bram']));
    expect(predicted.every((counts) => Object.values(counts).every((v) => v >= 0))).toBe(true);
  });

  it('the mean ratio without measured designs is the mean of the families', () => {
    const [counts] = baselines[2].predict([], own.slice(0, 1));
    expect(counts.lut).toBeGreaterThan(0.3 * own[0].counts.lut);
    expect(counts.lut).toBeLessThan(3 * own[0].counts.lut);
  });
});
