import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { sha256 } from '../../src/core/files.js';
import { type Dataset, taskId } from '../../src/dataset/dataset.js';
import { writeParquet } from '../../src/dataset/parquet.js';
import { readDataset, writeDataset } from '../../src/dataset/store.js';
import { nasbench201 } from '../../src/graph/spaces/nasbench201.js';
import { TARGETS } from '../../src/graph/targets.js';
import { spaceWorkload } from '../../src/graph/workload.js';
import { freeWorkload, task, tinyDataset } from './tinyDataset.js';

const root = mkdtempSync(join(tmpdir(), 'hwcast-store-'));
afterAll(() => rmSync(root, { recursive: true }));
const folder = join(root, 'data');
const FILES = ['README.md', 'dataset.json', 'measurements.parquet', 'splits.json', 'workloads.parquet'];

/** Replaces a file and puts its checksum into the card, as a careless or malicious writer would. */
function replaceSigned(name: string, bytes: Uint8Array | string): void {
  writeFileSync(join(folder, name), bytes);
  const { checksum: _, ...manifest } = JSON.parse(readFileSync(join(folder, 'dataset.json'), 'utf8'));
  manifest.files[name] = sha256(bytes);
  writeFileSync(join(folder, 'dataset.json'), JSON.stringify({ ...manifest, checksum: sha256(JSON.stringify(manifest)) }));
}

type Row = [
  workload: string,
  device: string,
  condition: string,
  target: string,
  value: number | null,
  repeats: number | null,
  spread: number | null,
];
const FREE = 'free';
const replaceRows = (rows: Row[]) => {
  const names = ['workload', 'device', 'condition', 'target', 'value', 'repeats', 'spread'];
  const types = ['STRING', 'STRING', 'STRING', 'STRING', 'DOUBLE', 'INT32', 'DOUBLE'] as const;
  replaceSigned(
    'measurements.parquet',
    writeParquet(names.map((name, c) => ({ name, data: rows.map((r) => r[c]), type: types[c] }))),
  );
};

describe('writeDataset and readDataset', () => {
  beforeEach(() => writeDataset(folder, tinyDataset()));

  it('gives back what was written', async () => {
    const read = await readDataset(folder);
    expect(read).toEqual(tinyDataset());
    expect(readdirSync(folder).sort()).toEqual(FILES);
  });

  it('writes the same bytes twice, and leaves no temporary folder', async () => {
    const bytes = () => FILES.map((f) => sha256(readFileSync(join(folder, f))));
    const first = bytes();
    await writeDataset(folder, await readDataset(folder));
    expect(bytes()).toEqual(first);
    expect(readdirSync(root).filter((f) => f.includes('.tmp'))).toEqual([]);
  });

  it('states units, counts and checksums in dataset.json and the card', () => {
    const json = JSON.parse(readFileSync(join(folder, 'dataset.json'), 'utf8'));
    expect(json.formatVersion).toBe(1);
    expect(json.units).toEqual({ latency: 's', energy: 'J' });
    expect(json.counts).toEqual({ workloads: 4, devices: 2, tasks: 3, measurements: 7 });
    const card = readFileSync(join(folder, 'README.md'), 'utf8');
    expect(card).toContain('| gpu@b8:energy | 1 | 1500 | 1500 | mJ | batch 8, warm |');
    expect(card).toContain('0.980 (8 passes)');
  });

  it('keeps any dataset: property over values, gaps, conditions and targets', async () => {
    const positive = fc.double({ min: 1e-12, max: 1e12, noNaN: true, noDefaultInfinity: true });
    const cell = fc.record({
      value: positive,
      repeats: fc.nat(1000),
      spread: fc.option(fc.double({ min: 0, max: 10, noNaN: true }), { nil: Number.NaN }),
    });
    const arbitrary = fc.record({
      indices: fc.uniqueArray(fc.nat(15624), { maxLength: 8 }),
      free: fc.uniqueArray(fc.stringMatching(/^[a-z]{1,6}( [a-z])?$/), { maxLength: 3 }),
      keys: fc.uniqueArray(
        fc.tuple(fc.constantFrom('a', 'b b', '__proto__x', 'ü'), fc.constantFrom('', 'b1', 'x@y'), fc.constantFrom(...TARGETS)),
        { maxLength: 5, selector: (k) => taskId({ device: k[0], condition: k[1], target: k[2] }) },
      ),
      cells: fc.array(fc.option(cell), { minLength: 60, maxLength: 60 }),
    });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(arbitrary, async ({ indices, free, keys, cells }) => {
        const workloads = [
          ...indices.map((i) => spaceWorkload(nasbench201, nasbench201.at!(i))),
          ...free.map((f) => freeWorkload(f)),
        ];
        const devices: Dataset['card']['devices'] = {};
        const tasks = keys
          .map(([device, condition, target], t) => {
            devices[device] ??= { conditions: {} };
            devices[device].conditions[condition] = {};
            const rows = workloads.map((_, w) => w).filter((w) => cells[(t * 11 + w) % 60]);
            const at = (w: number) => cells[(t * 11 + w) % 60]!;
            return {
              device,
              condition,
              target,
              rows: Int32Array.from(rows),
              values: Float64Array.from(rows, (w) => at(w).value),
              spread: Float64Array.from(rows, (w) => at(w).spread),
              repeats: Int32Array.from(rows, (w) => at(w).repeats),
            };
          })
          .filter((t) => t.rows.length);
        const dataset: Dataset = {
          card: { name: 'p', source: 's', licence: 'l', devices, noise: {}, notes: [] },
          workloads,
          tasks,
          splits: { a: ['1'] },
        };
        const path = join(root, `property-${run++ % 2}`);
        await writeDataset(path, dataset);
        expect(await readDataset(path)).toEqual(dataset);
      }),
      { numRuns: 40 },
    );
  });

  it('refuses a folder that is absent or no dataset', async () => {
    await expect(readDataset(join(root, 'absent'))).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('absent'),
    });
    await expect(readDataset(root)).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('no dataset.json'),
    });
  });

  it.each(['workloads.parquet', 'measurements.parquet', 'splits.json'])(
    'refuses %s with a flipped byte, cut off, or missing',
    async (name) => {
      const path = join(folder, name),
        bytes = readFileSync(path);
      const corrupt = { code: 'corrupt', where: path, hint: expect.stringContaining('copy the dataset again') };
      const flipped = Buffer.from(bytes);
      flipped[bytes.length >> 1] ^= 1;
      writeFileSync(path, flipped);
      await expect(readDataset(folder)).rejects.toMatchObject(corrupt);
      writeFileSync(path, bytes);
      truncateSync(path, bytes.length - 5);
      await expect(readDataset(folder)).rejects.toMatchObject(corrupt);
      rmSync(path);
      await expect(readDataset(folder)).rejects.toMatchObject({ ...corrupt, message: expect.stringContaining('missing') });
    },
  );

  it('refuses a flipped byte anywhere in dataset.json', async () => {
    const path = join(folder, 'dataset.json'),
      bytes = readFileSync(path);
    let refused = 0;
    for (let i = 0; i < bytes.length; i += 7) {
      const flipped = Buffer.from(bytes);
      flipped[i] ^= 2;
      writeFileSync(path, flipped);
      const read = await readDataset(folder).catch((e) => e);
      // white space outside strings is not content
      if (read instanceof Error) {
        refused++;
        expect(['corrupt', 'newer-format']).toContain((read as Error & { code: string }).code);
      } else expect(/\s/.test(String.fromCharCode(bytes[i]))).toBe(true);
    }
    expect(refused).toBeGreaterThan(100);
  });

  it('refuses a Parquet file cut off under a matching checksum', async () => {
    const bytes = readFileSync(join(folder, 'measurements.parquet'));
    for (const keep of [0, 4, 100, bytes.length - 1]) {
      replaceSigned('measurements.parquet', bytes.subarray(0, keep));
      await expect(readDataset(folder)).rejects.toMatchObject({
        code: 'corrupt',
        where: expect.stringContaining('measurements.parquet'),
      });
    }
  });

  it('refuses a newer format', async () => {
    const path = join(folder, 'dataset.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"formatVersion": 1', '"formatVersion": 2'));
    await expect(readDataset(folder)).rejects.toMatchObject({
      code: 'newer-format',
      message: expect.stringContaining('2'),
      hint: expect.stringContaining('update'),
    });
  });

  const good: Row = [FREE, 'cpu', '', 'latency', 0.5, null, null];
  it.each<[string, Row, RegExp]>([
    ['negative', ['free', 'gpu', 'b1', 'latency', -0.5, null, null], /value "-0.5"/],
    ['NaN', ['free', 'gpu', 'b1', 'latency', Number.NaN, null, null], /value "NaN"/],
    ['infinite', ['free', 'gpu', 'b1', 'latency', Number.POSITIVE_INFINITY, null, null], /value "Infinity"/],
    ['absent', ['free', 'gpu', 'b1', 'latency', null, null, null], /value "null"/],
    ['unknown target', ['free', 'gpu', 'b1', 'speed', 1, null, null], /target "speed"/],
    ['negative spread', ['free', 'gpu', 'b1', 'latency', 1, 3, -1], /spread "-1"/],
    ['no repeats', ['free', 'gpu', 'b1', 'latency', 1, -3, null], /repeats "-3"/],
    ['unknown workload', ['other', 'gpu', 'b1', 'latency', 1, null, null], /'other' is not in workloads/],
    ['unknown device', ['free', 'tpu', '', 'latency', 1, null, null], /device 'tpu' is not in the card/],
    ['unknown condition', ['free', 'gpu', 'b9', 'latency', 1, null, null], /condition 'b9'/],
    ['second value in a later run of the task', ['free', 'cpu', '', 'latency', 2, null, null], /measured twice.*row 1/],
  ])('refuses a row with %s and names it', async (_, bad, message) => {
    replaceRows([good, ['free', 'gpu', 'b8', 'energy', 1, null, null], bad]);
    await expect(readDataset(folder)).rejects.toMatchObject({ code: 'bad-input', message: expect.stringMatching(message) });
    if (!/card|condition/.test(message.source))
      await expect(readDataset(folder)).rejects.toMatchObject({ where: expect.stringMatching(/measurements\.parquet, row 3$/) });
  });

  it('refuses a bad value inside a run of rows of one task', async () => {
    const workloads = tinyDataset().workloads.map((w) => w.id);
    replaceRows([
      [workloads[0], 'cpu', '', 'latency', 1, null, null],
      [workloads[1], 'cpu', '', 'latency', null, null, null],
    ]);
    await expect(readDataset(folder)).rejects.toMatchObject({ code: 'bad-input', where: expect.stringMatching(/row 2$/) });
  });

  it('refuses a Parquet file without a column', async () => {
    replaceSigned('measurements.parquet', writeParquet([{ name: 'workload', data: ['free'], type: 'STRING' }]));
    await expect(readDataset(folder)).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringContaining("no column 'device'"),
    });
  });

  it.each<[string, [string, string | null, string | null, string | null], object]>([
    [
      'of an unknown space',
      ['darts:1', 'darts', '1', null],
      { code: 'not-found', message: expect.stringContaining("no space 'darts'") },
    ],
    [
      'whose code is another network',
      ['nasbench201:x', 'nasbench201', '#5', null],
      { code: 'bad-input', message: expect.stringContaining('by its space and code') },
    ],
    [
      'without graph',
      ['alone', null, null, null],
      { code: 'bad-input', message: expect.stringContaining('neither graph nor space') },
    ],
    ['with a cut graph', ['alone', null, null, '{"nodes":['], { code: 'corrupt' }],
    [
      'with a graph that is none',
      ['alone', null, null, '{"nodes":[]}'],
      { code: 'bad-input', message: expect.stringContaining('not an operator graph') },
    ],
  ])('refuses a workload %s and names its row', async (_, row, error) => {
    const columns = ['id', 'space', 'code', 'graph'].map((name, c) => ({ name, data: [row[c]], type: 'STRING' as const }));
    replaceSigned('workloads.parquet', writeParquet(columns));
    await expect(readDataset(folder)).rejects.toMatchObject({
      ...error,
      where: expect.stringMatching(/workloads\.parquet, row 1$/),
    });
  });

  it('does not write a dataset that breaks a rule, and replaces no folder that is none', async () => {
    const bad = tinyDataset();
    bad.tasks[0].values[2] = -1;
    await expect(writeDataset(join(root, 'bad'), bad)).rejects.toMatchObject({
      code: 'bad-input',
      where: 'task cpu:latency, row 3',
    });
    expect(readdirSync(root)).not.toContain('bad');
    const other = join(root, 'other');
    mkdirSync(other);
    writeFileSync(join(other, 'thesis.txt'), 'mine');
    await expect(writeDataset(other, tinyDataset())).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringContaining('not replaced'),
    });
    expect(readdirSync(other)).toEqual(['thesis.txt']);
  });

  it('stores no task without measurements', async () => {
    const dataset = tinyDataset();
    dataset.tasks.push(task('gpu', {}, { condition: 'b8' }));
    await writeDataset(folder, dataset);
    expect((await readDataset(folder)).tasks.map(taskId)).toEqual(['cpu:latency', 'gpu@b1:latency', 'gpu@b8:energy']);
  });
});
