import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { registerTrace } from '../../src/cli/trace.js';
import { hasShared, SHARED } from '../shared.js';
import { tinyTrace, twoSteps } from '../trace/formats/kineto/tinyTrace.js';
import { runCommand } from './runCommand.js';

const folder = mkdtempSync(join(tmpdir(), 'hwcast-trace-'));
afterAll(() => rmSync(folder, { recursive: true }));
const put = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const trace = (...args: string[]) => runCommand(registerTrace, ['trace', ...args]);
const a = put('a.json', tinyTrace(twoSteps()));

describe('hwcast trace', () => {
  it('prints the fixed fields as JSON', async () => {
    const { stdout, error } = await trace(a, '--json');
    expect(error).toBeUndefined();
    const [record] = JSON.parse(stdout);
    expect(Object.keys(record).slice(0, 11)).toEqual(
      'format device steps latencyMs tklqtUs meanKernelUs idleShare bound kernels operators lost'.split(' '),
    );
    expect(record).toMatchObject({
      format: 'kineto',
      device: 'Test GPU 80GB',
      steps: 1,
      latencyMs: 0.137,
      tklqtUs: 26,
      meanKernelUs: 3.5,
      bound: 'launch',
      kernels: 4,
      operators: 4,
      lost: 0,
    });
    expect(record.byOperator[0]).toMatchObject({ name: 'aten::linear', calls: 2, timeUs: 10, kernels: 2 });
    expect(record.byKernel).toEqual([{ name: 'k', kind: 'kernel', calls: 4, timeUs: 14 }]);
  });

  it('prints one row a file as CSV', async () => {
    const { stdout } = await trace(a, a, '--csv');
    const lines = stdout.trim().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[1]).toMatch(/^kineto,Test GPU 80GB,1,0\.137,26,3\.5,0\.89\d*,launch,4,4,0$/);
  });

  it('compares two for people', async () => {
    const b = put('b.json', tinyTrace(twoSteps(200)));
    const { stdout } = await trace(a, b);
    expect(stdout).toContain('launch-bound');
    expect(stdout).toContain("second takes 1.730 of the first's latency");
    expect(stdout).toMatch(/aten::linear\s+10\s+10\s+0\s+1\.000/);
  });

  it('tells from which batch on a network is bound by the device, and of no two networks at once', async () => {
    // convolutions of a batch whose kernels wait for one another the longer, the larger it is
    const sweep = (batch: number, wait: number, name = 'aten::relu') =>
      put(
        `sweep-${batch}-${name.slice(6)}.json`,
        tinyTrace([
          {
            name: 'aten::conv2d',
            at: 0,
            dur: 20,
            dims: [[batch, 3, 8, 8], [4, 3, 3, 3], [], [], [], [], []],
            types: ['float', 'float'],
            kernels: [[10, 5]],
          },
          { name, at: 30, dur: 10, dims: [[batch, 4, 6, 6]], types: ['float'], kernels: [[35 + wait, 2]] },
        ]),
      );
    const files = [sweep(1, 0), sweep(2, 1), sweep(8, 100)];
    expect((await trace(...files)).stdout).toContain(
      'batch 1, 2, 8: device-bound from 8 on: TKLQT leaves its plateau of 13 us a step',
    );
    expect((await trace(sweep(4, 0), ...files.slice(0, 2))).stdout).toContain(
      'batch 1, 2, 4: launch-bound at every batch: TKLQT stays near 13 us a step',
    );
    expect((await trace(...files.slice(0, 2), sweep(16, 100, 'aten::gelu'))).stdout).not.toContain('TKLQT leaves');
  });

  it.skipIf(!hasShared)('takes traces of several networks on one device for no sweep', async () => {
    const { stdout } = await trace(join(SHARED, 'data/measured/h100/traces.tar.gz'));
    expect(stdout).toContain('resnet50-b32-bf16.json.gz');
    expect(stdout).not.toMatch(/-bound (from|at every)/);
  });

  it('needs no shapes', async () => {
    const bare = put('bare.json', tinyTrace(twoSteps().map(({ dims: _, types: __, concrete: ___, ...op }) => op)));
    const [record] = JSON.parse((await trace(bare, '--json')).stdout);
    expect(record).toMatchObject({ kernels: 4, operators: 4, operatorsWithShapes: 0, tklqtUs: 26 });
  });

  it('draws one step', async () => {
    const svg = join(folder, 'a.svg');
    expect((await trace(a, '--svg', svg)).error).toBeUndefined();
    const text = readFileSync(svg, 'utf8');
    expect(text).toMatch(/^<svg /);
    expect(text).toContain('<title>aten::linear 20.00 us</title>');
    expect(text).toContain('stream 0/7');
  });

  it('rescales a step to another device and element type', async () => {
    const h100 = put('h100.json', tinyTrace(twoSteps(), { deviceProperties: [{ id: 0, name: 'NVIDIA H100 80GB HBM3' }] }));
    const [{ whatIf }] = JSON.parse((await trace(h100, '--device', 'A100-SXM4-80GB', '--dtype', 'bf16', '--json')).stdout);
    expect(whatIf).toMatchObject({ device: 'A100-SXM4-80GB', dtype: 'bf16', provenance: 'measured x ratio', coverage: 1 });
    expect(whatIf.lowMs).toBeLessThanOrEqual(whatIf.latencyMs);
    expect((await trace(h100, '--dtype', 'bf16')).stdout).toContain('what if, H100-SXM5-80GB, bf16: ');
    expect((await trace(h100, '--dtype', 'bf16', '--csv')).stdout).toContain('ifLatencyMs,ifLowMs,ifHighMs,provenance');
    expect((await trace(h100, '--batch', '8')).error).toMatchObject({ code: 'bad-input' });
    expect((await trace(h100, '--dtype', 'float')).error).toMatchObject({ code: 'usage' });
    expect((await trace(a, '--dtype', 'bf16')).error).toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('Test GPU'),
    });
  });

  it('names what it refuses of a folder, and fails where nothing is left', async () => {
    const text = put('x.txt', 'no profile');
    const { stderr, stdout } = await trace(folder, '--csv');
    expect(stderr).toContain('x.txt: this is no format hwcast reads');
    expect(stdout.split('\n').length).toBeGreaterThan(2);
    expect((await trace(text)).error).toMatchObject({ code: 'unsupported', where: text });
  });
});
