import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { taskId } from '../../../src/dataset/dataset.js';
import { fbnetBlockKeys } from '../../../src/dataset/import/fbnetBlockKeys.js';
import { importPublic } from '../../../src/dataset/import/importPublic.js';
import { nasbench201 } from '../../../src/graph/spaces/nasbench201.js';
import { PICKLES } from './pickles.js';
import { pickleOf } from './pickleWriter.js';

const root = mkdtempSync(join(tmpdir(), 'hwcast-hwnb-'));
afterAll(() => rmSync(root, { recursive: true }));
const FILE = join(root, 'HW-NAS-Bench-v1_0.pickle');
const dict = (entries: Record<string, unknown>): Map<string, unknown> => new Map(Object.entries(entries));
const configs = [0, 1, 2].map((i) =>
  dict({ name: 'infer.tiny', C: 16, N: 5, arch_str: nasbench201.format(nasbench201.at!(i)), num_classes: 10 }),
);

// every block a network may need costs 1 ms, stems and heads 10
const costs = new Map<string, number>();
for (let choice = 0; choice < 9; choice++)
  for (const key of fbnetBlockKeys(Array(22).fill(choice))) costs.set(key, /^(ConvBlock|Skip)/.test(key) ? 1 : 10);

const content = (cells: Record<string, unknown> = {}) =>
  dict({
    nasbench201: dict({
      cifar10: dict({
        config: configs,
        edgegpu_latency: [5.8, 6, 7],
        edgegpu_energy: [24.2, 25, 26],
        edgetpu_latency: [0.9, -1, 1.1],
        eyeriss_arithmetic_intensity: [6.2, 6, 6],
        ...cells,
      }),
      cifar100: dict({ config: configs, edgegpu_latency: [1, 2, 3] }),
    }),
    fbnet: dict({ raspi4_latency: costs, eyeriss_energy: costs }),
  });

describe('importPublic of HW-NAS-Bench', () => {
  it('reads the cells: latency and energy in SI, -1 as not measured, in the order of config', async () => {
    writeFileSync(FILE, pickleOf(content()));
    for (const source of [FILE, root]) {
      const dataset = await importPublic(source);
      expect(dataset.workloads.map((w) => nasbench201.indexOf!(w.arch!))).toEqual([0, 1, 2]);
      expect(
        dataset.tasks.map((t) => [taskId(t), Array.from(t.rows), Array.from(t.values, (v) => Number(v.toPrecision(6)))]),
      ).toEqual([
        ['edgegpu:latency', [0, 1, 2], [0.0058, 0.006, 0.007]],
        ['edgegpu:energy', [0, 1, 2], [0.0242, 0.025, 0.026]],
        ['edgetpu:latency', [0, 2], [0.0009, 0.0011]],
      ]);
      expect(dataset.card.notes).toContain('edgetpu latency: 1 networks not measured (-1 in the source).');
      expect(dataset.card.devices.edgegpu.hardware).toBe('Jetson-TX2');
      expect(dataset.card.licence).toBe('MIT');
    }
  });

  it('prices seeded FBNet networks by their blocks', async () => {
    writeFileSync(FILE, pickleOf(content()));
    const dataset = await importPublic(FILE, { space: 'fbnet', networks: 20, seed: 3 });
    expect([dataset.workloads.length, dataset.tasks.map(taskId)]).toEqual([20, ['raspi4:latency', 'eyeriss:energy']]);
    for (const value of dataset.tasks[0].values) expect(value).toBeCloseTo((22 + 4 * 10) * 1e-3, 12);
    const again = await importPublic(FILE, { space: 'fbnet', networks: 20, seed: 3 });
    expect(again.workloads.map((w) => w.id)).toEqual(dataset.workloads.map((w) => w.id));
  });

  it('names blocks as the benchmark does', () => {
    const keys = fbnetBlockKeys([1, 8, ...Array(20).fill(7)]);
    expect(keys.length).toBe(26);
    expect(keys.slice(0, 3)).toEqual([
      'ConvNorm_H32_W32_Cin3_Cout16_kernel3_stride1_group1',
      'ConvBlock_H32_W32_Cin16_Cout16_exp1_kernel3_stride1_group2',
      'Skip_H32_W32_Cin16_Cout24_stride1',
    ]);
    expect(keys[6]).toBe('ConvBlock_H32_W32_Cin24_Cout32_exp6_kernel5_stride2_group1');
    expect(keys[22]).toBe('ConvBlock_H4_W4_Cin184_Cout352_exp6_kernel5_stride1_group1');
    expect(keys.slice(23)).toEqual([
      'ConvNorm_H4_W4_Cin352_Cout1504_kernel1_stride1_group1',
      'AvgP_H4_W4_Cin1504_Cout1504_kernel4_stride1',
      'FC_Cin1504_Cout100',
    ]);
  });

  it.each<[string, Uint8Array, object, { space?: string }]>([
    ['code', PICKLES.evil, { code: 'forbidden', message: expect.stringContaining('posix.system') }, {}],
    ['a cut file', pickleOf(content()).subarray(0, 500), { code: 'corrupt' }, {}],
    ['another pickle', pickleOf([1, 2]), { code: 'bad-input', message: "no dict 'nasbench201' in the pickle" }, {}],
    [
      'a space that is not there',
      pickleOf(dict({ fbnet: dict({}) })),
      { code: 'bad-input', message: expect.stringContaining('it holds fbnet') },
      {},
    ],
    [
      'a short list',
      pickleOf(content({ raspi4_latency: [1] })),
      { code: 'bad-input', message: '1 values for 3 networks', where: expect.stringContaining('raspi4_latency') },
      {},
    ],
    [
      'a negative energy',
      pickleOf(content({ fpga_energy: [1, 2, -3] })),
      { code: 'bad-input', where: expect.stringContaining('fpga_energy, item 2') },
      {},
    ],
    [
      'a table without a block',
      pickleOf(dict({ fbnet: dict({ raspi4_latency: dict({ x: 1 }) }) })),
      { code: 'bad-input', message: expect.stringContaining("no cost of block 'ConvNorm_H32") },
      { space: 'fbnet' },
    ],
  ])('refuses %s', async (_, bytes, error, options) => {
    writeFileSync(FILE, bytes);
    await expect(importPublic(FILE, options)).rejects.toMatchObject(error);
  });
});
