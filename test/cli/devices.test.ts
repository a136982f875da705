import { describe, expect, it } from 'vitest';
import { registerDevices } from '../../src/cli/devices.js';
import { CATALOGUE } from '../../src/device/catalogue.js';
import { runCommand } from './runCommand.js';

const devices = (...args: string[]) => runCommand(registerDevices, ['devices', ...args]);

describe('hwcast devices', () => {
  it('lists the catalogue, one device a line', async () => {
    const lines = (await devices()).stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(CATALOGUE.length + 1);
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
});
