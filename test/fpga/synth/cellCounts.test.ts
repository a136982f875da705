import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { HwcastError } from '../../../src/core/errors.js';
import { cellCounts, otherText } from '../../../src/fpga/synth/cellCounts.js';
import { CELL_TABLES, type CellClass } from '../../../src/fpga/synth/cellTables.js';
import { YOSYS_FAMILIES, type YosysFamily } from '../../../src/fpga/synth/yosysFamilies.js';

const DATASET = resolve(import.meta.dirname, '../../../datasets/yosys-fpga');
const gunzip = (name: string) => gunzipSync(readFileSync(resolve(DATASET, name))).toString('utf8');

describe('cell counts', () => {
  it('counts an xc7 design as Yosys 0.23 reported it', () => {
    const cells = { BUFG: 1, CARRY4: 7, FDRE: 76, INV: 2, LUT1: 1, LUT2: 15, LUT3: 14, LUT4: 18, LUT5: 7, LUT6: 11, MUXF7: 1 };
    const counts = cellCounts('xc7', cells);
    expect(counts).toEqual({
      lut: 66,
      ff: 76,
      carry: 7,
      dsp: 0,
      bram: 0,
      bramBits: 0,
      lutram: 0,
      other: { BUFG: 1, INV: 2, MUXF7: 1 },
    });
    expect(otherText(counts.other)).toBe('BUFG:1;INV:2;MUXF7:1');
  });

  it('weighs cells in the units of the family', () => {
    expect(cellCounts('xc7', { RAMB18E1: 3, RAMB36E1: 2, RAM32M: 2, SRL16E: 1, DSP48E1: 4 })).toMatchObject({
      bram: 7,
      bramBits: 7 * 18432,
      lutram: 9,
      dsp: 4,
      lut: 0,
    });
    expect(cellCounts('nexus', { WIDEFN9: 3, LUT4: 5, CCU2: 2, MULT9X9: 1, DPR16X4: 1 })).toMatchObject({
      lut: 11,
      carry: 2,
      dsp: 1,
      lutram: 4,
    });
    expect(cellCounts('gatemate', { CC_BRAM_20K: 1, CC_BRAM_40K: 1, CC_L2T4: 2 })).toMatchObject({
      bram: 3,
      bramBits: 61440,
      lut: 2,
    });
    expect(cellCounts('ice40', { SB_DFFESR: 2, SB_DFF: 1, SB_DFFNESS: 1 }).ff).toBe(4);
  });

  it('keeps large memories by name and counts their bits', () => {
    expect(cellCounts('ice40', { SB_SPRAM256KA: 2, SB_RAM40_4K: 1 })).toMatchObject({
      bram: 1,
      bramBits: 2 * 262144 + 4096,
      other: { SB_SPRAM256KA: 2 },
    });
  });

  it('refuses a cell it does not know, naming cell and family', () => {
    const refused = (cells: Record<string, number>) => {
      try {
        cellCounts('ecp5', cells, "design 'x'");
      } catch (error) {
        return error as HwcastError;
      }
      throw new Error('not refused');
    };
    const error = refused({ LUT4: 1, EHXPLLL: 2 });
    expect(error).toBeInstanceOf(HwcastError);
    expect([error.code, error.where, error.message]).toEqual([
      'unsupported',
      "design 'x'",
      "2 cells of type 'EHXPLLL', which the table of ecp5 does not have",
    ]);
    expect(refused({ $mul: 1 }).hint).toMatch(/has not mapped all of the design/);
    expect(refused({ SB_LUT4: 1 }).message).toMatch(/'SB_LUT4'/); // of another family
    expect(cellCounts('ecp5', { LUT4: 1, $scopeinfo: 3 }).other).toEqual({});
  });

  it('has one class a cell, a unit for every class with cells, and bits of every large memory', () => {
    expect(Object.keys(CELL_TABLES).sort()).toEqual(Object.keys(YOSYS_FAMILIES).sort());
    for (const family of Object.keys(YOSYS_FAMILIES) as YosysFamily[]) {
      const table = CELL_TABLES[family];
      const names = Object.values(table.cells).flatMap((cells) => Object.keys(cells));
      expect(new Set(names).size, family).toBe(names.length);
      for (const [name, cells] of Object.entries(table.cells) as [CellClass, Record<string, number>][])
        if (name !== 'other') expect(table.units[name] !== null, `${family} ${name}`).toBe(Object.keys(cells).length > 0);
      for (const cell of Object.keys(table.largeMemoryBits ?? {})) expect(table.cells.other).toHaveProperty(cell);
    }
  });
});

describe.skipIf(!existsSync(DATASET))('cell counts of the embedded dataset (datasets/yosys-fpga)', () => {
  it('know every cell of it and give its rows again', () => {
    const rows = gunzip('results.csv.gz').trimEnd().split('\n').slice(1);
    const again = gunzip('cells.jsonl.gz')
      .trimEnd()
      .split('\n')
      .map(
        (line) =>
          JSON.parse(line) as { id: string; family: YosysFamily; tool: string; cells?: Record<string, number>; netlist?: string },
      )
      .filter((r) => r.cells && (r.netlist ?? 'equal') === 'equal')
      .map(({ id, family, tool, cells }) => {
        const c = cellCounts(family, cells!);
        return [id, family, tool, c.lut, c.ff, c.carry, c.dsp, c.bram, c.bramBits, c.lutram, otherText(c.other)].join(',');
      });
    expect(again).toEqual(rows);
    expect(rows.length).toBeGreaterThan(1000);
  });
});
