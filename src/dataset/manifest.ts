import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { HwcastError } from '../core/errors.js';
import { readFileChecked, sha256 } from '../core/files.js';
import { DeviceEntrySchema } from './dataset.js';
import { corruptFile } from './parquet.js';

/** Version of the folder's layout. A reader refuses a newer one. */
export const DATASET_FORMAT = 1;

const NoiseSchema = z.strictObject({ halves: z.number(), ofMean: z.number(), medianDifference: z.number(), passes: z.number() });
const CountsSchema = z.strictObject({ workloads: z.int(), devices: z.int(), tasks: z.int(), measurements: z.int() });

/** `dataset.json`: the card, what stands in the other files, and their sha256. `checksum` is the sha256 of the other fields as compact JSON. */
const ManifestSchema = z.strictObject({
  formatVersion: z.literal(DATASET_FORMAT),
  name: z.string(),
  source: z.string(),
  licence: z.string(),
  devices: z.record(z.string(), DeviceEntrySchema),
  units: z.record(z.string(), z.string()),
  noise: z.record(z.string(), NoiseSchema),
  notes: z.array(z.string()),
  counts: CountsSchema,
  files: z.record(z.string(), z.string()),
  checksum: z.string(),
});
export type Manifest = z.infer<typeof ManifestSchema>;

/** The manifest with its checksum. @throws HwcastError `bad-input` where a field breaks the schema. */
export function signManifest(unsigned: Omit<Manifest, 'checksum'>): Manifest {
  const checked = parseManifest({ ...unsigned, checksum: '' }, 'card of the dataset', 'bad-input');
  return { ...checked, checksum: checksumOf(checked) };
}

/**
 * Reads and checks `dataset.json` of a dataset folder. Its `checksum` covers all other files through their sha256: it is the hash of the dataset.
 * @throws HwcastError `not-found`, `newer-format`, `corrupt`.
 */
export function readManifest(folder: string): Manifest {
  const where = join(folder, 'dataset.json');
  if (!existsSync(folder))
    throw new HwcastError('not-found', `no dataset folder '${folder}'`, {
      hint: 'make one with `hwcast ingest` or `hwcast dataset import`',
    });
  if (!statSync(folder).isDirectory() || !existsSync(where))
    throw new HwcastError('not-found', `'${folder}' is no dataset folder: it holds no dataset.json`, {
      hint: 'make one with `hwcast ingest` or `hwcast dataset import`',
    });
  let json: Record<string, unknown>;
  try {
    json = JSON.parse(readFileChecked(where).toString('utf8'));
  } catch (cause) {
    throw corruptFile(where, `not JSON: ${(cause as Error).message}`, cause);
  }
  if (typeof json?.formatVersion === 'number' && json.formatVersion > DATASET_FORMAT)
    throw new HwcastError('newer-format', `dataset format ${json.formatVersion}; this hwcast reads up to ${DATASET_FORMAT}`, {
      where,
      hint: 'update hwcast, or write the dataset again with this version',
    });
  const manifest = parseManifest(json, where, 'corrupt');
  if (checksumOf(json) !== json.checksum) throw corruptFile(where, 'its content does not match its own checksum');
  return manifest;
}

/** sha256 of the manifest without its checksum, in the order of its keys. */
const checksumOf = (manifest: object): string => sha256(JSON.stringify({ ...manifest, checksum: undefined }));

function parseManifest(json: unknown, where: string, code: 'corrupt' | 'bad-input'): Manifest {
  const parsed = ManifestSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  if (code === 'corrupt') throw corruptFile(where, `not a dataset card: ${z.prettifyError(parsed.error)}`, parsed.error);
  throw new HwcastError('bad-input', z.prettifyError(parsed.error), { where, cause: parsed.error });
}
