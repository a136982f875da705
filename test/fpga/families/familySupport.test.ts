import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bramUnitOf, familySupportLine, parseFamilySupport } from '../../../src/fpga/families/familySupport.js';
import { type SeededDesign, seededDesign } from '../../../src/fpga/families/seededDesign.js';
import { denseDesign } from '../../../src/fpga/synth/denseDesign.js';
import { hasShared, SHARED } from '../../shared.js';
import { temporaryFolder } from './smallFamilies.js';

const dense = (nIn: number, reuseFactor = 2) =>
  denseDesign({ nIn, nOut: 4, weightBits: 4, dataBits: 4, reuseFactor, strategy: 'resource' });
const a: SeededDesign = { id: dense(4).id, design: dense(4), seed: 3 },
  b: SeededDesign = { id: dense(8).id, design: dense(8), seed: 0 };
const known = new Map([a, b].map((d) => [d.id, d]));
const path = temporaryFolder();
const parse = (text: string, name = 'support.jsonl') => parseFamilySupport(text, name, known);
const row = (fields: object) => JSON.stringify({ id: a.id, lut: 5, ff: 6, dsp: 0, bram: 0, ...fields });

describe('seededDesign', () => {
  it('knows a design of the model by id, layers and seed, whatever part it names', () => {
    expect(seededDesign(known, { ...dense(4), part: 'xc7z020', assumptions: ['x'] })).toBe(a);
    expect(seededDesign(known, dense(4), 3)).toBe(a);
  });
  it('does not take a stranger for it', () => {
    const weights = seededDesign(known, dense(4), 4),
      layers = seededDesign(known, { ...dense(8, 4), id: b.id });
    expect([weights.seed, weights.design.id]).toEqual([4, a.id]);
    expect(known.has(weights.id) || known.has(layers.id)).toBe(false);
    expect(seededDesign(known, dense(16))).toMatchObject({ id: dense(16).id, seed: 0 });
  });
});

describe('parseFamilySupport', () => {
  it('reads designs of the model by id, others in full or from a file, with their counts', () => {
    writeFileSync(path('own.json'), JSON.stringify(dense(12)));
    const text = [
      row({ family: 'new', seed: 3 }),
      JSON.stringify({ design: dense(16), seed: 9, lut: 1, ff: 2, dsp: 3, bram: 4 }),
      JSON.stringify({ design: 'own.json', lut: 1, ff: 2, dsp: 3, bram: 5 }),
      JSON.stringify({ id: b.id, family: 'new', lut: null, ff: null, dsp: null, bram: null }),
    ].join('\n');
    const { rows, family, bram } = parse(`${text}\n`, path('support.jsonl'));
    expect([family, bram]).toEqual(['new', 'bram']);
    expect(rows.map((r) => [r.id, r.seed, r.counts])).toEqual([
      [a.id, 3, { lut: 5, ff: 6, dsp: 0, bram: 0 }],
      [dense(16).id, 9, { lut: 1, ff: 2, dsp: 3, bram: 4 }],
      [dense(12).id, 0, { lut: 1, ff: 2, dsp: 3, bram: 5 }],
      [b.id, 0, null],
    ]);
  });

  it('reads the CSV of hwcast fpga synth', () => {
    const { rows, family } = parse(`id,family,tool_version,lut,ff,carry,dsp,bram\n${a.id},ice40,Yosys 0.23,10,20,3,1,0\n`);
    expect([family, rows[0].counts]).toEqual(['ice40', { lut: 10, ff: 20, dsp: 1, bram: 0 }]);
  });

  it.each([';', '\t'])('reads a table separated by %j, with a byte order mark', (separator) => {
    const text = `\uFEFFid,family,lut,ff,dsp,bram18\r\n${a.id},mine,10,20,1,3\r\n`.replaceAll(',', separator);
    const { rows, family, bram } = parse(text);
    expect([family, bram, rows.map((r) => r.counts)]).toEqual(['mine', 'bram18', [{ lut: 10, ff: 20, dsp: 1, bram: 3 }]]);
  });

  it('reads what familySupportLine writes', () => {
    const rows = [
      { ...a, counts: { lut: 7, ff: 8, dsp: 1, bram: 2 } },
      { ...seededDesign(known, dense(4), 8), counts: null },
      { id: dense(20).id, design: dense(20), seed: 5, counts: { lut: 1, ff: 1, dsp: 0, bram: 0 } },
    ];
    for (const bram of ['bram', 'bram18'] as const) {
      const lines = rows.map((r) => familySupportLine(r, { known, family: 'f', bram }));
      expect(lines[0]).toBe(`{"id":"${a.id}","seed":3,"family":"f","lut":7,"ff":8,"dsp":1,"${bram}":2}`);
      expect(parse(lines.join('\n'))).toEqual({ rows, family: 'f', bram, stage: 'vsynth' });
    }
  });

  it('counts block RAM in 18 Kb blocks where Yosys does', () => {
    expect(['xc7', 'ice40', 'my family', undefined].map(bramUnitOf)).toEqual(['bram18', 'bram', 'bram', 'bram']);
    expect(parse(row({ family: 'ecp5', lut: null, ff: null, dsp: null, bram: null })).bram).toBe('bram18');
  });

  it.skipIf(!hasShared)('takes counts from the utilisation report of Vivado (needs ../shared)', () => {
    const report = join(SHARED, 'data/fpga/reports/vivado2019_cnn8_utilization_synth.rpt');
    const { rows, bram, stage } = parse(JSON.stringify({ id: a.id, report }));
    expect([bram, stage]).toEqual(['bram18', 'vsynth']);
    expect(rows[0].counts!.lut).toBeGreaterThan(1000);
    const csynth = join(SHARED, 'data/fpga/reports/vitis2021_mlp_csynth.xml');
    expect(() => parse(JSON.stringify({ id: a.id, report: csynth }))).toThrow(/estimate of an HLS tool/);
  });

  it('takes counts from stat -json of Yosys in the units of the family', () => {
    const cells = { AL_MAP_LUT4: 12, AL_MAP_ADDER: 5, AL_MAP_SEQ: 9, EG_PHY_BRAM: 1 };
    const module = { num_cells: 27, num_cells_by_type: cells };
    writeFileSync(path('stat.json'), JSON.stringify({ creator: 'Yosys 0.23', modules: { '\\top': module }, design: module }));
    const text = JSON.stringify({ id: a.id, family: 'anlogic', report: 'stat.json' });
    expect(parse(text, path('s.jsonl'))).toMatchObject({ bram: 'bram', rows: [{ counts: { lut: 12, ff: 9, dsp: 0, bram: 1 } }] });
    expect(() => parse(text.replace('anlogic', 'mine'), path('s.jsonl'))).toThrow(/not known for family 'mine'/);
  });

  it.each<[string, string, RegExp, string?]>([
    ['nothing', '', /the support file has no row/, 'support.jsonl'],
    ['a cut file', `${row({})}\n${row({ id: b.id }).slice(0, 30)}`, /not whole JSON/, 'support.jsonl:2'],
    ['no object', `${row({})}\n[1]`, /not a JSON object: '\[1\]'/, 'support.jsonl:2'],
    ['a broken table', 'id,lut\n"x,1', /not a table/],
    [
      'an unknown id',
      row({ id: 'dense-4x4-d4w4-rf3-res' }),
      /the model has no design 'dense-4x4-d4w4-rf3-res'/,
      'support.jsonl:1',
    ],
    ['neither id nor design', row({ id: null }), /a row without id or design/],
    ['a design twice', `${row({})}\n${row({ id: b.id })}\n${row({ lut: 9 })}`, /stands in line 1 already/, 'support.jsonl:3'],
    ['a negative count', row({ lut: -5 }), /lut is -5, not a whole number from 0 on/, 'support.jsonl:1'],
    ['a broken count', row({ ff: 6.5 }), /ff is 6\.5/],
    ['a count in words', row({ dsp: 'two' }), /dsp is "two"/],
    ['a count left out', row({ ff: null }), /'ff' is not filled in/],
    ['no block RAM', row({ bram: null }), /'bram' is not filled in/],
    ['two units at once', row({ bram18: 0 }), /both bram and bram18/],
    ['two units', `${row({})}\n${row({ id: b.id, bram: null, bram18: 1 })}`, /block RAM is 'bram18' here and 'bram' before/],
    ['two families', `${row({ family: 'x' })}\n${row({ id: b.id, family: 'y' })}`, /the family is 'y' here and 'x' before/],
    ['two stages', `${row({})}\n${row({ id: b.id, stage: 'impl' })}`, /the stage is 'impl' here and 'vsynth' before/],
    ['a stage before synthesis', row({ stage: 'csynth' }), /stage 'csynth'/],
    ['another seed of a known design', row({ seed: 4 }), /seed 4 of design '.*', which has 3 in the model/],
    ['a bad seed', row({ seed: -1 }), /seed is -1/],
    ['a report and counts', row({ report: 'x.rpt' }), /a report, and 'lut' beside it/],
    ['a missing report', JSON.stringify({ id: a.id, report: 'gone.rpt' }), /no such report: 'gone\.rpt'/, 'support.jsonl:1'],
    ['a missing design file', row({ id: null, design: 'gone.json' }), /no such design: 'gone\.json'/],
    ['an id of another design', row({ design: dense(16) }), /id '.*', and the design is '.*'/],
    ['a design that is none', row({ id: null, design: { id: 'x' } }), /not a design hwcast reads/],
  ])('refuses %s', (_, text, message, where) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({ name: 'HwcastError', message: expect.stringMatching(message), ...(where ? { where } : {}) }),
    );
  });

  it('names close ids', () => {
    expect(() => parse(row({ id: 'dense-4x4-d4w4-rf3-res' }))).toThrow(
      expect.objectContaining({ code: 'bad-input', hint: expect.stringContaining(a.id) }),
    );
  });
});
