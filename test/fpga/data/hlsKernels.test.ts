import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'fflate';
import { afterAll, describe, expect, it } from 'vitest';
import { readHlsyn, readMl4AccelImpl, readMl4AccelVersions } from '../../../src/fpga/data/hlsKernels.js';
import { hasShared, SHARED } from '../../shared.js';

const folder = mkdtempSync(join(tmpdir(), 'hwcast-kernels-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const put = (file: string, text: string) => writeFileSync(join(folder, file), gzipSync(new TextEncoder().encode(text)));

describe('readers of HLS kernels', () => {
  it('name the row that is wrong', () => {
    const good = {
      kernel: 'atax',
      tool: 'SDx 2018.3',
      point: { __PARA__L0: 1 },
      valid: true,
      cycles: 5,
      bram18: 0,
      dsp: 0,
      lut: 9,
      ff: 9,
    };
    put('hlsyn_designs.jsonl.gz', `${JSON.stringify(good)}\n${JSON.stringify({ ...good, lut: -1 })}\n`);
    expect(() => readHlsyn(folder)).toThrowError(
      expect.objectContaining({ code: 'bad-input', where: expect.stringMatching(/:2$/) }),
    );
    put('hlsyn_designs.jsonl.gz', `${JSON.stringify(good)}\n{"kernel":`);
    expect(() => readHlsyn(folder)).toThrowError(expect.objectContaining({ where: expect.stringMatching(/:2$/) }));
    writeFileSync(join(folder, 'hlsyn_designs.jsonl.gz'), gzipSync(new TextEncoder().encode('{}')).slice(0, 12));
    expect(() => readHlsyn(folder)).toThrowError(expect.objectContaining({ code: 'corrupt' }));
  });

  it('pair each later version with the first of a design', () => {
    const head =
      'design_id,dataset_name,name,part,target_clock_period,version_vitis_hls,clock_period,latency_best_cycles,latency_average_cycles,latency_worst_cycles,resources_lut_used,resources_ff_used,resources_dsp_used,resources_bram_used,resources_uram_used';
    const row = (version: string, lut: number) => `d,s,atax,p,10,${version},7e-9,1,1,100,${lut},5,0,0,0`;
    put('ml4accel_vitis_versions_csynth.csv.gz', [head, row('2022.1', 30), row('2021.1', 20), row('2023.2', 10)].join('\n'));
    expect(readMl4AccelVersions(folder).map((p) => [p.task, p.before.lut, p.after.lut, p.after.dsp])).toEqual([
      ['2021.1 to 2022.1', 20, 30, undefined],
      ['2021.1 to 2023.2', 20, 10, undefined],
    ]);
  });

  it.skipIf(!hasShared)('read the real files (needs ../shared)', () => {
    const data = join(SHARED, 'data/fpga');
    const points = readHlsyn(data);
    expect(points).toHaveLength(34745);
    expect(points.filter((p) => p.cycles > 0).length).toBeGreaterThan(12000);
    const impl = readMl4AccelImpl(data);
    expect(impl).toHaveLength(282);
    for (const p of impl) expect(p.after.power).toBeGreaterThan(0.6);
    expect(readMl4AccelVersions(data).length).toBeGreaterThan(100);
  });
});
