import { beforeAll, describe, expect, it } from 'vitest';
import { fpgaPartNamed } from '../../../src/device/fpgaParts.js';
import type { YosysFpgaRow } from '../../../src/fpga/data/yosysFpga.js';
import { hlsNetwork } from '../../../src/fpga/design/designBuilder.js';
import type { FpgaFamilies } from '../../../src/fpga/families/familyModelFolder.js';
import {
  type FamilyPredictor,
  familyPredictor,
  measuredRows,
  trainedFamily,
} from '../../../src/fpga/families/familyPredictor.js';
import type { BramUnit } from '../../../src/fpga/families/familySupport.js';
import { sampleFpgaDesigns } from '../../../src/fpga/families/sampleFpgaDesigns.js';
import { fits } from '../../../src/fpga/fits.js';
import { denseDesign } from '../../../src/fpga/synth/denseDesign.js';
import { smallFamilies, temporaryFolder } from './smallFamilies.js';

const path = temporaryFolder();
let families: FpgaFamilies, own: YosysFpgaRow[], support: YosysFpgaRow[], predictor: FamilyPredictor;
const made = (bram: BramUnit = 'bram') =>
  familyPredictor({
    name: 'nexus',
    adapted: families.model.adapt(support),
    model: families.model,
    designs: families.designs,
    measured: support,
    bram,
    stage: 'impl',
    provenance: 'adapted',
  });
beforeAll(async () => {
  ({ families, own } = await smallFamilies(path('model')));
  support = own.filter((_, i) => i % 9 === 0);
  predictor = made();
});
const stranger = denseDesign({ nIn: 10, nOut: 6, weightBits: 7, dataBits: 6, reuseFactor: 10, strategy: 'resource' });

describe('familyPredictor', () => {
  it('gives measured designs as measured', () => {
    const [p] = predictor.predict([support[2].design]);
    for (const t of ['lut', 'ff', 'dsp'] as const) {
      const value = support[2].counts[t];
      expect(p.targets[t]).toEqual({ value, low: value, high: value, unit: '1', provenance: 'measured' });
    }
    expect(p.targets.bram!.value).toBe(support[2].counts.bram);
    expect(p.warnings).toEqual([]);
  });

  it('other weights of a measured design were not measured', () => {
    const [p] = predictor.predict([support[2].design], { seed: support[2].seed + 1 });
    expect(p).toMatchObject({
      id: support[2].design.id,
      stage: 'impl',
      knowledge: 'unseen',
      targets: { lut: { provenance: 'adapted' } },
    });
  });

  it('gives others whole counts inside their interval, the same alone and among others', () => {
    const asked = own.filter((r) => !support.includes(r)).slice(0, 20);
    const together = predictor.predict(asked.map((r) => r.design));
    expect(together.map((p) => p.knowledge)).toEqual(asked.map(() => 'seen'));
    together.forEach((p, i) => {
      expect(predictor.predict([asked[i].design])[0]).toEqual(p);
      for (const v of [p.targets.lut!, p.targets.ff!, p.targets.dsp!, p.targets.bram!]) {
        expect(v.provenance).toBe('adapted');
        expect(Number.isInteger(v.value)).toBe(true);
        expect(v.low).toBeLessThanOrEqual(v.value);
        expect(v.high).toBeGreaterThanOrEqual(v.value);
      }
    });
    const error = together.reduce((s, p, i) => s + Math.abs(p.targets.ff!.value / asked[i].counts.ff - 1), 0) / asked.length;
    expect(error).toBeLessThan(0.1);
  });

  it('warns of designs that no family synthesised, and of sizes beyond all of them', () => {
    expect(predictor.predict([stranger])[0]).toMatchObject({
      knowledge: 'unseen',
      warnings: [expect.stringContaining('no training family synthesised this design')],
    });
    const large = denseDesign({ nIn: 64, nOut: 64, weightBits: 12, dataBits: 12, reuseFactor: 4, strategy: 'resource' });
    expect(predictor.predict([large])[0].warnings.join('\n')).toMatch(/FF is more than any training design has \(\d+\)/);
  });

  it('says what was assumed of the design to write it', () => {
    const snapped = denseDesign({ nIn: 4, nOut: 6, weightBits: 4, dataBits: 4, reuseFactor: 10, strategy: 'resource' });
    expect(predictor.predict([snapped])[0].assumptions[0]).toBe('dense: reuse factor 10 snapped to 8');
  });

  it('tells the cycles that simulation found, and none of a chain with a convolution', () => {
    const found = predictor.predict(own.map((r) => r.design));
    found.forEach(({ targets }, i) => {
      const { id, lat, ii } = own[i];
      expect(targets.cycles === undefined).toBe(id.startsWith('cnn-'));
      if (!targets.cycles || lat === null || ii === null) return;
      expect(targets.cycles_min).toEqual({ value: lat, low: lat, high: lat, unit: 'cycles', provenance: 'analytical' });
      expect(targets.ii).toEqual({ value: ii, low: ii, high: ii, unit: 'cycles', provenance: 'analytical' });
    });
    expect(own.some((r) => r.id.startsWith('cnn-') && r.lat !== null)).toBe(true);
  });

  it('has bram18 only where blocks are of 18 Kb, and compares it with a part only then', () => {
    const part = fpgaPartNamed('xc7z020');
    const [other] = predictor.predict([stranger]),
      [blocks] = made('bram18').predict([stranger]);
    expect(other.targets.bram18).toBeUndefined();
    expect(fits(other, part)).toMatchObject({ verdict: 'unknown', reasons: [expect.stringContaining('was not compared')] });
    expect(blocks.targets.bram18).toEqual(other.targets.bram);
    expect(blocks.targets.bram).toBeUndefined();
    expect(fits(blocks, part)).toEqual({ verdict: 'fits', reasons: [] });
    expect(fits(blocks, undefined)).toEqual({ verdict: 'unknown', reasons: ['no part is named'] });
    const tiny = { ...part, lut: 10 };
    expect(fits(other, tiny).verdict).toBe('does-not-fit');
  });

  it('names the layer of what is not written as Verilog', () => {
    const pool = hlsNetwork({ id: 'pool', input: [8, 8, 2], bits: 8, reuseFactor: 1, strategy: 'resource' })
      .maxPool(2)
      .build();
    expect(() => predictor.predict([pool])).toThrow(expect.objectContaining({ code: 'unsupported' }));
  });
});

describe('trainedFamily', () => {
  it('gives the counts of its own rows', () => {
    const gowin = trainedFamily(families, 'gowin');
    const seen = families.model.toJSON().designs.find((d) => d.counts.gowin)!;
    expect(gowin.bram).toBe('bram18');
    expect(gowin.predict([families.designs.get(seen.id)!.design])[0].targets).toMatchObject({
      lut: { value: seen.counts.gowin.lut, provenance: 'measured' },
      bram18: { value: seen.counts.gowin.bram },
    });
  });
  it('gives others the part costs of the family, inside an interval', () => {
    const { model } = families;
    const [p] = trainedFamily(families, 'gowin').predict([stranger]);
    const cost = model.references.modelled(
      model.parts({ id: stranger.id, design: stranger, seed: 0 }),
      model.families.indexOf('gowin'),
      'lut',
    );
    expect(p).toMatchObject({ knowledge: 'unseen', targets: { lut: { value: Math.round(cost), provenance: 'surrogate' } } });
    expect(p.targets.lut!.low).toBeLessThan(cost);
    expect(p.targets.lut!.high).toBeGreaterThan(cost);
  });
  it('is made once a model and family', () => {
    expect(trainedFamily(families, 'gowin')).toBe(trainedFamily(families, 'gowin'));
    expect(trainedFamily(families, 'xc7')).not.toBe(trainedFamily(families, 'gowin'));
  });
  it('names the families of the model', () => {
    expect(() => trainedFamily(families, 'gowim')).toThrow(
      expect.objectContaining({ code: 'not-found', hint: expect.stringMatching(/^it has gowin, .*xc7/) }),
    );
  });
});

describe('measuredRows', () => {
  it('leaves out what is not filled in, and refuses nothing', () => {
    const open = { ...support[0], counts: null };
    expect(measuredRows([open, support[1]])).toEqual([support[1]]);
    expect(() => measuredRows([open])).toThrow(/none of the 1 designs is filled in/);
    expect(() => measuredRows([])).toThrow(/the support set is empty/);
  });
});

describe('sampleFpgaDesigns', () => {
  it('chooses among the designs of the model, or given ones', async () => {
    const chosen = await sampleFpgaDesigns({ k: 6, model: families });
    expect(new Set(chosen.map((d) => d.id)).size).toBe(6);
    expect(chosen.every((d) => families.designs.get(d.id) === d)).toBe(true);
    expect((await sampleFpgaDesigns({ k: 6, model: path('model') })).map((d) => d.id)).toEqual(chosen.map((d) => d.id));
    const [one] = await sampleFpgaDesigns({ k: 1, model: families, candidates: [stranger, stranger] });
    expect(one).toEqual({ id: stranger.id, design: stranger, seed: 0 });
  });

  it('leaves out candidates that are not written as Verilog, with the reason', async () => {
    const pool = hlsNetwork({ id: 'pool', input: [8, 8, 2], bits: 8, reuseFactor: 1, strategy: 'resource' })
        .maxPool(2)
        .build(),
      issues: string[] = [];
    const chosen = await sampleFpgaDesigns({
      k: 1,
      model: families,
      candidates: [pool, stranger],
      onIssue: (e) => issues.push(e.code),
    });
    expect([chosen[0].id, issues]).toEqual([stranger.id, ['unsupported']]);
    await expect(sampleFpgaDesigns({ k: 1, model: families, candidates: [pool] })).rejects.toMatchObject({ code: 'unsupported' });
  });

  it.each([
    [0, undefined, 'usage', /positive whole number, not 0/],
    [2.5, undefined, 'usage', /not 2\.5/],
    [2, [stranger], 'bad-input', /1 different designs to choose 2 from/],
  ] as const)('refuses k = %s', async (k, candidates, code, message) => {
    await expect(sampleFpgaDesigns({ k, model: families, candidates })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });
});
