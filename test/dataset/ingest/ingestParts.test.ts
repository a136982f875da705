import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { registerDataset } from '../../../src/cli/dataset.js';
import { registerIngest } from '../../../src/cli/ingest.js';
import { sha256 } from '../../../src/core/files.js';
import { ingest } from '../../../src/dataset/ingest/ingest.js';
import { ingestShard, mergeShards } from '../../../src/dataset/ingest/ingestShard.js';
import { readSources } from '../../../src/dataset/ingest/readSources.js';
import { writeDataset } from '../../../src/dataset/store.js';
import { runCommand } from '../../cli/runCommand.js';
import { failure, tar, tinyTrace, twoSteps } from '../../trace/formats/kineto/tinyTrace.js';

const folder = mkdtempSync(join(tmpdir(), 'hwcast-parts-'));
afterAll(() => rmSync(folder, { recursive: true }));
const files = join(folder, 'files');
mkdirSync(files);
for (let i = 0; i < 5; i++)
  writeFileSync(
    join(files, `${i}.json`),
    tinyTrace(
      twoSteps().map((op) => ({ ...op, kernels: op.kernels!.map(([at, dur]): [number, number] => [at, dur + 0.1 * i]) })),
    ),
  );
writeFileSync(join(files, 'ops.csv'), 'workload,device,latency_us\nop:relu/fp32/4x16/,d,3\n');
writeFileSync(join(files, 'broken.json'), '{"traceEvents": [');

/** Hash of every file of a dataset. */
const hashes = (dataset: string): string[] =>
  readdirSync(dataset)
    .sort()
    .map((f) => `${f} ${sha256(readFileSync(join(dataset, f)))}`);
const named = { name: 'all' };
async function written(name: string, made: Promise<Awaited<ReturnType<typeof ingest>>>): Promise<string[]> {
  await writeDataset(join(folder, name), (await made).dataset);
  return hashes(join(folder, name));
}

describe('an ingest in parts', async () => {
  const whole = await written('whole', ingest([files], named));

  it('gives the same bytes by two threads', async () => {
    expect(await written('threads', ingest([files], { ...named, workers: 2 }))).toEqual(whole);
    const { report } = await ingest([files], { ...named, workers: 2 });
    expect(report.skipped.find((s) => s.what === 'file')?.examples).toEqual([join(files, 'broken.json')]);
    expect(await failure(ingest([join(files, 'broken.json'), join(files, '0.json')], { workers: 2 }))).toMatchObject({
      code: 'corrupt',
    });
  });

  it('gives the same bytes in any order, and with files given twice', async () => {
    const paths = readdirSync(files)
      .map((f) => join(files, f))
      .filter((f) => !f.endsWith('broken.json'));
    expect(await written('turned', ingest([...paths].reverse(), named))).toEqual(whole);
    expect(await written('twice', ingest([files, ...paths.slice(0, 2)], named))).toEqual(whole);
    cpSync(join(files, '1.json'), join(folder, 'copy.json'));
    const { report } = await ingest([files, join(folder, 'copy.json')]);
    expect(report.skipped.map((s) => s.reason)).toContain(`the same content as ${join(folder, 'copy.json')}`);
  });

  it('gives the same bytes from parts put together, in any order', async () => {
    for (const index of [1, 2]) await ingestShard([files], { index, count: 2 }, join(folder, `part${index}`), named);
    expect(await written('merged', Promise.resolve(mergeShards([join(folder, 'part2'), join(folder, 'part1')])))).toEqual(whole);
  });

  it('refuses parts that are missing, repeated or damaged', async () => {
    const part1 = join(folder, 'part1');
    expect(() => mergeShards([part1])).toThrow('1 of 2 parts are missing: 2');
    expect(() => mergeShards([part1, part1])).toThrow('part 1 stands twice');
    await ingestShard([files], { index: 2, count: 2 }, join(folder, 'other'), { name: 'other' });
    expect(() => mergeShards([part1, join(folder, 'other')])).toThrow('was made with other options');
    writeFileSync(join(folder, 'other', 'sources.json.gz'), 'x');
    expect(() => mergeShards([join(folder, 'other')])).toThrow('its sha256 is not what shard.json says');
    await expect(ingestShard([files], { index: 1, count: 1 }, files, {})).rejects.toThrow('is no part of an ingest');
  });

  it('reads only what changed where a cache knows the rest', async () => {
    const cache = join(folder, 'cache');
    expect(await written('cached', ingest([files], { ...named, cache }))).toEqual(whole);
    const read: string[] = [];
    expect(await written('again', ingest([files], { ...named, cache, onProgress: (_, name) => read.push(name) }))).toEqual(whole);
    expect(read).toEqual([]);
    cpSync(files, join(folder, 'more'), { recursive: true });
    writeFileSync(join(folder, 'more', '7.json'), tinyTrace(twoSteps(150)));
    const { report } = await ingest([join(folder, 'more')], { cache, onProgress: (_, name) => read.push(name) });
    expect(read).toEqual([join(folder, 'more', '7.json')]);
    expect(report.sources[0].name).toBe(join(folder, 'more', '0.json'));
    for (const file of readdirSync(cache)) writeFileSync(join(cache, file), 'half');
    expect(await written('mended', ingest([files], { ...named, cache }))).toEqual(whole);
  });

  it.each([1, 2])('keeps in the cache what was read before an error, by %i threads', async (workers) => {
    const cache = join(folder, `cache${workers}`),
      good = ['0.json', '1.json'].map((f) => join(files, f)),
      read: string[] = [];
    expect(await failure(ingest([...good, join(files, 'broken.json')], { cache, workers }))).toMatchObject({ code: 'corrupt' });
    await ingest(good, { cache, onProgress: (_, name) => read.push(name) });
    expect(read).toEqual([]);
  });

  it('knows in the cache which file is named now, and refuses a broken one', async () => {
    const cache = join(folder, 'found'),
      archive = join(folder, 'archive.tar');
    writeFileSync(archive, tar({ '0.json': readFileSync(join(files, '0.json')), 'broken.json': '{"traceEvents": [' }));
    const gives = async (path: string, isNamed: boolean) =>
      (await readSources([{ path, named: isNamed }], { cache })).map((f) => ('kind' in f ? f.reason : f.named));
    const broken = join(files, 'broken.json');
    const reason = await gives(broken, false);
    expect(await gives(broken, false)).toEqual(reason);
    expect(await failure(gives(broken, true))).toMatchObject({ code: 'corrupt', message: reason[0] });
    for (const isNamed of [false, true, true, false]) {
      expect(await gives(join(files, '0.json'), isNamed)).toEqual([isNamed]);
      expect(await gives(archive, isNamed)).toEqual([false, ...reason]);
    }
  });

  it('is there on the command line', async () => {
    const out = (name: string) => join(folder, 'cli', name);
    for (const part of ['1/2', '2/2'])
      await runCommand(registerIngest, ['ingest', files, '--shard', part, '--out', out(part[0])]);
    await runCommand(registerDataset, ['dataset', 'merge', out('1'), out('2'), '--out', out('all')]);
    await runCommand(registerIngest, ['ingest', files, '--workers', '2', '--out', join(folder, 'all')]);
    expect(hashes(out('all'))).toEqual(hashes(join(folder, 'all')));
    expect((await runCommand(registerIngest, ['ingest', files, '--shard', '3/2', '--out', out('x')])).error).toMatchObject({
      code: 'usage',
      message: expect.stringContaining('e.g. 1/4'),
    });
    const mixed = await runCommand(registerDataset, ['dataset', 'merge', out('1'), join(folder, 'all'), '--out', out('y')]);
    expect(mixed.error).toMatchObject({ code: 'usage' });
  });
});
