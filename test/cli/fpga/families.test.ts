import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { registerFpga } from '../../../src/cli/fpga/fpga.js';
import type { YosysFpgaRow } from '../../../src/fpga/data/yosysFpga.js';
import { BUNDLED_FAMILY_MODEL, type FpgaFamilies, saveFamilyModel } from '../../../src/fpga/families/familyModelFolder.js';
import { familySupportLine } from '../../../src/fpga/families/familySupport.js';
import { denseDesign } from '../../../src/fpga/synth/denseDesign.js';
import { smallFamilies, temporaryFolder } from '../../fpga/families/smallFamilies.js';
import { describeWith } from '../../fpga/synth/tools.js';
import { hasShared, SHARED } from '../../shared.js';
import { runCommand } from '../runCommand.js';

const fpga = (...args: string[]) => runCommand(registerFpga, ['fpga', ...args]);
const path = temporaryFolder();
const layer = (nIn: number, nOut = 3) =>
  denseDesign({ nIn, nOut, weightBits: 4, dataBits: 4, reuseFactor: 2, strategy: 'resource' });
let families: FpgaFamilies, own: YosysFpgaRow[], model: string;
const supportText = (rows: readonly YosysFpgaRow[], family = 'nexus') =>
  rows.map((r) => familySupportLine(r, { known: families.designs, family, bram: 'bram18' })).join('\n');
beforeAll(async () => {
  model = path('model');
  ({ families, own } = await smallFamilies(model));
  saveFamilyModel(path('other'), { ...families, designs: families.designs.values(), info: { ...families.info, seed: 9 } });
  writeFileSync(path('support.jsonl'), supportText(own.filter((_, i) => i % 12 === 0)));
  writeFileSync(path('designs.jsonl'), [layer(4), layer(6), layer(8)].map((d) => JSON.stringify(d)).join('\n'));
  writeFileSync(path('one.json'), JSON.stringify(layer(6)));
  expect(
    (await fpga('adapt', '--support', path('support.jsonl'), '--model', model, '--out', path('nexus.json'))).error,
  ).toBeUndefined();
});

describe('hwcast fpga sample', () => {
  it('prints a support file to fill in', async () => {
    const { stdout } = await fpga('sample', '--k', '4', '--model', model, '--family', 'machxo2');
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((l) => JSON.parse(l));
    expect(rows).toHaveLength(4);
    for (const r of rows) {
      expect(r).toMatchObject({ family: 'machxo2', lut: null, ff: null, dsp: null, bram: null });
      expect(families.designs.get(r.id)!.seed).toBe(r.seed);
    }
    const xilinx = await fpga('sample', '--k', '1', '--model', model, '--family', 'xc7');
    expect(JSON.parse(xilinx.stdout)).toHaveProperty('bram18', null);
    expect(xilinx.stderr).toMatch(/the model was trained on 'xc7'/);
  });

  it('writes the file and the Verilog of each design, and replaces neither', async () => {
    const args = ['sample', '--k', '2', '--model', model, '--out', path('open.jsonl'), '--verilog', path('verilog')];
    const { stdout, stderr, error } = await fpga(...args, '--input', path('designs.jsonl'));
    expect([stdout, error]).toEqual(['', undefined]);
    expect(stderr).toMatch(/wrote the Verilog of 2 designs/);
    const ids = readFileSync(path('open.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((l) => JSON.parse(l).design.id);
    expect(readdirSync(path('verilog')).sort()).toEqual(ids.flatMap((id) => [`${id}.json`, `${id}.v`]).sort());
    expect(readFileSync(path('verilog', `${ids[0]}.v`), 'utf8')).toMatch(/^module top \(/m);
    expect((await fpga(...args)).error).toMatchObject({ code: 'usage', message: expect.stringContaining('is there already') });
    expect((await fpga('sample', '--k', '2', '--verilog', path('verilog'))).error?.message).toMatch(/is not empty/);
  });

  it('uses the bundled model unless told', async () => {
    const { stdout } = await fpga('sample', '--k', '3');
    const known = readFileSync(join(BUNDLED_FAMILY_MODEL, 'designs.jsonl'), 'utf8');
    const chosen = stdout.trimEnd().split('\n');
    expect(chosen).toHaveLength(3);
    for (const line of chosen) expect(known).toContain(`"id":"${JSON.parse(line).id}"`);
  });

  it('refuses a count that is none', async () => {
    expect((await fpga('sample', '--k', '0')).error).toMatchObject({ code: 'usage', exitCode: 2 });
    expect((await fpga('sample', '--k', '9', '--model', model, '--input', path('designs.jsonl'))).error?.message).toBe(
      '3 different designs to choose 9 from',
    );
  });
});

describe('hwcast fpga adapt', () => {
  const adapt = (support: string, ...args: string[]) =>
    fpga('adapt', '--support', support, '--model', model, '--out', path('new.json'), ...args);

  it('says what it learned from, and how well each design follows from the others', async () => {
    const open = JSON.stringify({ id: own[1].id, lut: null });
    writeFileSync(path('partly.jsonl'), `${supportText(own.slice(5, 11))}\n${open}`);
    const { stderr, stdout } = await adapt(path('partly.jsonl'), '--name', 'mine');
    expect(stdout).toBe('');
    expect(stderr).toContain(`left out, not filled in: ${own[1].id}`);
    expect(stderr).toMatch(
      /new\.json: family 'mine' from 6 designs; each predicted from the others: median error LUT \d+\.\d %, FF \d+\.\d %/,
    );
  });

  it('adapts the designs of an adapter again, to the same predictions', async () => {
    await adapt(path('nexus.json'));
    expect(readFileSync(path('new.json'), 'utf8')).toBe(readFileSync(path('nexus.json'), 'utf8'));
  });

  it.skipIf(!hasShared)('learns a stage from the collected projects, and predicts by it (needs ../shared)', async () => {
    const support = join(SHARED, 'data/fpga/hls4ml_projects.jsonl.gz'),
      out = path('stage.json');
    const made = await fpga('adapt', '--stage', 'csynth:vsynth', '--support', support, '--out', out);
    expect(made.stderr).toMatch(/left out, without counts of both stages: 40 of 54/);
    expect(made.stderr).toMatch(/csynth to vsynth from 14 pairs; each predicted from the others: median error LUT/);
    const again = await fpga('adapt', '--support', out, '--out', path('stage2.json'));
    expect(again.stderr).toMatch(/from 14 pairs/);
    expect(readFileSync(path('stage2.json'), 'utf8')).toBe(readFileSync(out, 'utf8'));
    const report = join(SHARED, 'data/fpga/reports/vivado2019_gru_csynth.xml');
    const { stdout } = await fpga('predict', 'docs/examples/jet-tagger.json', '--adapter', out, '--csynth', report, '--csv');
    const [head, csynth, vsynth] = stdout
      .trimEnd()
      .split('\n')
      .map((l) => l.split(','));
    expect(head.slice(0, 12).join()).toBe('id,stage,lut,ff,dsp,bram18,uram,lat_min,lat_max,ii_min,ii_max,feasible');
    expect([csynth[1], csynth[2], csynth.at(-3)]).toEqual(['csynth', '122749', 'measured']);
    expect([vsynth[1], vsynth.at(-3)]).toEqual(['vsynth', 'adapted+measured']);
    expect(Number(vsynth[2])).toBeLessThan(122749);
  });

  it.each<[string, (() => string) | null, string[], RegExp, number]>([
    ['an empty file', () => '', [], /the support file has no row/, 3],
    ['open rows only', () => JSON.stringify({ id: own[0].id }), ['--name', 'x'], /none of the 1 designs is filled in/, 3],
    ['a cut file', () => supportText(own.slice(0, 2)).slice(0, -20), [], /not whole JSON/, 3],
    ['a duplicate', () => supportText([own[0], own[0]]), [], /stands in line 1 already/, 3],
    [
      'a negative count',
      () => supportText(own.slice(0, 2)).replace(/"lut":/, '"lut":-'),
      [],
      /lut is -\d+, not a whole number/,
      3,
    ],
    ['an unknown id', () => supportText(own.slice(0, 2)).replace(/"id":"/, '"id":"my-'), [], /the model has no design 'my-/, 3],
    ['no name', () => supportText(own.slice(0, 2)).replaceAll('"family":"nexus",', ''), [], /what is the family called\?/, 2],
    ['no file', null, [], /no such support file/, 4],
    [
      'pairs without the stage',
      () => JSON.stringify({ design: layer(4), csynth: {} }),
      ['--stage', 'csynth:vsynth'],
      /csynth lut is undefined/,
      3,
    ],
    [
      'pairs not done',
      () => JSON.stringify({ design: layer(4) }),
      ['--stage', 'csynth:impl'],
      /none of the 1 designs has counts of both csynth and impl/,
      3,
    ],
  ])('refuses %s and writes nothing', async (name, text, args, message, exitCode) => {
    const support = path(`${name}.jsonl`),
      out = path(`${name}.json`);
    if (text) writeFileSync(support, text());
    const { error, stdout } = await fpga('adapt', '--support', support, '--model', model, '--out', out, ...args);
    expect(error?.message).toMatch(message);
    expect(error).toMatchObject({ exitCode });
    expect([stdout, existsSync(out)]).toEqual(['', false]);
  });

  it('does not take an adapter of a family for pairs', async () => {
    const { error } = await adapt(path('nexus.json'), '--stage', 'csynth:vsynth');
    expect(error?.message).toBe("an adapter of family 'nexus', no pairs of stages");
  });
});

describe('hwcast fpga predict of a family', () => {
  const predict = (...args: string[]) => fpga('predict', ...args);

  it('shows counts, intervals and where they come from', async () => {
    const { stdout, stderr } = await predict(path('one.json'), '--adapter', path('nexus.json'), '--part', 'pynq-z2');
    expect(stdout).toMatch(/^dense-6x3-d4w4-rf2-res on nexus \(xc7z020\), vsynth: fits$/m);
    expect(stdout).toMatch(/^lut +\d+ +\d+-\d+ +[\d.]+ % +adapted$/m);
    expect(stdout).toMatch(/^ii_max +2 +exact +analytical$/m);
    expect(stderr).toMatch(/warning: dense-6x3.*: no training family synthesised this design/);
  });

  it('prints the columns of other predictions, and then the blocks of the family', async () => {
    const { stdout } = await predict('--input', path('designs.jsonl'), '--adapter', path('nexus.json'), '--csv');
    const [head, ...rows] = stdout.trimEnd().split('\n');
    expect(head).toMatch(
      /^id,stage,lut,ff,dsp,bram18,uram,lat_min,lat_max,ii_min,ii_max,feasible,lut_low,lut_high,.*,provenance,bram,bram_low,bram_high$/,
    );
    expect(rows).toHaveLength(3);
    const alone = await predict(path('one.json'), '--adapter', path('nexus.json'), '--csv');
    expect(alone.stdout.trimEnd().split('\n')[1]).toBe(rows[1]);
    expect(rows[1].split(',').length).toBe(head.split(',').length);
    expect(rows[1]).toMatch(/,adapted\+analytical,/);
  });

  it('knows what was measured', async () => {
    const measured = own.filter((_, i) => i % 12 === 0)[2];
    writeFileSync(path('measured.json'), JSON.stringify(measured.design));
    const [p] = JSON.parse((await predict(path('measured.json'), '--adapter', path('nexus.json'), '--json')).stdout);
    expect(p).toMatchObject({
      id: measured.id,
      family: 'nexus',
      stage: 'vsynth',
      lut: { value: measured.counts.lut, provenance: 'measured' },
      bram: { value: measured.counts.bram },
      uram: null,
      knowledge: 'seen',
    });
  });

  it('needs no adapter for a family of the model', async () => {
    const { stdout } = await predict(path('one.json'), '--family', 'ecp5', '--model', model);
    expect(stdout).toMatch(/ on ecp5, vsynth: unknown$/m);
    expect(stdout).toMatch(/^dsp +\d+ .*surrogate$/m);
  });

  it('leaves out what is not written as Verilog, and says why', async () => {
    const pool = { ...layer(4), id: 'pool', layers: [{ ...layer(4).layers[0], kind: 'gru', outShape: [3] }] };
    writeFileSync(path('mixed.jsonl'), [layer(4), pool].map((d) => JSON.stringify(d)).join('\n'));
    const { stdout, stderr } = await predict('--input', path('mixed.jsonl'), '--adapter', path('nexus.json'), '--csv');
    expect(stdout.trimEnd().split('\n')).toHaveLength(2);
    expect(stderr).toMatch(/left out: design 'pool', layer 'dense'/);
    writeFileSync(path('pool.json'), JSON.stringify(pool));
    expect((await predict(path('pool.json'), '--adapter', path('nexus.json'))).error).toMatchObject({ code: 'unsupported' });
  });

  it.each<[string, string[], RegExp, number]>([
    [
      'a stage before synthesis',
      ['--adapter', 'nexus.json', '--stages', 'csynth'],
      /'nexus' was counted at stage vsynth, not 'csynth'/,
      2,
    ],
    ['the rules alone', ['--adapter', 'nexus.json', '--method', 'analytical'], /--method analytical knows no family/, 2],
    ['an unknown family', ['--family', 'machxo2', '--model', 'model'], /the model has no family 'machxo2'/, 4],
    [
      'another model',
      ['--adapter', 'nexus.json', '--model', BUNDLED_FAMILY_MODEL],
      /is not the model that 'nexus' was adapted from/,
      3,
    ],
    ['a seed without family', ['--seed', '3'], /--seed is of the weights/, 2],
    [
      'a csynth report without stage',
      ['--adapter', 'nexus.json', '--csynth', 'x.xml'],
      /--csynth needs an adapter of a stage/,
      2,
    ],
    ['no adapter', ['--adapter', 'gone.json'], /no such adapter/, 4],
  ])('refuses %s', async (_, args, message, exitCode) => {
    const { error, stdout } = await predict(
      path('one.json'),
      ...args.map((a) => (/\.json$|^model$|^other$/.test(a) ? path(a) : a)),
    );
    expect(error?.message).toMatch(message);
    expect(error).toMatchObject({ exitCode });
    expect(stdout).toBe('');
  });
});

describe('hwcast fpga train --families', () => {
  it.each<[string[], RegExp, number]>([
    [['--families'], /train families on what\?/, 2],
    [[], /train on what\?/, 2],
    [['--data', 'x', '--dataset', 'y'], /--dataset belongs to --families/, 2],
    [['--families', '--dataset', 'nowhere'], /no such file/, 4],
  ])('refuses %s', async (args, message, exitCode) => {
    const { error } = await fpga('train', ...args, '--out', path('refused'));
    expect(error?.message).toMatch(message);
    expect(error).toMatchObject({ exitCode });
    expect(existsSync(path('refused'))).toBe(false);
  });
});

describe('hwcast fpga synth --support', () => {
  it.each<[string, string[], string | null, RegExp, number]>([
    ['no file', [], null, /no such support file/, 4],
    ['a family that is not known to Yosys', [], '{"id":"ID","family":"spartan3"}', /Yosys has no family 'spartan3'/, 2],
    ['no family', [], '{"id":"ID"}', /which family\?/, 2],
    ['two families', ['--family', 'ecp5,xc7'], '{"id":"ID"}', /2 families for one support file/, 2],
    ['another family', ['--family', 'ecp5'], '{"id":"ID","family":"xc7"}', /--family ecp5, and the rows are of 'xc7'/, 2],
    [
      'counts in another unit',
      ['--family', 'xc7'],
      '{"id":"ID","lut":1,"ff":1,"dsp":0,"bram":0}',
      /counted as 'bram', Yosys counts 'bram18'/,
      3,
    ],
    ['an option of one design', ['--bits', '4'], '{"id":"ID","family":"xc7"}', /--bits is of one design/, 2],
    ['a folder beside it', ['--out', 'x'], '{"id":"ID","family":"xc7"}', /--support and --out are two ways/, 2],
    ['a table', ['--family', 'xc7'], 'id,lut\n', /fills in JSON lines only/, 3],
  ])('refuses %s', async (name, args, text, message, exitCode) => {
    const file = path(`synth ${name}.jsonl`),
      id = [...families.designs.keys()][0];
    if (text !== null) writeFileSync(file, text.replace('ID', id));
    const { error } = await fpga('synth', '--support', file, '--model', model, ...args);
    expect(error?.message).toMatch(message);
    expect(error).toMatchObject({ exitCode });
    if (text !== null) expect(readFileSync(file, 'utf8')).toBe(text.replace('ID', id));
  });
});

describeWith(['yosys'], 'hwcast fpga synth --support, interrupted', () => {
  it('keeps the rows that are done', async () => {
    const file = path('interrupted.jsonl'),
      open = (nIn: number, nOut: number) => JSON.stringify({ family: 'xc7', lut: null, design: layer(nIn, nOut) });
    writeFileSync(file, `${open(4, 3)}\n${open(64, 32)}\n`);
    const running = fpga('synth', '--support', file, '--model', model, '--no-simulate', '--quiet');
    const waiting = setInterval(() => {
      if (!readFileSync(file, 'utf8').includes('"ff":')) return;
      clearInterval(waiting);
      process.emit('SIGINT');
    }, 50);
    const { error, stdout } = await running;
    clearInterval(waiting);
    expect([error?.code, stdout]).toEqual(['interrupted', '']);
    const rows = readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((l) => JSON.parse(l));
    expect(rows.map((r) => typeof r.lut)).toEqual(['number', 'object']);
  });
});

describeWith(['iverilog', 'yosys'], 'hwcast fpga sample, synth, adapt and predict with Yosys', () => {
  it('learns a family that no training had', async () => {
    const file = path('loop.jsonl');
    await fpga('sample', '--k', '2', '--input', path('designs.jsonl'), '--model', model, '--family', 'machxo2', '--out', file);
    writeFileSync(file, readFileSync(file, 'utf8').replace('{', '{"note":"kept",'));
    const filled = await fpga('synth', '--support', file, '--model', model, '--quiet');
    expect(filled.stderr).toMatch(/loop\.jsonl: 2 designs synthesised for machxo2/);
    expect(filled.stdout).toMatch(/^design +LUT +FF/);
    const more = [
      'synth',
      path('one.json'),
      '--support',
      path('more.jsonl'),
      '--family',
      'machxo2',
      '--model',
      model,
      '--quiet',
      '--csv',
    ];
    const one = await fpga(...more);
    const row = JSON.parse(readFileSync(path('more.jsonl'), 'utf8'));
    expect(one.stdout.split('\n')[1].split(',').slice(0, 5)).toEqual([
      row.design.id,
      'machxo2',
      expect.any(String),
      `${row.lut}`,
      `${row.ff}`,
    ]);
    expect((await fpga(...more)).error?.message).toMatch(/is filled in already/);
    const adapted = await fpga('adapt', '--support', file, '--model', model, '--out', path('machxo2.json'));
    expect(adapted.stderr).toMatch(/family 'machxo2' from 2 designs$/m);
    const again = await fpga('synth', '--support', file, '--model', model, '--quiet');
    expect(again.stderr).toMatch(/every design of .*loop\.jsonl is filled in/);
    const rows = readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((l) => JSON.parse(l));
    expect([rows[0].note, rows[1].note]).toEqual(['kept', undefined]);
    expect(rows[0]).not.toHaveProperty('bram18');
    writeFileSync(path('first.json'), JSON.stringify(rows[0].design));
    const [p] = JSON.parse((await fpga('predict', path('first.json'), '--adapter', path('machxo2.json'), '--json')).stdout);
    expect(p.lut).toEqual({ value: rows[0].lut, low: rows[0].lut, high: rows[0].lut, provenance: 'measured' });
  });
});
