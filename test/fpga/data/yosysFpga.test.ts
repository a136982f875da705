import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { readYosysFpga } from '../../../src/fpga/data/yosysFpga.js';
import { datapathParts } from '../../../src/fpga/synth/datapathParts.js';
import { denseDesign } from '../../../src/fpga/synth/denseDesign.js';

const folder = mkdtempSync(join(tmpdir(), 'yosys-fpga-'));
afterAll(() => rmSync(folder, { recursive: true }));
const design = denseDesign({ nIn: 16, nOut: 8, weightBits: 6, dataBits: 8, reuseFactor: 8, strategy: 'resource' });
const header = 'id,family,tool_version,lut,ff,carry,dsp,bram,bram_bits,lutram,other';
function put(rows: string[]): void {
  writeFileSync(join(folder, 'designs.jsonl.gz'), gzipSync(`${JSON.stringify({ id: 'a', design, seed: 3, lat: 9, ii: 8 })}\n`));
  writeFileSync(join(folder, 'results.csv.gz'), gzipSync([header, ...rows, ''].join('\n')));
}

describe('readYosysFpga', () => {
  it('joins counts and designs', () => {
    put(['a,xc7,Yosys 0.23,120,300,8,16,0,0,4,BUFG:1']);
    const [row] = readYosysFpga(folder);
    expect(row).toMatchObject({
      id: 'a',
      family: 'xc7',
      seed: 3,
      lat: 9,
      counts: { lut: 120, ff: 300, dsp: 16, bramBits: 0, lutram: 4 },
    });
    expect(row.design.layers[0].kind).toBe('dense');
  });

  it('names file and row of a count that is none, and of an unlisted design', () => {
    put(['a,xc7,Yosys 0.23,120,300,8,16,0,0,4,', 'a,ecp5,Yosys 0.23,,300,8,16,0,0,4,']);
    expect(() => readYosysFpga(folder)).toThrow(
      expect.objectContaining({ code: 'bad-input', where: expect.stringMatching(/results.csv.gz:3$/) }),
    );
    put(['b,xc7,Yosys 0.23,120,300,8,16,0,0,4,']);
    expect(() => readYosysFpga(folder)).toThrow(/'b' is not listed/);
  });

  it('refuses a file that is cut', () => {
    put(['a,xc7,Yosys 0.23,120,300,8,16,0,0,4,']);
    const path = join(folder, 'results.csv.gz');
    writeFileSync(path, readFileSync(path).subarray(0, 30));
    expect(() => readYosysFpga(folder)).toThrow(expect.objectContaining({ code: 'corrupt' }));
  });
});

describe('datapathParts', () => {
  it('counts the multipliers, weight words and shift registers that the Verilog has', () => {
    const { multipliers, memories, quantities } = datapathParts(design, 3);
    expect(multipliers).toMatchObject([{ x: 8, w: 6, constant: false, count: 16 }]);
    expect(memories).toMatchObject([{ kind: 'rom', depth: 8 }]);
    expect(memories[0].width).toBeLessThanOrEqual(16 * 6);
    expect(quantities).toMatchObject({ inputShift: 128, outputShift: 64, buffers: 128, products: 16 * 14 });
  });

  it('has no multipliers under the latency strategy, and other weights with another seed', () => {
    const latency = denseDesign({ nIn: 8, nOut: 4, weightBits: 6, dataBits: 8, reuseFactor: 1, strategy: 'latency' });
    const [a, b] = [datapathParts(latency, 1), datapathParts(latency, 2)];
    expect(a.multipliers).toEqual([]);
    expect(a.quantities.digitAdders).toBeGreaterThan(0);
    expect(b.quantities.digitAdders).not.toBe(a.quantities.digitAdders);
  });
});
