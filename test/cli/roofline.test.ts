import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { roofline as compute } from '../../src/analytical/roofline.js';
import { registerRoofline } from '../../src/cli/roofline.js';
import { deviceNamed } from '../../src/device/deviceNamed.js';
import { GraphBuilder } from '../../src/graph/graphBuilder.js';
import { parseWorkload, workloadGraph } from '../../src/graph/workload.js';
import { runCommand } from './runCommand.js';

const roofline = (...args: string[]) => runCommand(registerRoofline, ['roofline', ...args]);
const CELL = 'nasbench201:|none~0|+|none~0|nor_conv_1x1~1|+|skip_connect~0|nor_conv_3x3~1|none~2|';
const OFA = `ofa:224,22222,${'3'.repeat(20)},${'4'.repeat(20)}`;
const folder = mkdtempSync(join(tmpdir(), 'hwcast-roofline-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('hwcast roofline', () => {
  it('prints both hypotheses as a table', async () => {
    const { stdout, stderr } = await roofline(CELL, '--device', 'titan-rtx');
    expect(stderr).toBe('');
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toBe('Titan-RTX: analytical roofline');
    expect(lines[2]).toMatch(/ eager +\d/);
    expect(lines[3]).toMatch(/ compiled +\d/);
    expect(lines).toHaveLength(4);
  });

  it('prints the library values as CSV, quoting where needed, and as JSON', async () => {
    const expected = compute(workloadGraph(parseWorkload(OFA), { batch: 32 }), deviceNamed('v100-pcie-32gb'), {
      hypothesis: 'compiled',
    });
    const csv = (await roofline(OFA, '--device', 'v100_32', '--hypothesis', 'compiled', '--csv')).stdout.trimEnd().split('\n');
    expect(csv[0]).toBe(
      'workload,device,hypothesis,latency_ms,energy_high_mj,energy_low_mj,peak_memory_bytes,kernels,provenance',
    );
    expect(csv[1]).toMatch(`"${OFA}",V100-PCIe-32GB,compiled,${Number((expected.latency * 1000).toPrecision(6))},`);
    const [row] = JSON.parse(
      (await roofline(OFA, '--device', 'v100-pcie-32gb', '--batch', '32', '--hypothesis', 'compiled', '--json', '--explain'))
        .stdout,
    );
    expect(row).toMatchObject({
      workload: OFA,
      kernels: expected.launches,
      provenance: 'analytical',
      peak_memory_bytes: expected.peakMemory,
    });
    expect(row.operators).toHaveLength(expected.operators.length);
    expect(row.operators[1]).toMatchObject({ op: 'conv2d', live: true, fused_into: null });
  });

  it('runs the first layers in parts on a microcontroller: memory before and after, as text, CSV and JSON', async () => {
    const asked = [OFA, '--device', 'STM32F746-Cortex-M7', '--dtype', 'int8', '--patches', '3'];
    const { stdout, stderr } = await roofline(...asked);
    expect(stderr).toMatch(/KiB for activations, STM32F746-Cortex-M7 has 320\.0 KiB\n/);
    expect(stderr).toMatch(/for weights, STM32F746-Cortex-M7 has 1024\.0 KiB of flash/);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(5);
    expect(lines[4]).toMatch(/ in 3 x 3 parts up to \w+: .*the 320 KiB of STM32F746-Cortex-M7$/);
    const [row] = JSON.parse((await roofline(...asked, '--json')).stdout);
    expect(row.patches.activation_bytes_in_parts).toBeLessThanOrEqual(row.patches.activation_bytes);
    const csv = (await roofline(...asked, '--csv')).stdout.split('\n');
    expect(csv[0]).toMatch(/,provenance,patches,parts_end,activation_bytes,activation_bytes_in_parts,repeated_macs$/);
    expect((await roofline(...asked.slice(0, -1), '0')).error).toMatchObject({ code: 'usage' });
  });

  it('explains every operator', async () => {
    const { stdout } = await roofline(CELL, '--device', 'titan-rtx', '--explain', '--hypothesis', 'compiled');
    expect(stdout).toMatch(/^n1 +conv2d .* launch$/m);
    expect(stdout).toMatch(/^n2 +batch_norm .* in n1$/m);
    expect(stdout).toMatch(/ zero .* removed$/m);
    const csv = (await roofline(CELL, '--device', 'titan-rtx', '--explain', '--csv')).stdout;
    expect(csv.split('\n')[0]).toBe('workload,hypothesis,id,op,flops,bytes,compute_us,memory_us,time_us,bound,live,fused_into');
  });

  it('reads an operator graph, and warns on stderr', async () => {
    const b = new GraphBuilder();
    const graph = b.build([b.add('linear', [b.input([4, 8])], { outFeatures: 2, bias: 0 })]);
    const path = join(folder, 'graph.json');
    writeFileSync(path, JSON.stringify(graph));
    const { stdout, stderr } = await roofline(path, '--device', 'tpuv4', '--csv', '--hypothesis', 'eager');
    expect(stderr).toBe(`warning: ${path}: TPUv4: no fp32 peak in the catalogue; bf16 used\n`);
    expect(stdout).toMatch('TPUv4,eager,0.04,');
    expect((await roofline(path, '--device', 'tpuv4', '--batch', '2')).error).toMatchObject({ code: 'usage' });
    writeFileSync(path, '{');
    expect((await roofline(path, '--device', 'tpuv4')).error).toMatchObject({ code: 'bad-input', where: path });
    writeFileSync(path, '{"nodes":[],"outputs":[]}');
    expect((await roofline(path, '--device', 'tpuv4')).error!.message).toMatch(/^not an operator graph/);
    expect((await roofline(join(folder, 'none.json'), '--device', 'tpuv4')).error).toMatchObject({ code: 'not-found' });
  });

  it.each([
    ['op:linear/fp32/1x128x768/bias=1', 'linear: needs attrs.outFeatures (inputs [1,128,768])'],
    ['op:conv2d/fp32/1x64x56x56/outChannels=8', 'conv2d: needs attrs.kernel (inputs [1,64,56,56])'],
    ['op:attention/fp32/1x128x768/causal=1', 'attention: needs attrs.heads (inputs [1,128,768])'],
    ['op:relu/fp32/1x8/heads=2', "relu: has no attribute 'heads' (inputs [1,8])"],
  ])('refuses %s: what, where and what to do', async (text, message) => {
    const { stdout, error } = await roofline(text, '--device', 'RTX-4090');
    expect(error).toMatchObject({ code: 'bad-input', message, where: `'${text}'`, hint: expect.stringContaining('') });
    expect(stdout).toBe('');
  });

  it('takes a kernel as one number', async () => {
    const print = async (kernel: string) =>
      JSON.parse(
        (await roofline(`op:conv2d/fp32/1x64x56x56/kernel=${kernel};outChannels=8`, '--device', 'RTX-4090', '--json')).stdout,
      )[0].latency_ms;
    expect(await print('3')).toBe(await print('[3x3]'));
  });

  it('refuses bad input with its message', async () => {
    expect((await roofline(CELL, '--device', 'titan')).error).toMatchObject({
      code: 'not-found',
      message: "no device 'titan' in the catalogue",
    });
    expect((await roofline('nonsense', '--device', 't4')).error).toMatchObject({ code: 'bad-input' });
    expect((await roofline(CELL, '--device', 'pixel-3')).error).toMatchObject({ code: 'unsupported' });
    expect((await roofline(CELL, '--device', 't4', '--batch', '0')).error!.message).toBe(
      "--batch takes a whole number of at least 1, not '0'",
    );
    expect((await roofline(CELL, '--device', 't4', '--dtype', 'fp7')).error!.message).toBe("no element type 'fp7'");
    expect((await roofline(CELL)).stderr).toMatch("required option '--device <name>' not specified");
    expect((await roofline(CELL, '--device', 't4', '--hypothesis', 'fast')).stderr).toMatch(
      'Allowed choices are eager, compiled, both',
    );
  });
});
