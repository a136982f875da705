import { describe, expect, it } from 'vitest';
import { registerSystolic } from '../../src/cli/systolic.js';
import { runCommand } from './runCommand.js';

const systolic = (...args: string[]) => runCommand(registerSystolic, ['systolic', ...args]);
/** 8 rows of 10 to 12: six folds of 20 cycles with outputs, nine of 18 with weights in place. */
const LINEAR = 'op:linear/int8/8x10/outFeatures=12';

describe('hwcast systolic', () => {
  it('prints both dataflows, and every operator when asked', async () => {
    const { stdout } = await systolic(LINEAR, '--array', '4x4', '--explain');
    expect(stdout).toContain('systolic array of 4 x 4 at 700 MHz, three buffers of 256 KiB, memory 34 GB/s');
    expect(stdout).toMatch(/outFeatures=12 +output +120 /);
    expect(stdout).toMatch(/outFeatures=12 +weight +162 /);
    expect(stdout).toMatch(/linear +120 .* compute/);
  });

  it('prints JSON', async () => {
    const { stdout } = await systolic(LINEAR, '--array', '4x4', '--dataflow', 'output', '--json');
    const [row, ...others] = JSON.parse(stdout);
    expect(others).toEqual([]);
    expect(row).toMatchObject({ dataflow: 'output', macs: 960, cycles: 120, use: 0.5, provenance: 'analytical' });
    expect(row.energyMj).toBeGreaterThan(0);
    expect(row.areaMm2.array).toBeCloseTo(0.143617, 6);
  });

  it.each([
    [['--array', '4'], /--array takes rows x columns, not '4'/],
    [['--array', '0x4'], /--array takes rows x columns/],
    [['--array', '4x4', '--clock', '0'], /--clock takes megahertz above 0, not '0'/],
    [['--array', '4x4', '--buffer', 'big'], /--buffer takes KiB above 0, not 'big'/],
    [['--array', '4x4', '--bandwidth', '-1'], /--bandwidth takes gigabytes a second above 0/],
  ])('%j is told', async (args, message) => {
    const { error } = await systolic(LINEAR, ...args);
    expect(error).toMatchObject({ code: 'usage' });
    expect(error!.message).toMatch(message);
  });
});
