// Datasets of real models that others measured, from the tables of their figures -> datasets/{timm,ncnn,ai-hub,vitis-dpu}; the same tables give the same bytes:
//   npx tsx datasets/collect/tables.ts ../shared/data/model-tables
// reads the tables, and of ncnn the graphs of its benchmark's models (ncnn_graphs.tar.gz)
import { join, resolve } from 'node:path';
import type { Dataset } from '../../src/dataset/dataset.js';
import { importModelTables } from '../../src/dataset/import/tables/modelTables.js';
import { writeDataset } from '../../src/dataset/store.js';
import { modelId } from '../../src/graph/namedModel.js';
import { ncnnReader } from '../../src/graph/readers/ncnn/ncnnReader.js';
import { modelFiles } from './modelFiles.js';

/** The state of each source that the figures were taken from. */
const COMMITS: Readonly<Record<string, string>> = {
  timm: 'Taken at commit aa4b5850 (2026-08-08). Batches differ by row: values are seconds a picture of a full batch.',
  ncnn: 'Taken at commit a4d2ea1d4 (2026-07-22). Values are the least of the loops; versions of ncnn differ between devices and are not recorded; a condition is one run under a heading of the source.',
  'ai-hub':
    'Taken at v0.47.0, commit b61a0090 (2026-02-24). Peak memory is the upper end of the range that the source gives; float models run as fp16 on the NPU.',
  'vitis-dpu': 'Taken at branch 2.5. Values are seconds a frame, end to end, of one thread and of as many as are fastest.',
};

/** Sides of the pictures that ncnn's `benchmark/benchncnn.cpp` feeds to models whose file leaves the size open; the files of all others state the same size as it. */
const OPEN_SIDES: Readonly<Record<string, number>> = { FastestDet: 352, vision_transformer: 384 };

const GRAPHS_OF_NCNN =
  "Graphs are of the models of ncnn's benchmark (`benchmark/models/NAME.param`, same commit) at the input that `benchmark/benchncnn.cpp` feeds: a batch of one at the size that the file states, 352 x 352 for FastestDet and 384 x 384 for vision_transformer, whose files leave it open. `mobilenet_yolov3`, of earlier versions, is known by name only. Layers that a graph does not know (anchors and the choice of detections of SSD and YOLO) stand as opaque operators with their bytes.";

/** The dataset of one source, from the folder of tables. */
export async function tableOf(name: string, folder: string): Promise<Dataset> {
  if (name !== 'ncnn') return importModelTables(folder, { only: name, notes: [COMMITS[name]] });
  const dataset = importModelTables(folder, { only: name, notes: [COMMITS[name], GRAPHS_OF_NCNN] });
  const named = new Map(dataset.workloads.map((w) => [w.id, w]));
  for await (const file of modelFiles([join(folder, 'ncnn_graphs.tar.gz')], /\.param$/)) {
    const model = file.name.replace(/\.param$/, '');
    // language models of the archive were not measured
    const workload = named.get(modelId('ncnn', model));
    if (!workload) continue;
    const side = OPEN_SIDES[model];
    const [{ graph }] = await ncnnReader.read(
      file,
      side ? { shapes: { in0: [1, 3, side, side], input: [1, 3, side, side] } } : {},
    );
    workload.graph = graph;
    workload.facts = { ...workload.facts, inputSize: graph.nodes[0].shape.slice(1) };
  }
  return dataset;
}

if (process.argv[1] === resolve(import.meta.filename)) {
  const [folder] = process.argv.slice(2);
  if (!folder) throw new Error('which folder? npx tsx datasets/collect/tables.ts FOLDER');
  for (const name of Object.keys(COMMITS)) {
    const dataset = await tableOf(name, folder);
    await writeDataset(join(import.meta.dirname, '..', name), dataset);
    console.log(
      `datasets/${name}: ${dataset.workloads.length} models, ${dataset.tasks.reduce((n, t) => n + t.rows.length, 0)} measurements`,
    );
  }
}
