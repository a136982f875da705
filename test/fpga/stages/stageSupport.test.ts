import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readTextChecked } from '../../../src/core/files.js';
import { parseStageSupport } from '../../../src/fpga/stages/stageSupport.js';
import { denseDesign } from '../../../src/fpga/synth/denseDesign.js';
import { hasShared, SHARED } from '../../shared.js';
import { temporaryFolder } from '../families/smallFamilies.js';

const design = denseDesign({ nIn: 4, nOut: 4, weightBits: 4, dataBits: 4, reuseFactor: 2, strategy: 'resource' });
const counts = { lut: 100, ff: 50, dsp: 8, bram18: 1 };
const row = (fields: object = {}) => JSON.stringify({ design, csynth: counts, vsynth: { ...counts, lut: 40 }, ...fields });
const parse = (text: string, name = 'pairs.jsonl') => parseStageSupport(text, name, 'vsynth');
const path = temporaryFolder();

describe('parseStageSupport', () => {
  it('reads pairs, and names rows that lack a stage', () => {
    expect(parse(`${row()}\n${row({ id: 'b', vsynth: null })}\n${row({ csynth: '' })}`)).toEqual({
      pairs: [{ design, early: counts, late: { ...counts, lut: 40 } }],
      unfilled: ['b', 'line 3'],
    });
    expect(parseStageSupport(row({ impl: counts }), 'x', 'impl').pairs[0].late).toEqual(counts);
  });

  it('reads a design from a file beside it', () => {
    writeFileSync(path('d.json'), JSON.stringify(design));
    expect(parse(row({ design: 'd.json' }), path('pairs.jsonl')).pairs[0].design).toEqual(design);
  });

  it.skipIf(!hasShared)('reads reports of the tools, and tells their stages apart (needs ../shared)', () => {
    const reports = join(SHARED, 'data/fpga/reports');
    const files = { csynth: 'vivado2019_gru_csynth.xml', vsynth: 'vivado2019_gru_vivado_synth.rpt' };
    const { pairs } = parse(row(files), join(reports, 'pairs.jsonl'));
    expect(pairs[0]).toMatchObject({
      early: { lut: 122749, ff: 14906, dsp: 123, bram18: 374 },
      late: { lut: 30654, ff: 16164, dsp: 123, bram18: 279 },
    });
    expect(() => parse(row({ vsynth: files.csynth }), join(reports, 'pairs.jsonl'))).toThrow(
      /is a report of csynth, not of vsynth/,
    );
  });

  it.skipIf(!hasShared)('reads the collected hls4ml projects as they are (needs ../shared)', () => {
    const file = join(SHARED, 'data/fpga/hls4ml_projects.jsonl.gz');
    const { pairs, unfilled } = parse(readTextChecked(file), file);
    expect([pairs.length, unfilled.length]).toEqual([14, 40]);
  });

  it.each<[string, string, RegExp]>([
    ['nothing', ' \n', /has no row/],
    ['a cut row', row().slice(0, 80), /not whole JSON/],
    ['a design twice', `${row()}\n${row()}`, /stands in line 1 already/],
    ['a negative count', row({ csynth: { ...counts, dsp: -1 } }), /csynth dsp is -1/],
    ['a count left out', row({ vsynth: { lut: 1 } }), /vsynth ff is undefined, not a whole number/],
    ['counts that are none', row({ vsynth: 12 }), /vsynth is 12/],
    ['no design', row({ design: undefined }), /not a design hwcast reads/],
    ['a missing report', row({ vsynth: 'gone.rpt' }), /no such report: 'gone\.rpt'/],
  ])('refuses %s', (_, text, message) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ name: 'HwcastError', message: expect.stringMatching(message) }));
  });
});
