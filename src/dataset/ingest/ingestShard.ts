import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import { HwcastError } from '../../core/errors.js';
import { readFileChecked, sha256, writeFolderAtomic } from '../../core/files.js';
import { sourceUnits } from '../../trace/source/walkSources.js';
import type { ReadIssue } from '../../trace/traceReader.js';
import { type Dataset, DeviceEntrySchema } from '../dataset.js';
import { corruptFile } from '../parquet.js';
import type { CollectedSource } from './collectSource.js';
import { assembleSources } from './ingest.js';
import type { IngestOptions } from './ingestOptions.js';
import type { IngestReport } from './ingestReport.js';
import { readSources } from './readSources.js';
import { isShard, SHARD } from './shardFolder.js';

/** Version of the folder's layout. A reader refuses a newer one. */
const SHARD_FORMAT = 1;
const SOURCES = 'sources.json.gz';

/** Part `index` of `count`, from 1. */
export interface Shard {
  index: number;
  count: number;
}

const ShardSchema = z.strictObject({
  formatVersion: z.literal(SHARD_FORMAT),
  index: z.int().positive(),
  count: z.int().positive(),
  /** how the dataset is made of the sources, equal in all shards */
  options: z.strictObject({
    device: z.string().optional(),
    minAgreement: z.number().optional(),
    name: z.string().optional(),
    source: z.string().optional(),
    licence: z.string().optional(),
    notes: z.array(z.string()).optional(),
    devices: z.record(z.string(), DeviceEntrySchema).optional(),
  }),
  sources: z.int().nonnegative(),
  /** sha256 of the file of sources */
  sha256: z.string(),
});

/**
 * Reads every `count`th file of the sources and writes what they gave to a folder; `mergeShards` makes of all parts what `ingest` makes of all sources.
 * @returns how many sources it holds, and what could not be read
 * @throws HwcastError as `ingest`, and `bad-input` where the folder holds something else
 */
export async function ingestShard(
  sources: readonly string[],
  { index, count }: Shard,
  folder: string,
  options: IngestOptions,
): Promise<{ sources: number; issues: ReadIssue[] }> {
  if (existsSync(folder) && !isShard(folder) && !(statSync(folder).isDirectory() && !readdirSync(folder).length))
    throw new HwcastError('bad-input', `'${folder}' exists and is no part of an ingest: it is not replaced`, {
      hint: 'choose another folder',
    });
  const units = sourceUnits(sources).filter((_, i) => i % count === index - 1),
    found = await readSources(units, options),
    data = gzipSync(JSON.stringify(found)),
    { device, minAgreement, name, source, licence, notes, devices } = options;
  const kept = found.filter((f) => !('kind' in f)).length;
  const shard = ShardSchema.parse({
    formatVersion: SHARD_FORMAT,
    index,
    count,
    options: { device, minAgreement, name, source, licence, notes, devices },
    sources: kept,
    sha256: sha256(data),
  });
  writeFolderAtomic(resolve(folder), { [SHARD]: `${JSON.stringify(shard, null, 2)}\n`, [SOURCES]: data });
  return { sources: kept, issues: found.filter((f): f is ReadIssue => 'kind' in f) };
}

/**
 * The dataset that an ingest of all sources would have made.
 * @param folders all parts, in any order
 * @throws HwcastError `bad-input` where a part is missing, stands twice or was made with other options, `corrupt`, `newer-format`
 */
export function mergeShards(folders: readonly string[], name?: string): { dataset: Dataset; report: IngestReport } {
  const parts = folders.map(readShard),
    [{ shard: first }] = parts,
    seen = new Map<number, string>();
  for (const [i, { shard }] of parts.entries()) {
    if (shard.count !== first.count || JSON.stringify(shard.options) !== JSON.stringify(first.options))
      throw new HwcastError(
        'bad-input',
        `part ${shard.index} of ${shard.count} was made with other options than part ${first.index} of ${first.count}`,
        {
          where: folders[i],
          hint: 'make all parts with the same flags but --shard and --out',
        },
      );
    const twice = seen.get(shard.index);
    if (twice !== undefined)
      throw new HwcastError('bad-input', `part ${shard.index} stands twice, also in '${twice}'`, { where: folders[i] });
    seen.set(shard.index, folders[i]);
  }
  const missing = Array.from({ length: first.count }, (_, i) => i + 1).filter((n) => !seen.has(n));
  if (missing.length)
    throw new HwcastError(
      'bad-input',
      `${missing.length} of ${first.count} parts are missing: ${missing.slice(0, 10).join(', ')}`,
      {
        hint: `hwcast ingest .. --shard ${missing[0]}/${first.count}`,
      },
    );
  const found = parts.sort((a, b) => a.shard.index - b.shard.index).flatMap((p) => p.found);
  return assembleSources(found, { ...first.options, name: first.options.name ?? name });
}

function readShard(folder: string): { shard: z.infer<typeof ShardSchema>; found: (CollectedSource | ReadIssue)[] } {
  const where = join(folder, SHARD);
  let json: { formatVersion?: unknown };
  try {
    json = JSON.parse(readFileChecked(where, 'part of an ingest').toString('utf8'));
  } catch (cause) {
    if (cause instanceof HwcastError) throw cause;
    throw corruptFile(where, `not JSON: ${(cause as Error).message}`, cause);
  }
  if (typeof json.formatVersion === 'number' && json.formatVersion > SHARD_FORMAT)
    throw new HwcastError('newer-format', `format ${json.formatVersion}; this hwcast reads up to ${SHARD_FORMAT}`, {
      where,
      hint: 'update hwcast',
    });
  const shard = ShardSchema.safeParse(json);
  if (!shard.success) throw corruptFile(where, `no part of an ingest: ${z.prettifyError(shard.error)}`, shard.error);
  const data = readFileChecked(join(folder, SOURCES));
  if (sha256(data) !== shard.data.sha256) throw corruptFile(join(folder, SOURCES), `its sha256 is not what ${SHARD} says`);
  return { shard: shard.data, found: JSON.parse(gunzipSync(data).toString('utf8')) as (CollectedSource | ReadIssue)[] };
}
