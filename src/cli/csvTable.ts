import { csvField } from '../core/files.js';

/** Rows as CSV without the last line break; null and undefined are empty. */
export const csvTable = (head: readonly string[], rows: readonly (readonly unknown[])[]): string =>
  [head, ...rows].map((row) => row.map((v) => csvField(v === null || v === undefined ? '' : String(v))).join(',')).join('\n');
