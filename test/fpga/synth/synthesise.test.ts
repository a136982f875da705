import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { denseDesign } from '../../../src/fpga/synth/denseDesign.js';
import { doesNotFit, nextpnrIce40 } from '../../../src/fpga/synth/nextpnrIce40.js';
import { runYosys } from '../../../src/fpga/synth/runYosys.js';
import { synthesise } from '../../../src/fpga/synth/synthesise.js';
import { synthesisCsv } from '../../../src/present/fpga/synthesisView.js';
import { describeWith } from './tools.js';

const DATASET = resolve(import.meta.dirname, '../../../datasets/yosys-fpga');
const gunzip = (name: string) => gunzipSync(readFileSync(resolve(DATASET, name))).toString('utf8');
const tiny = denseDesign({ nIn: 4, nOut: 4, weightBits: 8, dataBits: 8, reuseFactor: 4, strategy: 'resource' });
const yosysVersion = (text: string) => /^Yosys (\d+\.\d+)/.exec(text)?.[1];

describeWith(['iverilog', 'yosys'], 'synthesise', () => {
  it('makes a row a family of a 4 x 4 layer', async () => {
    const steps: string[] = [];
    const { rows, simulation, failures } = await synthesise(tiny, ['ice40', 'ecp5'], {
      onProgress: (done, total, what) => steps.push(`${done}/${total} ${what}`),
    });
    expect(steps).toEqual(['0/3 simulation', '1/3 ice40', '2/3 ecp5', '3/3 done']);
    expect(failures).toEqual([]);
    expect(simulation).toMatchObject({ latency: 8, interval: 4 });
    expect(rows.map((r) => r.family)).toEqual(['ice40', 'ecp5']);
    for (const row of rows) {
      expect(row).toMatchObject({ id: tiny.id, latency: 8, ii: 4, dsp: 4, bram: 0 });
      expect(row.toolVersion).toMatch(/^Yosys \d/);
      // serial shift registers alone: 4 x 8 bits each side
      expect(row.ff).toBeGreaterThan(64);
      expect(row.lut).toBeGreaterThan(50);
    }
    // the netlist of ice40 was simulated, of ecp5 Yosys has no models of all cells
    expect(rows[0].warnings).toEqual([]);
    expect(rows[1].warnings).toEqual([expect.stringContaining('not simulated')]);
    expect(synthesisCsv(rows).split('\n')[1]).toMatch(
      /^dense-4x4-d8w8-rf4-res,ice40,Yosys [^,]+,\d+,\d+,\d+,4,0,0,0,[^,]*,8,4,,,$/,
    );
  });

  it.skipIf(!existsSync(DATASET))(
    'gives a row of the embedded dataset again, where Yosys has the version it was made with',
    async () => {
      const rows = gunzip('results.csv.gz').trimEnd().split('\n').slice(1);
      const { design, seed, lat, ii } = gunzip('designs.jsonl.gz')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line))
        .find((d) => d.id === 'conv1d-24x2-k2-f2-s1-same-d3w3-rf8-res-z75');
      const { rows: made } = await synthesise(design, ['gowin'], { seed });
      expect(made[0]).toMatchObject({ latency: lat, ii });
      const committed = rows.find((r) => r.startsWith(`${design.id},gowin,`))!;
      if (yosysVersion(made[0].toolVersion) === yosysVersion(committed.split(',')[2]))
        expect(synthesisCsv(made).split('\n')[1].split(',').slice(0, 11).join(',')).toBe(committed);
    },
  );

  it('refuses what Yosys 0.23 makes of a design whose sums it packs wrongly', async () => {
    const design = denseDesign({ nIn: 4, nOut: 8, weightBits: 3, dataBits: 14, reuseFactor: 1, strategy: 'resource' });
    const { rows } = await synthesise(design, ['ice40'], { seed: 154, simulate: false });
    expect(rows[0].lut).toBeGreaterThan(0);
    if (yosysVersion(rows[0].toolVersion) === '0.23')
      await expect(synthesise(design, ['ice40'], { seed: 154 })).rejects.toMatchObject({
        code: 'corrupt',
        message: expect.stringContaining('expected -3072, got -8192'),
        where: expect.stringContaining('ice40'),
        hint: expect.stringContaining('Yosys made another circuit'),
      });
  });

  it('goes by the rule without a simulation', async () => {
    const { rows, simulation } = await synthesise(tiny, [], { simulate: false });
    expect([rows, simulation]).toEqual([[], null]);
  });

  it('keeps the families that work when another fails', async () => {
    const result = await synthesise(tiny, ['gowin', 'nexus'], { simulate: false, timeoutS: 0.05 });
    expect(result.rows).toEqual([]);
    expect(result.failures.map((f) => [f.family, f.error.code])).toEqual([
      ['gowin', 'unsupported'],
      ['nexus', 'unsupported'],
    ]);
    await expect(synthesise(tiny, ['gowin'], { simulate: false, timeoutS: 0.05 })).rejects.toThrow(
      /gowin: yosys did not end|did not end/,
    );
  });

  it('ends at the signal', async () => {
    const interrupt = new AbortController();
    interrupt.abort();
    await expect(synthesise(tiny, ['gowin', 'nexus'], { signal: interrupt.signal })).rejects.toMatchObject({
      code: 'interrupted',
    });
  });

  it('passes an error of Yosys on', async () => {
    await expect(runYosys('module top(input a', 'ice40', { where: 'x' })).rejects.toThrow(
      /yosys ended with status 1:[\s\S]*syntax error/,
    );
    await expect(runYosys('module other; endmodule', 'ice40', { where: 'x' })).rejects.toMatchObject({ code: 'bad-input' });
  });
});

describeWith(['iverilog', 'yosys', 'nextpnr-ice40'], 'place and route for iCE40', () => {
  it('gives clock and logic cells', async () => {
    const { rows } = await synthesise(tiny, ['ice40'], { simulate: false, place: 'up5k' });
    expect(rows[0].placement).toMatchObject({ device: 'up5k', logicCellsAvailable: 5280, dsp: 4, ram: 0 });
    expect(rows[0].placement!.logicCells).toBeGreaterThan(rows[0].lut);
    expect(rows[0].placement!.fmaxMhz).toBeGreaterThan(20);
    expect(rows[0].warnings).toEqual([]);
  });

  it('says what there is too much of', async () => {
    // nine products in DSP blocks: the UP5K has eight
    const products = Array.from({ length: 9 }, (_, i) => `reg [31:0] p${i}; always @(posedge clk) p${i} <= a * (b + 16'd${i});`);
    const sum = products.map((_, i) => `p${i}`).join(' ^ ');
    const text = `module top(input clk, input [15:0] a, b, output reg [31:0] o);\n${products.join('\n')}\nalways @(posedge clk) o <= ${sum};\nendmodule\n`;
    await expect(nextpnrIce40(text, 'up5k', { where: 'x' })).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(/^does not fit iCE40 UltraPlus UP5K: needs 9 DSP blocks of 8/),
    });
  });
});

describe('a design that does not fit', () => {
  const LOG = `Info: Device utilisation:
Info: \t         ICESTORM_LC:  8164/ 5280   154%
Info: \t        ICESTORM_RAM:    31/   30   103%
Info: \t               SB_IO:    34/   96    35%
ERROR: Failed to expand region (0, 0) |_> (25, 31) of 8164 ICESTORM_LCs`;
  it('is read from the log of nextpnr', () => {
    expect(doesNotFit(LOG, 'UP5K', 'x')?.message).toBe('does not fit UP5K: needs 8164 logic cells of 5280, 31 block RAMs of 30');
    expect(doesNotFit("ERROR: Unable to place cell 'p5', no BELs remaining", 'UP5K', 'x')?.message).toBe(
      "does not fit UP5K: Unable to place cell 'p5', no BELs remaining",
    );
    expect(doesNotFit('ERROR: Failed to parse JSON file', 'UP5K', 'x')).toBeUndefined();
  });
});
