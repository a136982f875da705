import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { registerDevices } from '../../src/cli/devices.js';
import { CATALOGUE } from '../../src/device/catalogue.js';
import type { DeviceSpec } from '../../src/device/deviceSpec.js';
import { userDevices } from '../../src/device/userDevices.js';
import { runCommand } from './runCommand.js';

const devices = (...args: string[]) => runCommand(registerDevices, ['devices', ...args]);

describe('hwcast devices', () => {
  it('lists the catalogue, one device a line, and how many each figure is known of', async () => {
    const { stdout } = await devices();
    const lines = stdout.trimEnd().split('\n');
    expect(lines.indexOf('')).toBe(CATALOGUE.length + 1);
    const known = (of: (d: DeviceSpec) => unknown) => CATALOGUE.filter((d) => of(d) !== undefined).length;
    expect(stdout).toContain(`known, of ${CATALOGUE.length} devices:`);
    expect(stdout).toContain(` fp8 ${known((d) => d.peak.fp8)},`);
    expect(stdout).toContain(` TDP ${known((d) => d.tdp)}, idle power ${known((d) => d.idle)},`);
    expect(lines.find((l) => l.startsWith('Titan-RTX'))).toMatch(/^Titan-RTX +gpu +16\.3 +130\.5 +261 +672 +24 +280$/);
  });

  it('shows one device with units, launch overhead and source', async () => {
    const { stdout } = await devices('titan rtx');
    expect(stdout).toMatch(/^peak fp32 {5}16\.3 TFLOP\/s$/m);
    expect(stdout).toMatch(/^bandwidth {5}672 GB\/s$/m);
    expect(stdout).toMatch(/^launch {8}kernel 4 us \(2-6\), eager dispatch 40 us \(10-50\)$/m);
    expect(stdout).toMatch(/^source {8}Turing whitepaper$/m);
    expect((await devices('pixel-3')).stdout).toMatch(/^TDP {11}not known$/m);
    expect((await devices('zcu102')).stdout).not.toMatch('launch');
  });

  it('prints JSON in SI units', async () => {
    expect(JSON.parse((await devices('titan-rtx', '--json')).stdout)).toMatchObject({
      name: 'Titan-RTX',
      bandwidth_bytes_per_s: 672e9,
      memory_bytes: 24 * 2 ** 30,
      tdp_w: 280,
      peak_ops_per_s: { fp32: 16.3e12 },
    });
    expect(JSON.parse((await devices('--json')).stdout)).toHaveLength(CATALOGUE.length);
  });

  it('names close matches', async () => {
    const { error, stdout } = await devices('titan-rtxx');
    expect(error).toMatchObject({ code: 'not-found', exitCode: 4 });
    expect(error!.hint).toMatch('Titan-RTX');
    expect(stdout).toBe('');
  });

  it('list and show are the same', async () => {
    expect((await devices('list')).stdout).toBe((await devices()).stdout);
    expect((await devices('show', 'titan-rtx')).stdout).toBe((await devices('titan-rtx')).stdout);
    expect((await devices('show', 'titan-rtx', '--json')).stdout).toBe((await devices('titan-rtx', '--json')).stdout);
  });

  it('adds a device to the own file, where others find it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hwcast-devices-'));
    vi.stubEnv('HWCAST_DEVICES', join(folder, 'mine.json'));
    const file = join(folder, 'device.json');
    writeFileSync(
      file,
      JSON.stringify({ name: 'my-card', vendor: 'me', kind: 'gpu', peak: { fp16: 1e13 }, source: 'data sheet' }),
    );
    const { stderr } = await devices('add', file);
    expect(stderr).toMatch(/mine\.json: my-card/);
    expect(userDevices().map((d) => d.name)).toEqual(['my-card']);
    expect((await devices('list')).stdout).toMatch(/^my-card/m);
    writeFileSync(file, JSON.stringify({ name: 'x', kind: 'toaster' }));
    const { error } = await devices('add', file);
    expect(error!.message).toMatch(/not a device: vendor: .*; kind: .*; peak: .*; source/);
    vi.unstubAllEnvs();
  });

  it('fits rates to timed kernels', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hwcast-fit-'));
    const file = join(folder, 'ops.csv');
    const sizes = [64, 128, 256, 512, 1024, 2048, 4096, 8192];
    // by hand: max(2 n^3 / 1e14, 6 n^2 / 1e12) + 5 us
    const ms = (n: number) => (Math.max((2 * n ** 3) / 1e14, (6 * n * n) / 1e12) + 5e-6) * 1e3;
    writeFileSync(file, ['dtype,m,n,k,latency_ms', ...sizes.map((n) => `bf16,${n},${n},${n},${ms(n)}`)].join('\n'));
    const { stdout } = await devices('fit', file, '--device', 'A100-SXM4-80GB', '--spec');
    const spec = JSON.parse(stdout);
    expect(spec.name).toBe('A100-SXM4-80GB-fitted');
    expect(spec.launch.kernel).toBeCloseTo(5e-6, 6);
    writeFileSync(file, 'dtype,m,n,k,latency_ms\nbf16,1,1,1,0\n');
    expect((await devices('fit', file)).error!.describe()).toMatch(/ops\.csv:2: latency is '0'/);
  });

  it('says what is wrong with kernels that tell too little, a device to compare with that is not known, power below 0', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'hwcast-fit-')), 'ops.csv');
    const copies = Array.from({ length: 10 }, (_, i) => `fp32,${0.01 * (i + 1)},0,${(i + 1) * 1e6},`);
    const fit = (rows: readonly string[], ...flags: string[]) => {
      writeFileSync(file, ['dtype,latency_ms,flops,bytes,power_w', ...rows].join('\n'));
      return devices('fit', file, ...flags);
    };
    // copies alone: a bandwidth, no peak
    expect((await fit(copies)).stdout).toMatch(/^fp32 +10 {20,}100 {10,}0\.0 %/m);
    expect(JSON.parse((await fit(copies, '--device', 'my-card', '--spec')).stdout).peak).toEqual({});
    expect((await fit(Array.from({ length: 10 }, () => copies[0]))).error!.message).toMatch(
      /no element type has 8 or more of different/,
    );
    expect((await fit(copies, '--device', 'A100-SXM4-80')).error!).toMatchObject({ code: 'not-found' });
    expect((await fit(copies.map((c) => `${c}-5`))).error!.message).toMatch(/power_w is '-5'/);
  });

  it('refuses a list of no device, and tells which of the catalogue an own one goes before', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hwcast-devices-')),
      file = join(folder, 'device.json');
    vi.stubEnv('HWCAST_DEVICES', join(folder, 'mine.json'));
    writeFileSync(file, '[]');
    expect((await devices('add', file)).error!.message).toMatch(/holds no device/);
    writeFileSync(file, JSON.stringify({ name: 'titan rtx', vendor: 'me', kind: 'gpu', peak: {}, source: 'mine' }));
    expect((await devices('add', file)).stderr).toMatch(/go before those of the catalogue: titan rtx/);
    expect((await devices('add', join(folder, 'none.json'))).error!.message).toMatch(/no such device file/);
    vi.unstubAllEnvs();
  });
});
