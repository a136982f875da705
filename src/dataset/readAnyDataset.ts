import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { HwcastError } from '../core/errors.js';
import { readFileChecked, sha256 } from '../core/files.js';
import type { Dataset } from './dataset.js';
import { ingest } from './ingest/ingest.js';
import { readDataset } from './store.js';

/**
 * A dataset from its folder, or from a table or trace of measurements (`ingest`).
 * @returns sha256 of the folder's dataset.json, or of the file
 * @throws HwcastError `not-found`, `corrupt`, `bad-input`
 */
export async function readAnyDataset(path: string): Promise<{ dataset: Dataset; sha256: string }> {
  const card = join(path, 'dataset.json');
  if (existsSync(path) && statSync(path).isFile())
    return { dataset: (await ingest([path])).dataset, sha256: sha256(readFileChecked(path)) };
  if (!existsSync(path))
    throw new HwcastError('not-found', `no dataset '${path}'`, { hint: 'name a dataset folder, or a table of measurements' });
  return { dataset: await readDataset(path), sha256: sha256(readFileChecked(card)) };
}
