import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { csvText } from '../../src/core/csv.js';
import type { Dataset } from '../../src/dataset/dataset.js';
import { ingest } from '../../src/dataset/ingest/ingest.js';
import type { IngestOptions } from '../../src/dataset/ingest/ingestOptions.js';

/** The dataset of a table of measurements. */
export async function ingestTable(
  columns: string[],
  lines: readonly (readonly unknown[])[],
  options: IngestOptions,
): Promise<Dataset> {
  const work = mkdtempSync(join(tmpdir(), 'hwcast-zoo-'));
  try {
    const table = join(work, 'zoo.csv');
    writeFileSync(table, `${csvText(columns, lines)}\n`);
    return (await ingest([table], options)).dataset;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
