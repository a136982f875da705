import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readFpgaSources } from '../../../src/fpga/data/fpgaSources.js';
import { readFpgaReport } from '../../../src/fpga/reports/readFpgaReport.js';
import { SHARED } from '../../shared.js';

const DATA = join(SHARED, 'data/fpga'),
  FOLDER = join(DATA, 'reports');
const read = (file: string) => readFpgaReport(readFileSync(join(FOLDER, file), 'utf8'), file);

/** kind, stage, tool version, LUT, FF, DSP, BRAM18, URAM, latency, interval, modules */
const EXPECTED: Record<string, unknown[]> = {
  'hls4ml_fixture_csynth.rpt': ['csynth-rpt', 'csynth', '2020.1', 2532, 7969, 73, 0, 0, [10, 10], [8, 8], 2],
  'hls4ml_fixture_csynth.xml': ['csynth-xml', 'csynth', '2020.1', 2532, 7969, 73, 0, 0, [10, 10], [8, 8], 0],
  'hls4ml_fixture_vivado_synth.rpt': ['vivado-utilization', 'vsynth', '2020.1', 1526, 2428, 66, 0, 0, null, null, 0],
  'vitis2021_mlp_csynth.rpt': ['csynth-rpt', 'csynth', '2021.1', 215814, 176831, 657, 10, 0, [85, 85], [2, 2], 8],
  'vitis2021_mlp_csynth.xml': ['csynth-xml', 'csynth', '2021.1', 215814, 176831, 657, 10, 0, [85, 85], [2, 2], 0],
  'vitis2021_mlp_csynth_overview.rpt': ['csynth-overview', 'csynth', '2021.1', 215814, 176831, 657, 10, 0, [null, 85], [2, 2], 8],
  'vitis2024_mlp_csynth.xml': ['csynth-xml', 'csynth', '2024.1', 14507, 1630, 3, 0, 0, [8, 8], [1, 1], 7],
  'vivado2019_cnn8_csynth.rpt': [
    'csynth-rpt',
    'csynth',
    '2019.2.1',
    100177,
    29245,
    90,
    146,
    0,
    [15633, 15634],
    [1538, 14801],
    14,
  ],
  'vivado2019_cnn8_utilization_synth.rpt': ['vivado-utilization', 'vsynth', '2019.2.1', 17307, 22194, 90, 63, 0, null, null, 0],
  'vivado2019_cnn8_timing_synth.rpt': ['vivado-timing', 'vsynth', '2019.2.1', null, null, null, null, null, null, null, 0],
  'vivado2019_gru_csynth.xml': ['csynth-xml', 'csynth', '2019.2', 122749, 14906, 123, 374, 0, [649, 667], [557, 572], 0],
  'vivado2019_gru_vivado_synth.rpt': ['vivado-utilization', 'vsynth', '2019.2', 30654, 16164, 123, 279, 0, null, null, 0],
  'vivado2025_power_post_route.rpt': ['vivado-power', 'impl', '2025.1', null, null, null, null, null, null, null, 0],
};

describe.skipIf(!existsSync(FOLDER))('real reports (needs ../shared)', () => {
  test('every file of the folder is expected', () => expect(readdirSync(FOLDER).sort()).toEqual(Object.keys(EXPECTED).sort()));

  test.each(Object.entries(EXPECTED))('%s', (file, expected) => {
    const { kind, stage, toolVersion, resources: r, latency, ii, modules, warnings } = read(file);
    const range = (c: typeof latency) => c && [c.min, c.max];
    expect([kind, stage, toolVersion, r.lut, r.ff, r.dsp, r.bram18, r.uram, range(latency), range(ii), modules.length]).toEqual(
      expected,
    );
    expect(warnings).toEqual(kind === 'csynth-overview' ? ['the summary gives the worst-case latency only'] : []);
  });

  test('slack, power, and the same design in two formats', () => {
    expect(read('vivado2019_cnn8_timing_synth.rpt')).toMatchObject({
      timing: { wnsNs: 1.575, tnsNs: 0 },
      clockNs: 5,
      clockEstNs: 3.425,
    });
    expect(read('vivado2025_power_post_route.rpt').power).toEqual({
      totalW: 5.995,
      dynamicW: 5.845,
      staticW: 0.149,
      components: { 'Slice Logic': 0.045, Signals: 0.15, 'I/O': 5.651 },
    });
    const rpt = read('vitis2021_mlp_csynth.rpt'),
      overview = read('vitis2021_mlp_csynth_overview.rpt');
    for (const [i, module] of overview.modules.entries()) expect(module.resources).toEqual(rpt.modules[i].resources);
    expect(overview.clockNs).toBe(rpt.clockNs);
  });

  const long = join(DATA, 'cases/report-overview-exponent/csynth.rpt');
  test.skipIf(!existsSync(long))('an overview with latencies of 10 us and more, `1.187e+04`', () => {
    const { latency, resources, clockNs } = readFpgaReport(readFileSync(long, 'utf8'), long);
    expect([latency?.max, clockNs, resources.lut, resources.bram18]).toEqual([2374, 5, 145061, 58]);
  });

  test.each([
    ['vitis2021_mlp_csynth.xml', 'csynth', 'hls4ml_MLP_estimator_HLS_MLPs/mnist/hls4ml_prj/DSP_reuse2'],
    ['vitis2021_mlp_csynth.rpt', 'csynth', 'hls4ml_MLP_estimator_HLS_MLPs/mnist/hls4ml_prj/DSP_reuse2'],
    [
      'vivado2019_cnn8_csynth.rpt',
      'csynth',
      'hls4ml-data:streaming_comparison/line_buffer/model8_resource_10k/results/csynth.rpt',
    ],
    [
      'vivado2019_cnn8_utilization_synth.rpt',
      'vsynth',
      'hls4ml-data:streaming_comparison/line_buffer/model8_resource_10k/results/csynth.rpt',
    ],
    ['vivado2019_gru_csynth.xml', 'csynth', 'HLS4ML_VS_MANUAL_documents/Benchmarks/RNN/ftag/hls/ftag_gru_hls4ml_prj'],
    ['vivado2019_gru_vivado_synth.rpt', 'vsynth', 'HLS4ML_VS_MANUAL_documents/Benchmarks/RNN/ftag/hls/ftag_gru_hls4ml_prj'],
  ])('%s is the row of the collected table', (file, stage, id) => {
    const row = readFpgaSources(DATA).find((r) => r.id === id && r.stage === stage)!;
    const report = read(file);
    const { lut, ff, dsp, bram18, uram, cycles_min, cycles, ii_min, ii, clockEstNs } = row.labels;
    expect(report.resources).toEqual({ lut, ff, dsp, bram18, uram });
    if (stage === 'csynth') {
      expect(report.latency).toEqual({ min: cycles_min, max: cycles });
      expect(report.ii).toEqual({ min: ii_min, max: ii });
      expect(report).toMatchObject({
        clockEstNs,
        clockNs: row.clockNs,
        part: row.part,
        tool: row.tool,
        toolVersion: row.toolVersion,
      });
      expect(report.available).toEqual(row.available);
    }
  });

  test('modules of a report are the rows of the module table', () => {
    const report = read('vitis2021_mlp_csynth.rpt');
    const rows = readFpgaSources(DATA).filter(
      (r) => r.source === 'hls4ml_modules' && r.id.startsWith('hls4ml_MLP_estimator_HLS_MLPs/mnist/hls4ml_prj/DSP_reuse2#'),
    );
    expect(rows.length).toBe(report.modules.length);
    for (const row of rows) {
      const module = report.modules.find((m) => row.id.endsWith(`#${m.name}`))!;
      const { lut, ff, dsp, bram18, uram, cycles_min, cycles } = row.labels;
      expect(module.resources, row.id).toEqual({ lut, ff, dsp, bram18, uram });
      expect(module.latency).toEqual({ min: cycles_min, max: cycles });
    }
  });
});
