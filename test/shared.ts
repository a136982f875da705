import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** Folder of real measurements and traces beside the project; tests that need it are skipped where it is absent. */
export const SHARED = process.env.HWCAST_SHARED ?? resolve(import.meta.dirname, '../../shared');
export const hasShared = existsSync(SHARED);
