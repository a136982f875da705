import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { importPublic } from '../../../src/dataset/import/importPublic.js';

const root = mkdtempSync(join(tmpdir(), 'hwcast-csv-'));
afterAll(() => rmSync(root, { recursive: true }));
let folders = 0;
function folder(files: Record<string, string | Uint8Array>): string {
  const path = join(root, `set${folders++}`);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return path;
}
const ARCHS = `arch_index,${Array.from({ length: 22 }, (_, i) => `l${i}`).join(',')}\n0,${'0,'.repeat(21)}0\n1,${'8,'.repeat(21)}7\n`;

describe('importPublic of neutral tables', () => {
  it('reads networks, milliseconds, gaps, and source and licence from the README', async () => {
    const path = folder({
      'archs.csv.gz': gzipSync(ARCHS),
      'latency.csv':
        'arch_index,pixel3,v100_64,embedded_gpu_jetson_nano_fp16,nnmeter_cortexA76cpu_tflite21\n1,4,,2.5,1\n0,8,1,0.5,2\n',
      'README.md': '# t\n\n- Provenance: repository `a/b` (commit 1, MIT), files `x`.\nAlso Apache-2.0.\n',
    });
    const dataset = await importPublic(path);
    expect(dataset.workloads.map((w) => w.id)).toEqual([`fbnet:${'0'.repeat(22)}`, `fbnet:${'8'.repeat(21)}7`]);
    expect(dataset.tasks.map((t) => [t.device, Array.from(t.rows), Array.from(t.values)])).toEqual([
      ['pixel3', [0, 1], [0.008, 0.004]],
      ['v100_64', [0], [0.001]],
      ['embedded_gpu_jetson_nano_fp16', [0, 1], [0.0005, 0.0025]],
      ['nnmeter_cortexA76cpu_tflite21', [0, 1], [0.002, 0.001]],
    ]);
    expect(dataset.card).toMatchObject({
      source: 'repository a/b (commit 1, MIT)',
      licence: 'Apache-2.0, MIT',
      devices: {
        v100_64: { conditions: { '': { batch: 64 } } },
        embedded_gpu_jetson_nano_fp16: { hardware: 'Jetson-Nano', conditions: { '': { dtype: 'fp16' } } },
        nnmeter_cortexA76cpu_tflite21: { conditions: { '': { framework: 'tflite', frameworkVersion: '2.1' } } },
      },
    });
    expect((await importPublic(join(path, 'latency.csv'))).tasks.length).toBe(4);
  });

  it('takes split lists as they are published', async () => {
    const pool = (a: number, b: number) => [a, b];
    const splits = {
      help: {
        fbnet: {
          meta_train: ['a'],
          meta_valid: ['b'],
          meta_test: ['c', 'not_here'],
          train_pool: pool(0, 2),
          query_pool: pool(1, 2),
          hardware_embedding_arch_index: [1],
        },
      },
      nasflat_tasks: {
        F1: { space: 'fbnet', train: ['a'], test: ['c'] },
        N1: { space: 'nasbench201', train: ['a'], test: ['b'] },
      },
    };
    const path = folder({ 'archs.csv': ARCHS, 'latency.csv': 'arch_index,a\n0,1\n', 'splits.json': JSON.stringify(splits) });
    expect((await importPublic(path)).splits).toEqual({
      'help/meta_train': ['a'],
      'help/meta_valid': ['b'],
      'help/meta_test': ['c', 'not_here'],
      'help/train_pool': ['0', '1'],
      'help/query_pool': ['1'],
      'help/reference': ['1'],
      'nasflat/F1/train': ['a'],
      'nasflat/F1/test': ['c'],
    });
    writeFileSync(join(path, 'splits.json'), '{"help": 3}');
    await expect(importPublic(path)).rejects.toMatchObject({ code: 'bad-input', where: join(path, 'splits.json') });
  });

  it.each<[string, Record<string, string | Uint8Array>, object]>([
    [
      'a negative latency',
      { 'latency.csv': 'arch_index,a\n0,1\n1,-2\n' },
      { code: 'bad-input', message: expect.stringContaining('-2'), where: expect.stringMatching(/latency\.csv, line 3$/) },
    ],
    [
      'a latency of zero',
      { 'latency.csv': 'arch_index,a\n0,0\n' },
      { code: 'bad-input', where: expect.stringMatching(/line 2$/) },
    ],
    [
      'NaN',
      { 'latency.csv': 'arch_index,a\n0,NaN\n' },
      { code: 'bad-input', message: expect.stringContaining("'NaN'"), where: expect.stringMatching(/line 2$/) },
    ],
    [
      'a network twice',
      { 'latency.csv': 'arch_index,a\n0,1\n1,1\n0,1\n' },
      { code: 'bad-input', message: 'arch_index 0 stands twice (also in line 2)', where: expect.stringMatching(/line 4$/) },
    ],
    [
      'an index outside',
      { 'latency.csv': 'arch_index,a\n2,1\n' },
      { code: 'bad-input', message: "arch_index '2' is none of 0 to 1" },
    ],
    [
      'another first column',
      { 'latency.csv': 'index,a\n0,1\n' },
      { code: 'bad-input', message: expect.stringContaining("'index'") },
    ],
    [
      'rows of unequal length',
      { 'latency.csv': 'arch_index,a\n0,1,2\n' },
      { code: 'bad-input', where: expect.stringContaining('latency.csv') },
    ],
    [
      'a cut gzip file',
      { 'latency.csv.gz': gzipSync('arch_index,a\n0,1\n').subarray(0, 20) },
      { code: 'corrupt', where: expect.stringContaining('latency.csv.gz') },
    ],
    [
      'a bad network',
      { 'archs.csv': ARCHS.replace('0,0,0', '0,9,0'), 'latency.csv': 'arch_index,a\n0,1\n' },
      { code: 'bad-input', where: expect.stringMatching(/archs\.csv, line 2$/) },
    ],
    [
      'gaps in the networks',
      { 'archs.csv': ARCHS.replace('\n1,', '\n2,'), 'latency.csv': 'arch_index,a\n0,1\n' },
      { code: 'bad-input', message: "arch_index '2' where 1 is due" },
    ],
    [
      'unknown columns of networks',
      { 'archs.csv': 'arch_index,x\n0,1\n', 'latency.csv': 'arch_index,a\n0,1\n' },
      { code: 'bad-input', hint: expect.stringContaining('arch_str') },
    ],
  ])('refuses %s', async (_, files, error) => {
    await expect(importPublic(folder({ 'archs.csv': ARCHS, ...files }))).rejects.toMatchObject(error);
  });

  it('refuses what is no public source, and what is not there', async () => {
    await expect(importPublic(folder({ 'a.txt': 'x' }))).rejects.toMatchObject({
      code: 'unsupported',
      hint: expect.stringContaining('hwcast ingest'),
    });
    await expect(importPublic(join(root, 'absent'))).rejects.toMatchObject({ code: 'not-found' });
  });
});
