import { describe, expect, it } from 'vitest';
import { fpgaPartNamed } from '../../../src/device/fpgaParts.js';
import { NO_RESOURCES } from '../../../src/fpga/reports/fpgaReport.js';
import { partsCsv, partsText } from '../../../src/present/fpga/partView.js';
import { type ReadReport, reportsJson, reportsText } from '../../../src/present/fpga/reportView.js';

describe('views of parts', () => {
  const parts = [fpgaPartNamed('xc7z020')];

  it('as CSV: capacities, then other names', () =>
    expect(partsCsv(parts)).toMatch(
      /^part,family,lut,ff,dsp,bram18,uram,multiplier,boards and other names,io\nxc7z020,.*,53200,106400,220,280,0,DSP48E1,.*pynq-z2.*,200$/,
    ));

  it('as text: numbers to the right', () =>
    expect(partsText(parts)).toMatch(/^xc7z020 .* 53200 +106400 +220 +280 +0 +DSP48E1 /m));
});

describe('views of reports', () => {
  const report = {
    file: 'runs/csynth.rpt',
    kind: 'csynth-rpt',
    stage: 'csynth',
    tool: 'Vitis HLS',
    toolVersion: '2021.1',
    latency: { min: 3, max: 9 },
    ii: { min: 4, max: 4 },
    resources: { ...NO_RESOURCES, lut: 12 },
    warnings: [],
  } as unknown as ReadReport;

  it('as text: ranges, the name of the file alone, nothing where a report says nothing', () =>
    expect(reportsText([report]).split('\n')[1].split(/ {2,}/)).toEqual([
      'csynth.rpt',
      'csynth-rpt',
      'csynth',
      'Vitis HLS 2021.1',
      '3-9',
      '4',
      '12',
    ]));

  it('as text: slack and power below the table', () => {
    const timing = { wnsNs: 1.575, tnsNs: 0, clocks: [{ name: 'ap_clk', periodNs: 5 }] },
      power = { totalW: 6, dynamicW: 5, staticW: 1, components: {} };
    expect(
      reportsText([
        { ...report, timing, clockEstNs: 3.425 },
        { ...report, power },
      ])
        .split('\n')
        .slice(3),
    ).toEqual([
      'csynth.rpt: worst slack 1.575 ns, total 0 ns, clock ap_clk of 5 ns; a period of 3.425 ns is reached',
      'csynth.rpt: power 6 W (static 1, dynamic 5)',
    ]);
  });

  it('as JSON: all of it', () => expect(JSON.parse(reportsJson([report]))).toEqual([report]));
});
