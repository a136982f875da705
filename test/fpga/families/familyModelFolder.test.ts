import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../../../src/core/files.js';
import { readYosysFpga, type YosysFpgaRow } from '../../../src/fpga/data/yosysFpga.js';
import {
  BUNDLED_FAMILY_MODEL,
  type FpgaFamilies,
  loadFamilyModel,
  readFamilyDesigns,
  saveFamilyModel,
} from '../../../src/fpga/families/familyModelFolder.js';
import { fitReferences } from '../../../src/fpga/families/fitReferences.js';
import { trainFamilyModel } from '../../../src/fpga/families/trainFamilyModel.js';
import { INFO, smallFamilies, TRAINED, temporaryFolder } from './smallFamilies.js';

const path = temporaryFolder();
let families: FpgaFamilies, own: YosysFpgaRow[];
beforeAll(async () => {
  ({ families, own } = await smallFamilies(path('model')));
});

describe('the folder of a family model', () => {
  it('predicts and chooses as the model that was written', () => {
    const rows = readYosysFpga('datasets/yosys-fpga').filter((r) => TRAINED.includes(r.family) && families.designs.has(r.id));
    const written = trainFamilyModel(rows, { trials: 1 });
    const support = own.slice(0, 6),
      query = own.slice(6, 20);
    expect(families.model.adapt(support).predict(query)).toEqual(written.adapt(support).predict(query));
    expect(families.model.choose(query, 5)).toEqual(written.choose(query, 5));
    expect(families.info).toEqual(INFO);
    expect([...families.designs.values()][0]).toEqual({ id: rows[0].id, design: rows[0].design, seed: rows[0].seed });
  });

  it('is the same again, byte for byte, and below 1 MB', () => {
    saveFamilyModel(path('again'), { model: families.model, designs: families.designs.values(), info: families.info });
    const files = readdirSync(path('model')).sort();
    expect(files).toEqual(['README.md', 'config.json', 'designs.jsonl', 'fits.json', 'state.json']);
    let size = 0;
    for (const file of files) {
      const bytes = readFileSync(path('model', file));
      expect(readFileSync(path('again', file))).toEqual(bytes);
      size += bytes.length;
    }
    expect(size).toBeLessThan(1e6);
    expect(families.sha256).toBe(sha256(readFileSync(path('model/config.json'))));
  });

  it('has a card that says families, data, licence and scores', () => {
    const card = readFileSync(path('model/README.md'), 'utf8');
    expect(card).toMatch(/^license: Apache-2\.0$/m);
    expect(card).toContain('(xc7, ecp5, gowin, cyclonev)');
    expect(card).toMatch(/^\| seen \| LUT \| 10 \| 12\.3 % \| 1 % \| +\|$/m);
  });

  const damaged = (name: string, file: string, change: (text: string) => string) => {
    const folder = path(name);
    cpSync(path('model'), folder, { recursive: true });
    writeFileSync(join(folder, file), change(readFileSync(join(folder, file), 'utf8')));
    return folder;
  };
  const flip = (text: string) => `${text.slice(0, 500)}${text[500] === '1' ? '2' : '1'}${text.slice(501)}`;
  it.each<[string, () => string, Record<string, unknown>]>([
    ['no folder', () => path('nowhere'), { code: 'not-found', message: expect.stringContaining('no model of FPGA families') }],
    [
      'designs with a flipped byte',
      () => damaged('flipped', 'designs.jsonl', flip),
      { code: 'corrupt', message: expect.stringContaining('designs.jsonl is not the file that was written') },
    ],
    [
      'a state with a flipped byte',
      () => damaged('state', 'state.json', flip),
      { code: 'corrupt', message: expect.stringContaining('state.json is not the file that was written') },
    ],
    [
      'a newer format',
      () => damaged('newer', 'config.json', (t) => t.replace('"formatVersion": 1', '"formatVersion": 7')),
      { code: 'newer-format', message: expect.stringContaining('model of FPGA families format 7 is newer than 1') },
    ],
    ['a cut config', () => damaged('cut', 'config.json', (t) => t.slice(0, 300)), { code: 'corrupt' }],
    [
      'the folder of another model',
      () => 'models/fpga',
      { code: 'corrupt', message: "holds a model of kind 'fpga-residual', not a model of FPGA families" },
    ],
  ])('refuses %s', async (_, folder, expected) => {
    const at = folder();
    await expect(loadFamilyModel(at)).rejects.toMatchObject({ name: 'HwcastError', ...expected });
  });

  it('is read once while it does not change, also from the designs alone', async () => {
    expect(await loadFamilyModel(path('model'))).toBe(families);
    expect([...readFamilyDesigns(path('model'))]).toEqual([...families.designs]);
    expect(() => readFamilyDesigns(damaged('designs', 'designs.jsonl', flip))).toThrow(
      expect.objectContaining({ code: 'corrupt' }),
    );
    saveFamilyModel(path('changed'), { model: families.model, designs: families.designs.values(), info: families.info });
    const before = await loadFamilyModel(path('changed'));
    saveFamilyModel(path('changed'), { model: families.model, designs: families.designs.values(), info: { ...INFO, seed: 2 } });
    expect(await loadFamilyModel(path('changed'))).not.toBe(before);
    expect((await loadFamilyModel(path('changed'))).info.seed).toBe(2);
  });
});

describe('fits beside a family model', () => {
  const changed = (name: string, change: (fits: Record<string, unknown>) => Record<string, unknown>) => {
    const folder = path(name);
    cpSync(path('model'), folder, { recursive: true });
    const { sha256: _, ...fits } = JSON.parse(readFileSync(join(folder, 'fits.json'), 'utf8'));
    const content = change(fits);
    writeFileSync(join(folder, 'fits.json'), JSON.stringify({ sha256: sha256(JSON.stringify(content)), ...content }));
    return folder;
  };

  it('only save time: a model without them, or with those of other quantities, predicts the same', async () => {
    cpSync(path('model'), path('without'), { recursive: true });
    rmSync(path('without/fits.json'));
    const other = changed('other-quantities', (fits) => ({ ...fits, features: ['x'] }));
    const support = own.slice(0, 6),
      query = own.slice(6, 20);
    for (const folder of [path('without'), other]) {
      const { model } = await loadFamilyModel(folder);
      expect(model.adapt(support).predict(query)).toEqual(families.model.adapt(support).predict(query));
      expect(model.without('xc7').adapt(support).predict(query)).toEqual(
        families.model.without('xc7').adapt(support).predict(query),
      );
      expect(model.fitted()).toEqual(families.model.fitted());
    }
    expect.assertions(6);
  });

  it.each<[string, () => string, RegExp]>([
    [
      'cut fits',
      () => {
        cpSync(path('model'), path('cut-fits'), { recursive: true });
        writeFileSync(path('cut-fits/fits.json'), readFileSync(path('model/fits.json')).subarray(0, 700));
        return path('cut-fits');
      },
      /fits\.json is no whole JSON object/,
    ],
    [
      'a changed number',
      () => {
        cpSync(path('model'), path('changed-fits'), { recursive: true });
        const text = readFileSync(path('model/fits.json'), 'utf8');
        writeFileSync(path('changed-fits/fits.json'), text.replace('"error":0', '"error":1'));
        return path('changed-fits');
      },
      /fits\.json is not the file that was written/,
    ],
    [
      'fits of other designs',
      () => changed('other-designs', (fits) => ({ ...fits, designs: '0'.repeat(64) })),
      /belongs to other designs or families/,
    ],
    [
      'fits that lack a family',
      () => changed('fewer', (fits) => ({ ...fits, without: {} })),
      /belongs to other designs or families/,
    ],
    ['fits of another form', () => changed('form', (fits) => ({ ...fits, model: {} })), /does not fit the format/],
  ])('refuse %s', async (_, folder, message) => {
    const at = folder();
    await expect(loadFamilyModel(at)).rejects.toMatchObject({ code: 'corrupt', message: expect.stringMatching(message) });
  });
});

describe('the bundled family model', () => {
  it('has the fits that its designs give', async () => {
    const { model } = await loadFamilyModel(),
      { model: fits } = model.fitted(),
      { designs, families: names } = model.toJSON();
    expect(fits).toEqual(fitReferences(names, designs).numbers);
    expect(readFileSync(join(BUNDLED_FAMILY_MODEL, 'fits.json')).length).toBeGreaterThan(0);
  });

  it('has all families of the dataset it names, and its designs with their counts', async () => {
    const { info, model, designs } = await loadFamilyModel();
    const rows = readYosysFpga('datasets/yosys-fpga');
    expect(info.source.sha256).toBe(
      sha256(Buffer.concat(['designs.jsonl.gz', 'results.csv.gz'].map((f) => readFileSync(join('datasets/yosys-fpga', f))))),
    );
    expect([...model.families].sort()).toEqual([...new Set(rows.map((r) => r.family))].sort());
    expect(info.families.reduce((s, f) => s + f.designs, 0)).toBe(rows.length);
    for (const r of rows) {
      const { lut, ff, dsp, bram } = r.counts;
      expect(model.knownDesign(r.id)!.counts[r.family]).toMatchObject({ lut, ff, dsp, bram });
      expect(designs.get(r.id)!.seed).toBe(r.seed);
    }
    expect(
      readdirSync(BUNDLED_FAMILY_MODEL).reduce((s, f) => s + readFileSync(join(BUNDLED_FAMILY_MODEL, f)).length, 0),
    ).toBeLessThan(1e6);
  });
});
