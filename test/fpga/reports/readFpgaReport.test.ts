import { describe, expect, test } from 'vitest';
import { HwcastError } from '../../../src/core/errors.js';
import { fpgaReportKind, readFpgaReport } from '../../../src/fpga/reports/readFpgaReport.js';
import { resourcesOfCells } from '../../../src/fpga/reports/yosysStat.js';
import { CSYNTH_RPT_2018, CSYNTH_XML, PATHS, POWER, TIMING, UTILIZATION, YOSYS } from './tinyReports.js';

const corrupt = (text: string): string => {
  try {
    readFpgaReport(text, 'f');
  } catch (error) {
    expect(error).toBeInstanceOf(HwcastError);
    expect(error).toMatchObject({ code: 'corrupt', where: 'f' });
    return (error as HwcastError).message;
  }
  throw new Error('nothing was thrown');
};

describe('csynth.xml', () => {
  test('values with their units', () => {
    expect(readFpgaReport(CSYNTH_XML)).toEqual({
      kind: 'csynth-xml',
      stage: 'csynth',
      top: 'top',
      part: 'xc7z020-clg400-1',
      tool: 'vivado_hls',
      toolVersion: '2020.1',
      clockNs: 5,
      clockEstNs: 4.049,
      latency: { min: 10, max: 12 },
      ii: { min: 8, max: 9 },
      resources: { lut: 2532, ff: 7969, dsp: 73, bram18: 3, uram: 0 },
      available: { lut: 53200, ff: 106400, dsp: 220, bram18: 280, uram: 0 },
      modules: [],
      warnings: [],
    });
  });

  test.each(['undef', '?'])('latency %s is null with a warning', (text) => {
    const report = readFpgaReport(
      CSYNTH_XML.replace(/>(10|12)<\/(Best|Worst)/g, `>${text}</$2`).replace(/>(\d+\.\d+ ns)</g, `>${text}<`),
    );
    expect(report.latency).toBeNull();
    expect(report.ii).toEqual({ min: 8, max: 9 });
    expect(report.warnings).toContain(`Best-caseLatency is '${text}': the tool could not tell it`);
    const half = readFpgaReport(CSYNTH_XML.replace('<Worst-caseLatency>12', `<Worst-caseLatency>${text}`));
    expect(half.latency).toEqual({ min: 10, max: null });
  });

  test('a cut behind the summary is a warning, inside it an error that says what is missing', () => {
    const after = readFpgaReport(CSYNTH_XML.slice(0, CSYNTH_XML.indexOf('<InterfaceSummary>') + 10));
    expect(after.resources.lut).toBe(2532);
    expect(after.warnings.join()).toContain('the file is not whole');
    expect(corrupt(CSYNTH_XML.slice(0, CSYNTH_XML.indexOf('<LUT>2532') + 7))).toMatch(
      /no whole <AreaEstimates><Resources>; line \d+|ends inside/,
    );
    expect(corrupt(CSYNTH_XML.slice(0, CSYNTH_XML.indexOf('<Worst')))).toContain('SummaryOfOverallLatency');
    expect(corrupt(CSYNTH_XML.slice(0, 60))).toContain('Part');
  });

  test('what contradicts itself is a warning', () => {
    expect(readFpgaReport(CSYNTH_XML.replace('>10<', '>11<')).warnings.join()).toContain('11 cycles of 5 ns are not 50.000 ns');
    expect(readFpgaReport(CSYNTH_XML.replace('>53200<', '>53201<')).warnings.join()).toContain('available lut is 53201');
    expect(readFpgaReport(CSYNTH_XML.replace('Interval-min>8<', 'Interval-min>80<')).warnings.join()).toContain('the least, 80');
    expect(readFpgaReport(CSYNTH_XML.replace('<URAM>0</URAM>\n</Res', '</Res'))).toMatchObject({
      resources: { uram: null },
      warnings: ['uram is not in the report'],
    });
  });

  test.each(['2 532', '2532 ', '0x9e4', '-5', '2532.0', '02532', ''])('LUT of %j is no count', (text) => {
    expect(corrupt(CSYNTH_XML.replace('>2532<', `>${text}<`))).toMatch(/LUT/);
  });
});

describe('csynth.rpt', () => {
  test('the layout of 2018', () => {
    expect(readFpgaReport(`SYNTHESIS REPORT:${CSYNTH_RPT_2018}`)).toMatchObject({
      kind: 'csynth-rpt',
      top: 'top',
      part: 'xc7z020clg400-1',
      tool: 'vivado_hls',
      toolVersion: '2018.2',
      clockNs: 5,
      clockEstNs: 4.371,
      latency: { min: 10, max: 11 },
      ii: { min: 1, max: 2 },
      resources: { lut: 2032, ff: 1019, dsp: 72, bram18: 4, uram: null },
      available: { dsp: 220 },
      modules: [
        { name: 'a', instance: 'a_U0', latency: { min: 3, max: 4 }, ii: { min: 1, max: 1 }, resources: { lut: 1500, dsp: 60 } },
        { name: 'b', latency: null, ii: null, resources: { lut: 500 } },
      ],
    });
  });

  test('latency unknown to the tool', () => {
    const report = readFpgaReport(CSYNTH_RPT_2018.replace('|   10|   11|    1|    2|', '|    ?|    ?|    ?|    ?|'));
    expect([report.latency, report.ii]).toEqual([null, null]);
    expect(report.warnings.join()).toContain("least latency is '?'");
  });

  test('sums and percentages are compared', () => {
    const changed = (from: string, to: string): string => readFpgaReport(CSYNTH_RPT_2018.replace(from, to)).warnings.join();
    expect(changed('|   2032|', '|   2132|')).toContain('lut, sum of the parts and total');
    expect(changed('|     60|', '|     61|')).toContain('dsp, sum of the instances');
    expect(changed('|     32|', '|     42|')).toContain('dsp in percent');
  });

  test('a row that does not fit its table is an error in the summary, a warning in the details', () => {
    expect(corrupt(CSYNTH_RPT_2018.replace('|   2032|', '|  2032|'))).toContain('Utilization Estimates / Summary');
    expect(corrupt(CSYNTH_RPT_2018.replace('|   10|   11|', '|   10|  11|'))).toContain('Latency / Summary');
    const detail = readFpgaReport(CSYNTH_RPT_2018.replace('|a_U0      |a       |        4|', '|a_U0      |a       |       4|'));
    expect(detail.modules).toEqual([]);
    expect(detail.warnings.join()).toContain('modules are not read');
  });

  test('cut before a table', () => {
    expect(corrupt(CSYNTH_RPT_2018.slice(0, CSYNTH_RPT_2018.indexOf('== Utilization')))).toContain(
      "no table 'Utilization Estimates / Summary'",
    );
    expect(corrupt(CSYNTH_RPT_2018.slice(0, CSYNTH_RPT_2018.indexOf('* Target')))).toContain('Target device');
    expect(readFpgaReport(CSYNTH_RPT_2018.slice(0, CSYNTH_RPT_2018.indexOf('== Interface'))).warnings.join()).toContain(
      'Interface',
    );
  });
});

describe('Vivado', () => {
  test('utilisation after routing: tiles of 36 Kb become two blocks', () => {
    expect(readFpgaReport(UTILIZATION())).toMatchObject({
      kind: 'vivado-utilization',
      stage: 'impl',
      part: 'xczu9eg-ffvb1156-2-e',
      tool: 'vivado',
      toolVersion: '2022.2',
      latency: null,
      resources: { lut: 2740, ff: 5000, dsp: 66, bram18: 15, uram: 0 },
      available: { lut: 274080, bram18: 1824 },
      warnings: [],
    });
  });

  test('the stage is the state of the design, else the name of the file', () => {
    expect(readFpgaReport(UTILIZATION('Synthesized')).stage).toBe('vsynth');
    expect(readFpgaReport(UTILIZATION('Fully Placed')).stage).toBe('impl');
    expect(readFpgaReport(UTILIZATION(''), 'post_route.rpt').stage).toBe('impl');
    expect(readFpgaReport(UTILIZATION(''), 'vivado_synth.rpt').stage).toBe('vsynth');
    expect(readFpgaReport(UTILIZATION(''), 'u').warnings.join()).toContain('taken as synthesised');
  });

  test('parts and percentages are compared; quarters of a tile are an error', () => {
    const changed = (from: string, to: string): string => readFpgaReport(UTILIZATION().replace(from, to)).warnings.join();
    expect(changed('| 2740 |', '| 2741 |')).toContain('CLB LUTs and its parts');
    expect(changed('|  7.5 |', '|  8.5 |')).toContain('Block RAM Tile');
    expect(changed('|  2.62 |', '|  3.62 |')).toContain('DSPs in percent');
    expect(corrupt(UTILIZATION().replace('|  7.5 |', '| 7.25 |'))).toContain('multiple of 0.5');
    expect(corrupt(UTILIZATION().slice(0, UTILIZATION().lastIndexOf('3. ARITHMETIC')))).toMatch(
      /no row for dsp.*'3. ARITHMETIC'/,
    );
  });

  test('timing: slack and the period it would reach', () => {
    expect(readFpgaReport(TIMING)).toMatchObject({
      kind: 'vivado-timing',
      stage: 'impl',
      clockNs: 3.333,
      clockEstNs: 3.458,
      timing: { wnsNs: -0.125, tnsNs: -3.5, clocks: [{ name: 'ap_clk', periodNs: 3.333 }] },
      warnings: [],
    });
    const none = readFpgaReport(TIMING.replace('     -0.125 ', '         NA ').replace('-0.125', '    NA'));
    expect(none.timing?.wnsNs).toBeNull();
    expect(none.clockEstNs).toBeUndefined();
    expect(none.warnings.join()).toContain("WNS(ns) is 'NA'");
    expect(readFpgaReport(TIMING.replace('     -0.125 ', '     -0.225 ')).warnings.join()).toContain('worst slack');
    expect(readFpgaReport(TIMING.replace('300.030', '310.030')).warnings.join()).toContain('period and frequency');
    expect(corrupt(TIMING.slice(0, TIMING.indexOf('     -0.125')))).toContain('Design Timing Summary');
  });

  test('paths of report_timing: the worst slack of those listed', () => {
    expect(readFpgaReport(PATHS)).toMatchObject({
      kind: 'vivado-timing',
      stage: 'impl',
      clockNs: 5,
      clockEstNs: 0.748,
      timing: { wnsNs: 4.252, tnsNs: null, clocks: [{ name: 'clk', periodNs: 5 }] },
    });
    const hold = PATHS.replaceAll('Setup (Max', 'Hold (Min');
    expect(readFpgaReport(hold)).toMatchObject({ timing: { wnsNs: null, clocks: [] } });
    expect(readFpgaReport(hold).warnings.join()).toContain('only paths for hold');
    expect(readFpgaReport(PATHS.replace('4.500ns', '4.100ns')).warnings.join()).toContain('slack of a path');
    const free = PATHS.replace(/Slack \(MET\) : +4\.252ns.*/, 'Slack:                    inf');
    expect(readFpgaReport(free)).toMatchObject({ timing: { wnsNs: 4.5 } });
    expect(corrupt(PATHS.slice(0, PATHS.indexOf('Slack')))).toContain("no path with a line 'Slack'");
  });

  test('power: total, dynamic, static, components', () => {
    expect(readFpgaReport(POWER)).toMatchObject({
      kind: 'vivado-power',
      stage: 'impl',
      power: { totalW: 0.686, dynamicW: 0.066, staticW: 0.62, components: { Clocks: 0.02, 'CLB Logic': 0.046, DSPs: 0.0005 } },
      warnings: [],
    });
    expect(readFpgaReport(POWER.replace('| 0.686 |', '| 0.696 |')).warnings.join()).toContain('total power');
    expect(corrupt(POWER.replace('| Dynamic (W)              | 0.066 |\n', ''))).toContain("no row 'Dynamic (W)'");
    expect(readFpgaReport(POWER.slice(0, POWER.lastIndexOf('3.1 By'))).warnings.join()).toContain('By Hierarchy');
  });
});

describe('Yosys', () => {
  test('cells of modules and of the whole', () => {
    expect(readFpgaReport(`log..\n${JSON.stringify(YOSYS, null, 3)}\n\nEnd of script.`)).toMatchObject({
      kind: 'yosys-stat',
      stage: 'vsynth',
      top: 'top',
      tool: 'yosys',
      toolVersion: '0.23',
      resources: { lut: 18, ff: 24, dsp: 3, bram18: 6, uram: 0 },
      cells: { IBUF: 7, LUT6: 12, FDRE: 24 },
      modules: [{ name: 'mac', resources: { lut: 6, ff: 8, dsp: 1, bram18: 2 } }],
      warnings: [],
    });
  });

  test('contradictions and cuts', () => {
    const wrong = { ...YOSYS, design: { num_cells: 58, num_cells_by_type: { IBUF: 7, LUT6: 51 } } };
    expect(readFpgaReport(JSON.stringify(wrong)).warnings.join()).toMatch(/cells LUT6 of the design/);
    expect(readFpgaReport(JSON.stringify(YOSYS).replace('"num_cells":17', '"num_cells":18')).warnings.join()).toContain(
      'cells of mac and their sum',
    );
    expect(corrupt(JSON.stringify(YOSYS).slice(0, -3))).toContain('ends before');
    expect(corrupt(JSON.stringify(YOSYS).replace('"num_cells":10,', ''))).toContain('num_cells');
    const circle = {
      ...YOSYS,
      modules: { a: { num_cells: 1, num_cells_by_type: { b: 1 } }, b: { num_cells: 1, num_cells_by_type: { a: 1 } } },
    };
    expect(corrupt(JSON.stringify(circle))).toContain('contains itself');
  });

  test('cells of other families', () => {
    expect(resourcesOfCells({ LUT4: 10, CCU2C: 2, TRELLIS_FF: 3, MULT18X18D: 1, DP16KD: 2, PFUMX: 4 })).toMatchObject({
      lut: 14,
      ff: 3,
      dsp: 1,
      bram18: 2,
      carry: 2,
    });
    expect(resourcesOfCells({ SB_LUT4: 10, SB_CARRY: 4, SB_DFFESR: 2, SB_MAC16: 1, SB_RAM40_4K: 9 })).toMatchObject({
      lut: 10,
      ff: 2,
      dsp: 1,
      bram18: 2,
      carry: 4,
    });
    expect(resourcesOfCells({ LUT3: 5, ALU: 4, DFFCE: 2, MULT9X9: 1, SDPB: 1 })).toMatchObject({
      lut: 9,
      ff: 2,
      dsp: 1,
      bram18: 1,
    });
    expect(
      resourcesOfCells({ MISTRAL_ALUT4: 5, MISTRAL_ALUT_ARITH: 3, MISTRAL_FF: 2, MISTRAL_MUL18X18: 1, MISTRAL_M10K: 2 }),
    ).toMatchObject({ lut: 8, ff: 2, dsp: 1, bram18: 2 });
  });
});

test('detection by content', () => {
  const kinds = [CSYNTH_XML, CSYNTH_RPT_2018, UTILIZATION(), TIMING, POWER, JSON.stringify(YOSYS)].map(fpgaReportKind);
  expect(kinds).toEqual(['csynth-xml', 'csynth-rpt', 'vivado-utilization', 'vivado-timing', 'vivado-power', 'yosys-stat']);
  expect(() => readFpgaReport('hello', 'f')).toThrow(expect.objectContaining({ code: 'unsupported', where: 'f' }));
  expect(() => readFpgaReport('  \n', 'f')).toThrow(expect.objectContaining({ code: 'corrupt' }));
  expect(readFpgaReport(`${CSYNTH_RPT_2018}\0`).warnings.join()).toContain('no text');
  expect(readFpgaReport(CSYNTH_RPT_2018.replaceAll('\n', '\r\n')).resources.lut).toBe(2032);
  expect(readFpgaReport(UTILIZATION().replaceAll('\n', '\r\n')).warnings).toEqual([]);
});
