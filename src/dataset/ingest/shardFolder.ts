import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** File that says which part of an ingest a folder holds. */
export const SHARD = 'shard.json';

/** Whether a folder holds a part of an ingest. */
export const isShard = (folder: string): boolean => existsSync(join(folder, SHARD));
