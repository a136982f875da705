import { beforeAll, describe, expect, it } from 'vitest';
import { readYosysFpga, type YosysFpgaRow } from '../../../src/fpga/data/yosysFpga.js';
import { FamilyModel } from '../../../src/fpga/families/familyModel.js';
import { designGroup, trainFamilyModel } from '../../../src/fpga/families/trainFamilyModel.js';

describe('the family model', () => {
  let rows: YosysFpgaRow[], own: YosysFpgaRow[], model: FamilyModel, query: YosysFpgaRow[], candidates: YosysFpgaRow[];
  beforeAll(() => {
    rows = readYosysFpga('datasets/yosys-fpga');
    own = rows.filter((r) => r.family === 'nexus');
    model = trainFamilyModel(
      rows.filter((r) => ['xc7', 'ecp5', 'gowin', 'cyclonev'].includes(r.family)),
      { trials: 1 },
    );
    const groups = [...new Set(own.map((r) => designGroup(r.design)))].sort();
    const asked = new Set(groups.filter((_, i) => i % 3 === 0));
    query = own.filter((r) => asked.has(designGroup(r.design)));
    candidates = own.filter((r) => !asked.has(designGroup(r.design)));
  });
  const smape = (target: 'lut' | 'ff', values: number[]) =>
    values.reduce((s, v, i) => s + (2 * Math.abs(v - query[i].counts[target])) / (v + query[i].counts[target]), 0) /
    values.length;

  it('predicts an unseen family from ten chosen designs, and better than from none', () => {
    const chosen = model.choose(candidates, 10);
    expect(new Set(chosen).size).toBe(10);
    const p = model.adapt(chosen.map((i) => candidates[i])).predict(query),
      none = model.adapt([]).predict(query);
    expect(none[0].provenance).toBe('prior');
    expect(p[0]).toMatchObject({ provenance: 'adapted', knowledge: 'seen' });
    expect(
      smape(
        'ff',
        p.map((x) => x.ff.value),
      ),
    ).toBeLessThan(0.1);
    expect(
      smape(
        'lut',
        p.map((x) => x.lut.value),
      ),
    ).toBeLessThan(0.25);
    expect(
      smape(
        'lut',
        p.map((x) => x.lut.value),
      ),
    ).toBeLessThan(
      smape(
        'lut',
        none.map((x) => x.lut.value),
      ),
    );
    const exact = (t: 'dsp' | 'bram') => p.filter((x, i) => x[t].value === query[i].counts[t]).length / p.length;
    expect(exact('dsp')).toBeGreaterThan(0.9);
    expect(exact('bram')).toBeGreaterThan(0.9);
    for (const x of p)
      for (const t of ['lut', 'ff', 'dsp', 'bram'] as const) {
        expect(x[t].low).toBeLessThanOrEqual(x[t].value);
        expect(x[t].high).toBeGreaterThanOrEqual(x[t].value);
      }
  });

  it('finds what training families pack into multipliers, and whether their LUTs hold the adders', () => {
    const logic = Object.fromEntries(model.references.families.map((f) => [f.name, f.logic]));
    expect(logic).toEqual({
      xc7: { packing: 'sums', addersInLuts: true },
      ecp5: { packing: 'none', addersInLuts: false },
      gowin: { packing: 'none', addersInLuts: false },
      cyclonev: { packing: 'none', addersInLuts: false },
    });
  });

  it('knows better what a family has that packs registers when its support says so', () => {
    // ice40 packs operands and products, and has its adders in LUTs: only xc7 among the training families is like it
    const ice40 = rows.filter((r) => r.family === 'ice40'),
      withDsp = ice40.filter((r) => r.counts.dsp > 0),
      asked = withDsp.filter((_, i) => i % 2 === 0);
    const error = (support: YosysFpgaRow[]) => {
      const p = model.adapt(support).predict(asked);
      return p.reduce((sum, x, i) => sum + Math.abs(Math.log(x.ff.value / asked[i].counts.ff)), 0) / p.length;
    };
    const told = withDsp.filter((_, i) => i % 10 === 1);
    expect(error(told)).toBeLessThan(0.5 * error(ice40.filter((r) => r.counts.dsp === 0).slice(0, told.length)));
  });

  it('predicts the same after it was written and read', () => {
    const again = FamilyModel.fromJSON(JSON.parse(JSON.stringify(model)));
    const support = candidates.slice(0, 6);
    expect(again.adapt(support).predict(query)).toEqual(model.adapt(support).predict(query));
    expect(again.choose(candidates, 5)).toEqual(model.choose(candidates, 5));
  });

  it('refuses counts that are none, and states that are none or newer', () => {
    const [first] = candidates;
    expect(() => model.adapt([{ ...first, counts: { ...first.counts, lut: -1 } }])).toThrow(
      expect.objectContaining({ code: 'bad-input' }),
    );
    expect(() => FamilyModel.fromJSON({})).toThrow(expect.objectContaining({ code: 'corrupt' }));
    expect(() => FamilyModel.fromJSON({ ...model.toJSON(), format: 99 })).toThrow(
      expect.objectContaining({ code: 'newer-format' }),
    );
  });
});
