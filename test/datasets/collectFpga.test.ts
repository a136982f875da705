import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync, strFromU8 } from 'fflate';
import { describe, expect, it } from 'vitest';
import { collect, type Source } from '../../datasets/collect/fpga/collect.js';
import { sweepDesigns } from '../../datasets/collect/fpga/sweep.js';
import { denseDesign } from '../../src/fpga/synth/denseDesign.js';

const design = (nIn: number) => denseDesign({ nIn, nOut: 4, weightBits: 8, dataBits: 8, reuseFactor: 4, strategy: 'resource' });
const jsonl = (name: string, ...rows: unknown[]): Source => ({ name, text: rows.map((r) => `${JSON.stringify(r)}\n`).join('') });
const designs = jsonl(
  'designs',
  ...[4, 8].map((n, seed) => ({ id: design(n).id, design: design(n), seed, lat: 8, ii: 4, inputs: 16 })),
);
const [small, large] = [design(4).id, design(8).id];
const cells = { SB_LUT4: 20, SB_CARRY: 3, SB_DFF: 10, SB_GB: 1 };
const ok = (id: string, family = 'ice40', more = {}) => ({ id, family, tool: 'Yosys 0.23', seconds: 1.5, cells, ...more });
const failed = (id: string, failure: string) => ({ id, family: 'ice40', tool: 'Yosys 0.23', seconds: 9, failure });
const text = (files: ReturnType<typeof collect>, name: string) => {
  const data = files[name];
  return typeof data === 'string' ? data : strFromU8(gunzipSync(data));
};

describe('collector of the synthesis sweep', () => {
  it('writes rows in the order of designs and families, whatever the order of results', () => {
    const made = collect(designs, [jsonl('r', ok(large), ok(small, 'xc7', { cells: { LUT6: 5, FDRE: 7, BUFG: 1 } }), ok(small))]);
    expect(text(made, 'results.csv.gz').split('\n')).toEqual([
      'id,family,tool_version,lut,ff,carry,dsp,bram,bram_bits,lutram,other',
      `${small},xc7,Yosys 0.23,5,7,0,0,0,0,0,BUFG:1`,
      `${small},ice40,Yosys 0.23,20,10,3,0,0,0,0,SB_GB:1`,
      `${large},ice40,Yosys 0.23,20,10,3,0,0,0,0,SB_GB:1`,
      '',
    ]);
    expect(text(made, 'README.md')).toMatch(/2 designs on 2 FPGA families, 3 rows, 0 failed, 1 not run/);
    expect(text(made, 'README.md')).toMatch(/\| ice40 \| .* \| 2 \| 0 \| 0 \| 20 \/ 20 \/ 20 \| 10 \/ 10 \/ 10 \| 0 % \|/);
  });

  it('gives the same bytes from the same results, in any files, and again from what it wrote', () => {
    const rows = [ok(small), ok(small, 'gowin', { cells: { LUT4: 1, ALU: 2, DFF: 3 } }), failed(large, 'timeout of 240 s')];
    const made = collect(designs, [jsonl('r', ...rows)]);
    expect(
      collect(
        designs,
        rows.toReversed().map((r, i) => jsonl(`r${i}`, r)),
      ),
    ).toEqual(made);
    const again = collect({ name: 'd', text: text(made, 'designs.jsonl.gz') }, [
      { name: 'c', text: text(made, 'cells.jsonl.gz') },
    ]);
    expect(again).toEqual(made);
    for (const name of ['designs.jsonl.gz', 'results.csv.gz', 'cells.jsonl.gz'])
      expect([...(made[name] as Uint8Array).slice(4, 8)], 'time stamp').toEqual([0, 0, 0, 0]);
  });

  it('leaves out rows whose netlist gave wrong results in simulation, in whatever order', () => {
    const checked = ok(small, 'ice40', { netlist: '3 of 8 results differ' });
    for (const order of [
      [ok(small), checked, ok(large, 'ice40', { netlist: 'equal' })],
      [ok(large, 'ice40', { netlist: 'equal' }), checked, ok(small), ok(large)],
    ]) {
      const made = collect(designs, [jsonl('r', ...order)]);
      expect(text(made, 'results.csv.gz').trim().split('\n').slice(1)).toEqual([
        `${large},ice40,Yosys 0.23,20,10,3,0,0,0,0,SB_GB:1`,
      ]);
      expect(text(made, 'failures.csv')).toContain(
        `${small},ice40,Yosys 0.23,"the netlist is wrong: simulated, 3 of 8 results differ"`,
      );
      expect(text(made, 'README.md')).toMatch(/\| ice40 \| .* \| 1 \| 1 \| 2 \|/);
    }
  });

  it('lists failures with their reason, without folders, until a later run has counts', () => {
    const failure = failed(large, 'status 1: ERROR: in /home/somebody/kit/v/dense.v:3, "x" |  end');
    expect(text(collect(designs, [jsonl('r', failure)]), 'failures.csv')).toBe(
      `id,family,tool_version,reason\n${large},ice40,Yosys 0.23,"status 1: ERROR: in dense.v:3, ""x"" | end"\n`,
    );
    for (const order of [
      [failure, ok(large)],
      [ok(large), failure],
    ]) {
      const made = collect(designs, [jsonl('r', ...order)]);
      expect(text(made, 'failures.csv').split('\n')).toHaveLength(2);
      expect(text(made, 'results.csv.gz')).toMatch(large);
    }
  });

  it('leaves a line out that an interruption cut, and says so', () => {
    const warnings: string[] = [];
    const whole = jsonl('r', ok(small), ok(large));
    const made = collect(designs, [{ name: 'r', text: whole.text.slice(0, -9) }], (w) => warnings.push(w));
    expect(warnings).toEqual(['r: the last line has no end, left out', '1 of 2 jobs have no result']);
    expect(text(made, 'results.csv.gz').split('\n')).toHaveLength(3);
  });

  for (const [what, rows, message] of [
    ['a design that is not of the sweep', [ok('other')], /r: no design 'other' in the sweep/],
    ['a family it does not know', [ok(small, 'xc8')], /r, line 1: .*family/s],
    ['two results that differ', [ok(small), ok(small, 'ice40', { cells: { SB_LUT4: 21 } })], /r: two results of .* differ/],
    ['a cell it does not know', [ok(small, 'ice40', { cells: { LUT6: 1 } })], /ice40: 1 cells of type 'LUT6'/],
    ['a row with neither counts nor failure', [{ ...ok(small), cells: undefined }], /r, line 1: .*one of them/],
  ] as const)
    it(`refuses ${what}`, () => {
      let said = '';
      try {
        collect(designs, [jsonl('r', ...rows)]);
      } catch (error) {
        said = (error as { describe(): string }).describe();
      }
      expect(said).toMatch(message);
    });
});

const DATASET = resolve(import.meta.dirname, '../../datasets/yosys-fpga');
describe.skipIf(!existsSync(DATASET))('datasets/yosys-fpga', () => {
  const file = (name: string) => {
    const bytes = readFileSync(resolve(DATASET, name));
    return name.endsWith('.gz') ? strFromU8(gunzipSync(bytes)) : bytes.toString('utf8');
  };

  it('holds the designs that the sweep draws', () => {
    const drawn = sweepDesigns();
    const kept = file('designs.jsonl.gz')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(kept.map(({ id, design, seed }) => ({ id, design, seed }))).toEqual(drawn);
  });

  it('is what the collector makes of its cells', () => {
    const made = collect({ name: 'designs', text: file('designs.jsonl.gz') }, [{ name: 'cells', text: file('cells.jsonl.gz') }]);
    expect(Object.keys(made).sort()).toEqual(readdirSync(DATASET).sort());
    for (const name of Object.keys(made)) expect(text(made, name), name).toBe(file(name));
  });
});
