import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { type FpgaSourceIssue, readFpgaSources } from '../../../src/fpga/data/fpgaSources.js';
import { weightMatrix } from '../../../src/fpga/design/hlsDesign.js';
import { SHARED } from '../../shared.js';

const folder = mkdtempSync(join(tmpdir(), 'hwcast-fpga-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const fresh = (): string => mkdtempSync(join(folder, 'f'));

const DENSE = `model_id,n_in,n_out,weight_bits,reuse_factor,strategy,io_type,part,tool,tool_version,synth_success,clock_target_ns,clock_est_ns,lat_min,lat_max,ii_min,ii_max,lut,ff,dsp,bram18,uram
a,32,32,4,512,resource,io_parallel,xcu250-figd2104-2L-e,vivado_hls,2020.1,1,5,3.344,513,514,512,512,6750,644,0,2,0
b,32,96,14,1,latency,io_parallel,xcu250-figd2104-2L-e,vivado_hls,2020.1,0,,,,,,,,,,,
`;
const NETWORK = `family,model_id,model_string,weight_bits,reuse_factor,strategy,io_type,part,tool_version,clock_target_ns,clock_est_ns,lat_min,lat_max,ii_min,ii_max,bram36_tiles,dsp,ff,lut,uram
dense3,c,104-48-8,4,1024,resource,io_parallel,xcu250-figd2104-2L-e,2023.2,5,4.002,2917,2920,2917,2920,10.5,0,24155,32468,0
`;
const PROJECT = {
  id: 'p',
  source: 'repo',
  model_id: 'm',
  variant: 'LUT_reuse1',
  input_precision: { bits: 8, int_bits: 2, signed: true },
  strategy: 'latency',
  reuse_factor: 1,
  io_type: 'io_parallel',
  backend: 'Vitis',
  hls4ml_version: null,
  part: 'xc7z007s-clg225-2',
  tool: 'vitis_hls',
  tool_version: '2021.1',
  clock_target_ns: 5,
  layers: [
    {
      config: 'config2',
      kind: 'dense',
      n_in: 8,
      n_out: 4,
      reuse_factor: 1,
      strategy: 'latency',
      weight: { bits: 8, int_bits: 2, signed: true },
    },
  ],
  csynth: { clock_est_ns: 4, lat_min: null, lat_max: 4, ii_min: 1, ii_max: 1, bram18: 2, dsp: 3, ff: 5, lut: 6, uram: 0 },
  available: { bram18: 100, dsp: 66, ff: 28800, lut: 14400, uram: 0 },
  vsynth: { lut: 4, ff: 5, bram36_tiles: 1.5, bram18: 3, uram: 0, dsp: 3, device: 'd', vivado_version: '2021.1' },
};
const MODULE = {
  project: 'p',
  source: 'repo',
  model_id: 'm',
  module: 'dense_latency_ap_fixed_8_2_5_3_0_ap_fixed_16_4_5_3_0_config2_s',
  layer: null,
  part: 'xc7z007s-clg225-2',
  tool_version: '2021.1',
  clock_target_ns: 5,
  csynth: { lat_min: 1, lat_max: 1, ii_min: 1, ii_max: 1, dsp: 3, ff: 4, lut: 5, bram18: 0, uram: 0 },
};

describe('readFpgaSources', () => {
  test('a row a design and stage, units of 18 Kb, failed rows without labels', () => {
    const at = fresh();
    writeFileSync(join(at, 'wa_hls4ml_dense1_csynth.csv'), DENSE);
    writeFileSync(join(at, 'wa_hls4ml_conv2d_dense3_vsynth.csv.gz'), gzipSync(NETWORK));
    writeFileSync(join(at, 'hls4ml_projects.jsonl'), `${JSON.stringify(PROJECT)}\n`);
    writeFileSync(join(at, 'hls4ml_modules.jsonl'), `${JSON.stringify(MODULE)}\n`);
    const rows = readFpgaSources(at);
    expect(rows.map((r) => [r.source, r.stage, r.success, r.labels.bram18, r.tool])).toEqual([
      ['wa_hls4ml_dense1', 'csynth', true, 2, 'vivado_hls'],
      ['wa_hls4ml_dense1', 'csynth', false, undefined, 'vivado_hls'],
      ['wa_hls4ml_dense3', 'vsynth', true, 21, 'vitis_hls'],
      ['repo', 'csynth', true, 2, 'vitis_hls'],
      ['repo', 'vsynth', true, 3, 'vivado'],
      ['hls4ml_modules', 'csynth', true, 0, 'vitis_hls'],
    ]);
    expect(rows[1]).toMatchObject({ labels: {}, clockNs: null });
    expect(rows[2].labels.ii_min).toBeUndefined(); // the source repeats the latency there
    expect(rows[3].labels).not.toHaveProperty('cycles_min');
    expect(rows[3]).toMatchObject({
      labels: { cycles: 4 },
      available: { dsp: 66 },
      variant: 'LUT_reuse1',
      design: { multipliers: 'lut' },
    });
    expect(rows[3].design.layers[0].result).toEqual({ bits: 16, intBits: 4, signed: true });
    expect(rows[5].design).toMatchObject({ multipliers: 'lut', layers: [{ kind: 'dense', inShape: [8] }] });
  });

  test('bad rows go to onIssue or are thrown with file and row', () => {
    const at = fresh();
    const { input_precision: _, ...bare } = PROJECT;
    writeFileSync(
      join(at, 'hls4ml_projects.jsonl'),
      `${JSON.stringify({ ...PROJECT, layers: [], id: 'q' })}\n\n${JSON.stringify(bare)}\n`,
    );
    expect(() => readFpgaSources(at)).toThrow(/no 'input_precision'/);
    const issues: FpgaSourceIssue[] = [];
    expect(readFpgaSources(at, { onIssue: (issue) => issues.push(issue) })).toEqual([]);
    expect(issues.map((i) => [i.id, i.error.code])).toEqual([
      ['q', 'unsupported'],
      ['p', 'bad-input'],
    ]);
    expect(issues[1].error.where).toBe(`${join(at, 'hls4ml_projects.jsonl')}:3 'p'`);
  });

  test('absent, cut and damaged files', () => {
    expect(() => readFpgaSources(fresh())).toThrow(expect.objectContaining({ code: 'not-found' }));
    const at = fresh();
    writeFileSync(join(at, 'hls4ml_projects.jsonl.gz'), gzipSync(`${JSON.stringify(PROJECT)}\n`).subarray(0, 60));
    expect(() => readFpgaSources(at)).toThrow(expect.objectContaining({ code: 'corrupt' }));
    const other = fresh();
    writeFileSync(join(other, 'hls4ml_projects.jsonl'), JSON.stringify(PROJECT).slice(0, -20));
    expect(() => readFpgaSources(other)).toThrow(/not whole JSON/);
    const csv = fresh();
    writeFileSync(join(csv, 'wa_hls4ml_dense1_csynth.csv'), DENSE.replace(',6750,', ',many,'));
    expect(() => readFpgaSources(csv)).toThrow(expect.objectContaining({ code: 'bad-input' }));
  });
});

const shared = join(SHARED, 'data/fpga');
describe.skipIf(!existsSync(shared))('the collected tables (needs ../shared)', () => {
  const issues: FpgaSourceIssue[] = [];
  const rows = existsSync(shared) ? readFpgaSources(shared, { onIssue: (issue) => issues.push(issue) }) : [];

  test('every row is read but one that lists no layers', () => {
    expect(issues.map((i) => [i.id, i.error.code])).toEqual([['hls4ml_OpenML_pruned_cnn', 'unsupported']]);
    const count = (source: string, stage: string): number => rows.filter((r) => r.source === source && r.stage === stage).length;
    expect(count('wa_hls4ml_dense1', 'csynth')).toBe(2273);
    expect(rows.filter((r) => r.success && r.source === 'wa_hls4ml_dense1')).toHaveLength(829);
    expect(count('wa_hls4ml_conv2d', 'vsynth') + count('wa_hls4ml_dense3', 'vsynth')).toBe(54);
    expect(count('hls4ml_modules', 'csynth')).toBe(246);
    expect(rows.filter((r) => !/^(wa_|hls4ml_modules)/.test(r.source) && r.stage === 'csynth')).toHaveLength(53);
    expect(rows.filter((r) => !/^(wa_|hls4ml_modules)/.test(r.source) && r.stage === 'vsynth')).toHaveLength(14);
    expect(new Set(rows.map((r) => `${r.source} ${r.stage} ${r.id}`)).size).toBe(rows.length);
  });

  test('only the convolutions whose kernel is not recorded are opaque', () => {
    const opaque = rows.filter((r) => r.design.layers.some((l) => l.kind === 'opaque'));
    expect(new Set(opaque.map((r) => r.source))).toEqual(new Set(['wa_hls4ml_conv2d']));
    expect(opaque.every((r) => r.unknown.includes('kernel'))).toBe(true);
  });

  test('zero weights are those of the matrix', () => {
    const pruned = rows.flatMap((r) => r.design.layers).filter((l) => l.kind === 'dense' && l.zeroWeights !== undefined);
    expect(pruned.length).toBeGreaterThan(100);
    for (const layer of pruned) {
      const { nIn, nOut } = weightMatrix(layer)!;
      expect(layer.zeroWeights).toBeLessThanOrEqual(nIn * nOut);
    }
  });
});
