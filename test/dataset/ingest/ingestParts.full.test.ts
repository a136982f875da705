import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { sha256 } from '../../../src/core/files.js';
import { ingest } from '../../../src/dataset/ingest/ingest.js';
import { ingestShard, mergeShards } from '../../../src/dataset/ingest/ingestShard.js';
import { writeDataset } from '../../../src/dataset/store.js';
import { walkSources } from '../../../src/trace/source/walkSources.js';
import { wholeBytes } from '../../../src/trace/source/wholeSource.js';
import { hasShared, SHARED } from '../../shared.js';

const FILES = 100;
const folder = mkdtempSync(join(tmpdir(), 'hwcast-hundred-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe.skipIf(!hasShared)(`a hundred files${hasShared ? '' : ' (skipped: no shared data beside the project)'}`, () => {
  it('give the same bytes by one thread, by two, and from two parts put together', async () => {
    const files = join(folder, 'files'),
      traces: [string, Buffer][] = [];
    mkdirSync(files);
    for await (const source of walkSources([join(SHARED, 'data/measured/h100/traces.tar.gz')]))
      if (!('kind' in source) && source.name.includes('.json')) traces.push([basename(source.name), await wholeBytes(source)]);
    // the same traces again, told apart by blanks at their end
    for (let i = 0; i < FILES; i++) {
      const [name, bytes] = traces[i % traces.length];
      writeFileSync(
        join(files, `${i}-${name}.gz`),
        gzipSync(Buffer.concat([bytes, Buffer.alloc(Math.floor(i / traces.length), ' ')])),
      );
    }
    const hashes = async (name: string, { dataset }: Awaited<ReturnType<typeof ingest>>) => {
      await writeDataset(join(folder, name), dataset);
      return readdirSync(join(folder, name)).map((f) => `${f} ${sha256(readFileSync(join(folder, name, f)))}`);
    };
    const options = { name: 'hundred' },
      one = await hashes('one', await ingest([files], options));
    expect(await hashes('two', await ingest([files], { ...options, workers: 2 }))).toEqual(one);
    const parts = [1, 2].map((index) => join(folder, `part${index}`));
    for (const [i, part] of parts.entries()) await ingestShard([files], { index: i + 1, count: 2 }, part, options);
    expect(await hashes('merged', mergeShards(parts))).toEqual(one);
  }, 600_000);
});
