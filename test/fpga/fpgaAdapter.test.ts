import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../../src/core/files.js';
import type { FamilyCounts } from '../../src/fpga/families/familyCounts.js';
import { type FpgaFamilies, saveFamilyModel } from '../../src/fpga/families/familyModelFolder.js';
import type { FamilySupportRow } from '../../src/fpga/families/familySupport.js';
import {
  type AdaptedFpgaFamily,
  type AdaptedFpgaStage,
  adaptFpgaFamily,
  adaptFpgaStage,
  loadFpgaAdapter,
} from '../../src/fpga/fpgaAdapter.js';
import { analyticalFpga } from '../../src/fpga/fpgaPredictor.js';
import { adaptStage, type StagePair } from '../../src/fpga/stages/stageModel.js';
import { denseDesign } from '../../src/fpga/synth/denseDesign.js';
import { smallFamilies, temporaryFolder } from './families/smallFamilies.js';

const path = temporaryFolder(),
  date = '2026-01-31';
let families: FpgaFamilies, support: FamilySupportRow[], query: FamilySupportRow['design'][];
const layer = (nIn: number) => denseDesign({ nIn, nOut: 8, weightBits: 8, dataBits: 8, reuseFactor: 4, strategy: 'resource' });
const pairs = [4, 8, 12, 16, 20, 24].map((nIn, i): StagePair => {
  const early = { lut: 4000 * (i + 2), ff: 1500 * (i + 1), dsp: 8 * nIn, bram18: i };
  return { design: layer(nIn), early, late: { ...early, lut: 0.4 * early.lut, ff: 900 * (i + 1) } };
});

beforeAll(async () => {
  const small = await smallFamilies(path('models/small'));
  families = small.families;
  const other = denseDesign({ nIn: 10, nOut: 6, weightBits: 7, dataBits: 6, reuseFactor: 10, strategy: 'resource' });
  support = [
    ...small.own.filter((_, i) => i % 10 === 0).map(({ id, design, seed, counts }) => ({ id, design, seed, counts })),
    { id: other.id, design: other, seed: 3, counts: { lut: 300, ff: 290, dsp: 6, bram: 0 } },
  ];
  query = small.own.slice(1, 9).map((r) => r.design);
  mkdirSync(path('adapters'));
  await adaptFpgaFamily({ name: 'mine', support, model: families, out: path('adapters/mine.json'), date });
  await adaptFpgaStage({ pairs, out: path('adapters/stage.json'), date });
});

const family = async (file: string, model?: string) => (await loadFpgaAdapter(file, { model })) as AdaptedFpgaFamily;
const stored = (file: string) => JSON.parse(readFileSync(path(file), 'utf8'));

describe('an adapter of a family', () => {
  it('predicts as the adapted model', async () => {
    const made = await adaptFpgaFamily({ name: 'mine', support, model: families });
    const loaded = await family(path('adapters/mine.json'));
    expect(loaded.kind).toBe('fpga-family');
    expect(loaded.metrics).toEqual(made.metrics);
    expect(made.metrics).toEqual({ measurements: support.length, leaveOneOut: made.adapter.leaveOneOut });
    expect(loaded.predictor.predict(query)).toEqual(made.predictor.predict(query));
    const counts = families.model.adapt(support as never).predict([{ id: query[0].id, design: query[0] }])[0];
    expect(loaded.predictor.predict([query[0]])[0].targets.lut!.value).toBe(Math.round(counts.lut.value));
    expect(loaded.predictor.predict([support.at(-1)!.design], { seed: 3 })[0].targets.lut).toMatchObject({
      value: 300,
      provenance: 'measured',
    });
  });

  it('keeps name, date, model and support, in kilobytes', () => {
    const file = stored('adapters/mine.json');
    expect(file).toMatchObject({
      formatVersion: 2,
      kind: 'fpga-family',
      name: 'mine',
      date,
      bram: 'bram',
      model: { path: '../models/small', sha256: sha256(readFileSync(path('models/small/config.json'))) },
    });
    expect(file.support.map((s: { counts: unknown }) => s.counts)).toEqual(
      support.map(({ counts }) => {
        const { lut, ff, dsp, bram, adders } = counts as FamilyCounts;
        return { lut, ff, dsp, bram, ...(adders === undefined ? {} : { adders }) };
      }),
    );
    expect(Object.keys(file.leaveOneOut)).toEqual(['lut', 'ff']);
    expect(readFileSync(path('adapters/mine.json')).length).toBeLessThan(50_000);
  });

  it('is the same again, byte for byte', async () => {
    await adaptFpgaFamily({ name: 'mine', support, model: families, out: path('adapters/again.json'), date });
    expect(readFileSync(path('adapters/again.json'))).toEqual(readFileSync(path('adapters/mine.json')));
  });

  it('is learned from a support file as from its rows', async () => {
    const file = path('support.jsonl'),
      filled = support.map(({ design, seed, counts }) => JSON.stringify({ design, seed, ...counts }));
    writeFileSync(file, `${filled.join('\n')}\n`);
    const { adapter } = await adaptFpgaFamily({ name: 'mine', support: file, model: families, date });
    const { adapter: fromRows } = await adaptFpgaFamily({ name: 'mine', support, model: families, date });
    expect(adapter).toEqual(fromRows);
    await expect(adaptFpgaFamily({ name: 'mine', support: path('gone.jsonl'), model: families })).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it('claims no error from fewer than five, and leaves out open rows', async () => {
    const open = { ...support[4], counts: null };
    const { adapter } = await adaptFpgaFamily({ name: 'few', support: [...support.slice(0, 4), open], model: families });
    expect([adapter.support.length, adapter.leaveOneOut]).toEqual([4, null]);
  });

  it('the claimed error is that of each design predicted from the rest', async () => {
    const { adapter } = await adaptFpgaFamily({ name: 'five', support: support.slice(0, 5), model: families });
    const errors = support.slice(0, 5).map((s) => {
      const rest = support.slice(0, 5).filter((r) => r !== s);
      return Math.abs(families.model.adapt(rest as never).predict([s])[0].lut.value / s.counts!.lut - 1);
    });
    expect(adapter.leaveOneOut!.lut).toBeCloseTo(errors.sort((a, b) => a - b)[2], 12);
  });

  it('moves with its model, and takes another folder of the same model', async () => {
    renameSync(path('models'), path('away'));
    try {
      await expect(family(path('adapters/mine.json'))).rejects.toMatchObject({ code: 'not-found' });
      expect((await family(path('adapters/mine.json'), path('away/small'))).predictor.name).toBe('mine');
    } finally {
      renameSync(path('away'), path('models'));
    }
  });

  it('is refused by another model', async () => {
    const info = { ...families.info, seed: 2 };
    saveFamilyModel(path('other'), { model: families.model, designs: families.designs.values(), info });
    await expect(family(path('adapters/mine.json'), path('other'))).rejects.toMatchObject({
      code: 'bad-input',
      where: path('adapters/mine.json'),
      message: expect.stringMatching(/is not the model that 'mine' was adapted from$/),
    });
  });

  it.each<[string, () => Partial<Parameters<typeof adaptFpgaFamily>[0]>, RegExp]>([
    ['no design', () => ({ support: [] }), /the support set is empty/],
    ['open rows only', () => ({ support: [{ ...support[0], counts: null }] }), /none of the 1 designs is filled in/],
    ['a design twice', () => ({ support: [support[0], support[1], support[0]] }), /stands twice in the support/],
    [
      'a negative count',
      () => ({ support: [{ ...support[0], counts: { lut: -1, ff: 1, dsp: 0, bram: 0 } }] }),
      /lut of design '.*' is -1/,
    ],
    ['no model', () => ({ model: path('nowhere') }), /no model of FPGA families/],
  ])('refuses %s and writes nothing', async (_, change, message) => {
    const out = path('refused.json');
    await expect(adaptFpgaFamily({ name: 'x', support, model: families, out, ...change() })).rejects.toThrow(message);
    expect(existsSync(out)).toBe(false);
  });
});

describe('an adapter of a stage', () => {
  const loaded = async () => (await loadFpgaAdapter(path('adapters/stage.json'))) as AdaptedFpgaStage;

  it('keeps its pairs, and belongs to no model', async () => {
    expect(stored('adapters/stage.json')).toMatchObject({
      kind: 'fpga-stage',
      name: 'csynth:vsynth',
      from: 'csynth',
      to: 'vsynth',
      date,
    });
    expect(stored('adapters/stage.json').support).toEqual(
      JSON.parse(JSON.stringify(pairs.map(({ early, late, design }) => ({ early, late, design })))),
    );
    expect((await loaded()).stage.predict(pairs)).toEqual(adaptStage(pairs).predict(pairs));
  });

  it('is learned from a support file as from its pairs', async () => {
    const file = path('pairs.jsonl'),
      lines = pairs.map(({ design, early, late }, i) =>
        JSON.stringify({ design, csynth: early, vsynth: { ...late, lut: 1600 * (i + 2) } }),
      );
    writeFileSync(file, `${lines.join('\n')}\n`);
    const { adapter, metrics } = await adaptFpgaStage({ pairs: file, date });
    const { adapter: fromPairs } = await adaptFpgaStage({
      pairs: pairs.map((p, i) => ({ ...p, late: { ...p.late, lut: 1600 * (i + 2) } })),
      date,
    });
    expect(adapter).toEqual(fromPairs);
    expect(metrics).toEqual({ measurements: 6, leaveOneOut: adapter.leaveOneOut });
  });

  it('the later stage follows the csynth estimate by the learned ratio; other stages stay', async () => {
    const asked = [layer(10), layer(18)],
      predictor = (await loaded()).over(analyticalFpga);
    const [csynth, vsynth] = (['csynth', 'vsynth'] as const).map((stage) => predictor.predict(asked, { stage }));
    expect(csynth).toEqual(analyticalFpga.predict(asked, { stage: 'csynth' }));
    expect(predictor.predict(asked, { stage: 'impl' })).toEqual(analyticalFpga.predict(asked, { stage: 'impl' }));
    vsynth.forEach((p, i) => {
      const { lut, ff, dsp, bram18 } = csynth[i].targets;
      const early = { lut: lut.value, ff: ff.value, dsp: dsp.value, bram18: bram18.value };
      const [ratio] = adaptStage(pairs).predict([{ design: asked[i], early }]);
      expect(p.targets.lut).toMatchObject({ value: Math.round(ratio.lut.value), provenance: 'adapted', low: null, high: null });
      expect(p.targets.cycles).toEqual(csynth[i].targets.cycles);
      expect(p.stage).toBe('vsynth');
      expect(p.warnings.at(-1)).toBe('vsynth is csynth times a ratio learned from 6 pairs');
    });
    expect(predictor.predict([asked[1]], { stage: 'vsynth' })).toEqual([vsynth[1]]);
  });

  it('has an interval as wide as the errors of csynth and ratio together', async () => {
    const sure = (half: number): typeof analyticalFpga => ({
      name: 'x',
      predict: (designs, options) =>
        analyticalFpga.predict(designs, options).map((p) => ({
          ...p,
          targets: {
            ...p.targets,
            lut: { value: 10000, low: 10000 * Math.exp(-half), high: 10000 * Math.exp(half), unit: '1', provenance: 'surrogate' },
          },
        })),
    });
    const adapted = await loaded();
    const width = (half: number) => {
      const { low, high } = adapted.over(sure(half)).predict([layer(10)], { stage: 'vsynth' })[0].targets.lut;
      return Math.log(high! / low!) / 2;
    };
    const ratio = width(0);
    expect(ratio).toBeGreaterThan(0);
    expect(width(0.5)).toBeCloseTo(Math.hypot(ratio, 0.5), 2);
  });

  it.each<[string, () => StagePair[], RegExp]>([
    ['no pair', () => [], /no design with counts of both stages/],
    ['a design twice', () => [...pairs, pairs[0]], /stands twice in the support/],
  ])('refuses %s and writes nothing', async (_, given, message) => {
    const out = path('refused.json');
    await expect(adaptFpgaStage({ pairs: given(), out })).rejects.toThrow(message);
    expect(existsSync(out)).toBe(false);
  });
});

describe('loadFpgaAdapter', () => {
  const changed = (name: string, change: (text: string) => string, of = 'mine') => {
    writeFileSync(path(`adapters/${name}.json`), change(readFileSync(path(`adapters/${of}.json`), 'utf8')));
    return path(`adapters/${name}.json`);
  };
  it.each<[string, () => string, Record<string, unknown>]>([
    ['no file', () => path('gone.json'), { code: 'not-found', message: expect.stringContaining('no such adapter') }],
    ['a cut file', () => changed('cut', (t) => t.slice(0, 900)), { code: 'corrupt', message: 'the adapter is no whole JSON' }],
    ['an empty file', () => changed('empty', () => ''), { code: 'corrupt' }],
    [
      'something else',
      () => changed('else', () => '{"device": "x"}'),
      { code: 'corrupt', message: expect.stringContaining('not an adapter of') },
    ],
    [
      'a flipped byte in a count',
      () => changed('count', (t) => t.replace(/"lut": (\d)/, (_, d) => `"lut": ${d === '1' ? 2 : 1}`)),
      { code: 'corrupt', message: 'the adapter is not what was written (sha256 differs)' },
    ],
    [
      'a flipped byte in a pair',
      () => changed('pair', (t) => t.replace('"lut": 8000', '"lut": 9000'), 'stage'),
      { code: 'corrupt', message: 'the adapter is not what was written (sha256 differs)' },
    ],
    [
      'a newer format',
      () => changed('newer', (t) => t.replace('"formatVersion": 2', '"formatVersion": 3')),
      { code: 'newer-format', message: 'adapter format 3 is newer than 2', hint: 'update hwcast' },
    ],
    [
      'an unknown field',
      () => changed('field', (t) => t.replace('{', '{"run": "x",')),
      { code: 'corrupt', message: expect.stringContaining('run') },
    ],
  ])('refuses %s', async (_, file, expected) => {
    const at = file();
    await expect(loadFpgaAdapter(at)).rejects.toMatchObject({ name: 'HwcastError', ...expected });
  });
});
