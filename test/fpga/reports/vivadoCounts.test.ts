import { describe, expect, test } from 'vitest';
import { readFpgaReport } from '../../../src/fpga/reports/readFpgaReport.js';

const EXPORT = `Implementation tool: Xilinx Vivado v.2018.2
Device target:       xcvu9p-flgb2104-2-i
#=== Post-Synthesis Resource usage ===
LUT:         130031
FF:          108200
DSP:           4962
BRAM:           160
URAM:             0
#=== Final timing ===
CP required:    5.000
CP achieved post-synthesis:    3.907
Timing met
`;
const HIERARCHY = `| Tool Version : Vivado v.2019.1 (lin64) Build 1
| Command      : report_utilization -hierarchical
| Design       : p
| Device       : xcvu13pfhga2104-3
| Design State : Routed

1. Utilization by Hierarchy
---------------------------

+----------+--------+------------+------+--------+--------+------+--------------+
| Instance | Module | Total LUTs |  FFs | RAMB36 | RAMB18 | URAM | DSP48 Blocks |
+----------+--------+------------+------+--------+--------+------+--------------+
| p        |  (top) |        100 |   50 |      1 |      2 |    0 |            5 |
|   (p)    |  (top) |         10 |    5 |      0 |      0 |    0 |            0 |
|   fc1    |  dense |         90 |   45 |      1 |      2 |    0 |            5 |
+----------+--------+------------+------+--------+--------+------+--------------+
`;

describe('reports of Vivado that count once more', () => {
  test('a cut report of export_design is named by what it lacks', () => {
    expect(() => readFpgaReport(EXPORT.slice(0, 100), 'p_export.rpt')).toThrow("no row 'LUT' in the resource usage");
  });

  test('the report of export_design', () => {
    expect(readFpgaReport(EXPORT)).toMatchObject({
      kind: 'vivado-export',
      stage: 'vsynth',
      part: 'xcvu9p-flgb2104-2-i',
      toolVersion: '2018.2',
      clockNs: 5,
      clockEstNs: 3.907,
      resources: { lut: 130031, ff: 108200, dsp: 4962, bram18: 160, uram: 0 },
      warnings: [],
    });
    expect(() => readFpgaReport(EXPORT.replace(/^FF.*\n/m, ''))).toThrow(/no row 'FF'/);
  });

  test('utilisation by hierarchy: the top, and its instances', () => {
    const report = readFpgaReport(HIERARCHY);
    expect(report).toMatchObject({ kind: 'vivado-hierarchy', stage: 'impl', top: 'p' });
    expect(report.resources).toEqual({ lut: 100, ff: 50, dsp: 5, bram18: 4, uram: 0 });
    expect(report.modules.map((m) => [m.name, m.resources.lut])).toEqual([['fc1', 90]]);
    expect(() => readFpgaReport(HIERARCHY.replaceAll('FFs', 'Fxx'))).toThrow(/no column for ff/);
  });
});
