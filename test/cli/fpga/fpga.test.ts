import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerFpga } from '../../../src/cli/fpga/fpga.js';
import { hlsNetwork } from '../../../src/fpga/design/designBuilder.js';
import { hasShared, SHARED } from '../../shared.js';
import { runCommand } from '../runCommand.js';

const fpga = (...args: string[]) => runCommand(registerFpga, ['fpga', ...args]);
let folder: string, file: string;
const net = (id: string) =>
  hlsNetwork({ id, input: [16], bits: 16, reuseFactor: 4, strategy: 'resource', part: 'xcu250-figd2104-2L-e', clockNs: 5 })
    .dense(32)
    .relu()
    .dense(5)
    .build();

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hwcast-fpga-cli-'));
  file = join(folder, 'net.json');
  writeFileSync(file, JSON.stringify(net('net')));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('hwcast fpga predict', () => {
  it('shows layers, both stages, share of the part, verdict and energy', async () => {
    const { stdout } = await fpga('predict', file, '--part', 'pynq-z2');
    expect(stdout).toMatch(/^net on xc7z020: io_parallel, resource, 5 ns$/m);
    expect(stdout).toMatch(/^dense_0 +dense +4 +128/m);
    expect(stdout).toMatch(/^Whole design, csynth: \S+/m);
    expect(stdout).toMatch(/^Whole design, vsynth: \S+/m);
    expect(stdout).toMatch(/^dsp +\d+ .* %/m);
    expect(stdout).toMatch(/uJ an inference/);
  });

  it('prints one CSV row a design and stage, the same alone and among others', async () => {
    const many = join(folder, 'many.jsonl');
    writeFileSync(many, [net('a'), net('net'), { ...net('b'), layers: [] }, net('c')].map((d) => JSON.stringify(d)).join('\n'));
    const { stdout, stderr } = await fpga('predict', '--input', many, '--csv');
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^id,stage,lut,ff,dsp,bram18,uram,lat_min,lat_max,ii_min,ii_max,feasible,lut_low,lut_high,/);
    expect(lines).toHaveLength(1 + 3 * 2);
    expect(stderr).toMatch(/left out: .*many\.jsonl:3/);
    const alone = (await fpga('predict', file, '--csv')).stdout.trimEnd().split('\n');
    expect(lines.filter((l) => l.startsWith('net,'))).toEqual(alone.slice(1));
  });

  it('reads gzip, and JSON has numbers, reasons and layers', async () => {
    const packed = join(folder, 'net.json.gz');
    writeFileSync(packed, gzipSync(readFileSync(file)));
    const [csynth, vsynth] = JSON.parse((await fpga('predict', packed, '--json')).stdout);
    expect(csynth).toMatchObject({ id: 'net', stage: 'csynth', part: 'xcu250', feasible: 'fits', reasons: [] });
    expect(csynth.layers).toHaveLength(3);
    expect(vsynth.lut.value).toBeLessThan(csynth.lut.value);
    writeFileSync(join(folder, 'cut.json.gz'), gzipSync(readFileSync(file)).slice(0, 60));
    expect((await fpga('predict', join(folder, 'cut.json.gz'))).error).toMatchObject({ code: 'corrupt', exitCode: 3 });
  });

  it.each<[string, string[], RegExp, number]>([
    ['no design', ['predict'], /which design\?/, 2],
    ['a missing file', ['predict', 'nowhere.json'], /nowhere\.json/, 4],
    ['an unknown part', ['predict', 'FILE', '--part', 'xc7z02'], /no FPGA part 'xc7z02'/, 4],
    ['an unknown stage', ['predict', 'FILE', '--stages', 'place'], /no label stage 'place'/, 2],
    ['a bad clock', ['predict', 'FILE', '--clock', 'fast'], /--clock takes a period in ns/, 2],
    ['an unknown budget', ['explore', 'FILE', '--budget', 'lots=3'], /does not understand 'lots=3'/, 2],
  ])('%s is an error', async (_, args, message, exitCode) => {
    const { error, stdout } = await fpga(...args.map((a) => (a === 'FILE' ? file : a)));
    expect(error?.message).toMatch(message);
    expect(error).toMatchObject({ exitCode });
    expect(stdout).toBe('');
  });

  it('a JSONL row without precision names file and row', async () => {
    const row = join(folder, 'row.jsonl');
    writeFileSync(
      row,
      JSON.stringify({ id: 'x', model_id: 'x', layers: [{ kind: 'dense', n_in: 4, n_out: 4 }], strategy: 'latency' }),
    );
    const { error } = await fpga('predict', '--input', row);
    expect(error).toMatchObject({ exitCode: 3 });
    expect(`${error?.message} ${(error as { where?: string })?.where}`).toMatch(/precision.*row\.jsonl/s);
  });

  it.skipIf(!hasShared)('predicts every row of the shared project file that has a design (needs ../shared)', async () => {
    const { stdout } = await fpga(
      'predict',
      '--input',
      join(SHARED, 'data/fpga/hls4ml_projects.jsonl.gz'),
      '--csv',
      '--stages',
      'csynth',
    );
    const rows = stdout.trimEnd().split('\n').slice(1);
    expect(rows.length).toBeGreaterThan(50);
    for (const row of rows) expect(row.split(',')[2]).toMatch(/^\d+$/);
  });
});

describe('hwcast fpga explore', () => {
  it('prints the front, explains steps, and writes tables and figures', async () => {
    const out = join(folder, 'out');
    const { stdout } = await fpga('explore', file, '--part', 'xc7z020', '--budget', 'dsp=100', '--bits', '4,8', '--out', out);
    expect(stdout).toMatch(/^Pareto front on xc7z020: \d+ of \d+ settings/);
    expect(stdout).toMatch(/Steps where more reuse costs more:/);
    const front = readFileSync(join(out, 'front.csv'), 'utf8').trimEnd().split('\n');
    expect(front[0]).toMatch(/^dense_0\.reuse,dense_0\.bits,dense_1\.reuse,dense_1\.bits,lut,/);
    for (const row of front.slice(1)) expect(row).toMatch(/,(likely-)?fits,true,true$/);
    expect(readFileSync(join(out, 'front.svg'), 'utf8')).toMatch(/^<svg/);
    expect(readFileSync(join(out, 'front.png')).subarray(1, 4).toString()).toBe('PNG');
  });
});

describe('hwcast fpga parts and report', () => {
  it('lists parts and one by its board', async () => {
    expect((await fpga('parts', 'pynq-z2', '--csv')).stdout).toMatch(/^part,.*\nxc7z020,.*,53200,106400,220,280,0,DSP48E1,/);
    expect((await fpga('parts')).stdout.split('\n').length).toBeGreaterThan(90);
  });

  it.skipIf(!hasShared)('shows reports of several tools in one table (needs ../shared)', async () => {
    const at = (f: string) => join(SHARED, 'data/fpga/reports', f);
    const { stdout } = await fpga('report', at('hls4ml_fixture_csynth.xml'), at('hls4ml_fixture_vivado_synth.rpt'));
    expect(stdout).toMatch(/hls4ml_fixture_csynth\.xml +csynth_xml|hls4ml_fixture_csynth\.xml +\S+ +csynth/);
    expect(stdout.trimEnd().split('\n')).toHaveLength(3);
    expect((await fpga('report', at('hls4ml_fixture_csynth.xml'), '--json')).stdout).toMatch(/"resources"/);
  });
});
