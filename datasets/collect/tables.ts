// Datasets of real models that others measured, from the tables of their figures -> datasets/{timm,ncnn,ai-hub,vitis-dpu}; the same tables give the same bytes:
//   npx tsx datasets/collect/tables.ts ../shared/data/model-tables
import { join, resolve } from 'node:path';
import { importModelTables } from '../../src/dataset/import/tables/modelTables.js';
import { writeDataset } from '../../src/dataset/store.js';

/** The state of each source that the figures were taken from. */
const COMMITS: Readonly<Record<string, string>> = {
  timm: 'Taken at commit aa4b5850 (2026-08-08). Batches differ by row: values are seconds a picture of a full batch.',
  ncnn: 'Taken at commit a4d2ea1d4 (2026-07-22). Values are the least of the loops; versions of ncnn differ between devices and are not recorded; a condition is one run under a heading of the source.',
  'ai-hub':
    'Taken at v0.47.0, commit b61a0090 (2026-02-24). Peak memory is the upper end of the range that the source gives; float models run as fp16 on the NPU.',
  'vitis-dpu': 'Taken at branch 2.5. Values are seconds a frame, end to end, of one thread and of as many as are fastest.',
};

/** The dataset of one source, from the folder of tables. */
export const tableOf = (name: string, folder: string) => importModelTables(folder, { only: name, notes: [COMMITS[name]] });

if (process.argv[1] === resolve(import.meta.filename)) {
  const [folder] = process.argv.slice(2);
  if (!folder) throw new Error('which folder? npx tsx datasets/collect/tables.ts FOLDER');
  for (const name of Object.keys(COMMITS)) {
    const dataset = tableOf(name, folder);
    await writeDataset(join(import.meta.dirname, '..', name), dataset);
    console.log(
      `datasets/${name}: ${dataset.workloads.length} models, ${dataset.tasks.reduce((n, t) => n + t.rows.length, 0)} measurements`,
    );
  }
}
