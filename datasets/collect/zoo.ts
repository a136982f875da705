// Real models and what they cost on one H100 and one Xeon -> datasets/zoo-h100, their operators on the H100 -> datasets/zoo-h100-operators, from the folder
// of their measurements; the same folder gives the same bytes:
//   npx tsx datasets/collect/zoo.ts ../shared/data/zoo
// reads models.csv, latency.csv.gz, onnx.tar (an ONNX file a model, without weights) and kernels.csv.gz (kernels by operator, of a profiler)
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { csvText, readCsv } from '../../src/core/csv.js';
import { readTextChecked } from '../../src/core/files.js';
import { kept } from '../../src/core/kept.js';
import type { Condition, Dataset, DeviceEntry } from '../../src/dataset/dataset.js';
import { ingest } from '../../src/dataset/ingest/ingest.js';
import type { IngestOptions } from '../../src/dataset/ingest/ingestOptions.js';
import { writeDataset } from '../../src/dataset/store.js';
import { type ModelFacts, modelId } from '../../src/graph/namedModel.js';
import type { OpGraph } from '../../src/graph/opGraph.js';
import { onnxReader } from '../../src/graph/readers/onnx/onnxReader.js';
import { modelFiles } from './modelFiles.js';
import { zooOperators } from './zooOperators.js';

/** A configuration of the machine counts as a device, named `zoo_` and as the measurements name it: `graph_fp16_b8`, `ort_t4`. */
function deviceOf(configuration: string): DeviceEntry {
  const [, execution, dtype, batch] = /^(graph|eager)_(fp32|fp16)_b(\d+)$/.exec(configuration) ?? [];
  const threads = /^ort_t(\d+)$/.exec(configuration)?.[1];
  const condition: Condition = threads
    ? {
        batch: 1,
        dtype: 'fp32',
        framework: 'onnxruntime',
        frameworkVersion: '1.30',
        backend: 'CPU',
        threads: Number(threads),
        execution: 'compiled',
      }
    : { batch: Number(batch), dtype, framework: 'pytorch', frameworkVersion: '2.11', backend: 'CUDA 13', execution };
  return { hardware: threads ? 'Xeon-16c' : 'H100-SXM5-80GB', conditions: { '': condition } };
}

/** The dataset of the folder. @throws HwcastError as its readers */
export async function buildZoo(folder: string): Promise<Dataset> {
  const rows = readCsv(readTextChecked(join(folder, 'latency.csv.gz')), 'latency.csv.gz').map((r) => r.fields);
  const configurations = [...new Set(rows.map((r) => r.configuration))].sort();
  const dataset = await ingestTable(
    ['workload', 'device', 'run', 'latency_ms', 'energy_mj'],
    rows.map((r) => [modelId('zoo', r.model), `zoo_${r.configuration}`, r.run, r.latency_ms, r.energy_mj]),
    {
      name: 'zoo-h100',
      source:
        'measured for hwcast, November 2026: one NVIDIA H100 80GB HBM3 and 16 cores of an Intel Xeon; PyTorch 2.11, torchvision 0.26, transformers 5.17, ONNX Runtime 1.30, random weights',
      licence: 'Apache-2.0',
      devices: Object.fromEntries(configurations.map((c) => [`zoo_${c}`, deviceOf(c)])),
      notes: [
        'Models of torchvision (`zoo:tv/`) and transformers (`zoo:hf/`); graphs from their ONNX files where the export worked, at batch 1 or the batch that the file fixes.',
        'Latency: a value a run is the median of three passes; runs are two machines of one kind, their factor taken out. CUDA-graph latencies of the two differ by 0.4 %, eager ones by 20 to 25 %: eager values are of one machine and noisy.',
        'Energy: NVML counter of the whole board over 0.3 s, a call.',
        'Built by `npx tsx datasets/collect/zoo.ts FOLDER`.',
      ],
    },
  );
  const graphs = await graphsOf(join(folder, 'onnx.tar')),
    facts = factsOf(folder);
  for (const workload of dataset.workloads) {
    workload.facts = facts.get(workload.id) ?? {};
    const graph = graphs.get(workload.id);
    if (graph) workload.graph = graph;
  }
  return dataset;
}

/** The dataset of a table of measurements. */
async function ingestTable(columns: string[], lines: readonly (readonly unknown[])[], options: IngestOptions): Promise<Dataset> {
  const work = mkdtempSync(join(tmpdir(), 'hwcast-zoo-'));
  try {
    const table = join(work, 'zoo.csv');
    writeFileSync(table, `${csvText(columns, lines)}\n`);
    return (await ingest([table], options)).dataset;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The dataset of the operators. @throws HwcastError as its readers */
export async function buildZooOperators(folder: string): Promise<Dataset> {
  const { operators, rows, used, share, reasons } = zooOperators(
    readTextChecked(join(folder, 'kernels.csv.gz')),
    'kernels.csv.gz',
  );
  const configuration = 'eager_fp16_b8';
  const device = `zoo_${configuration}`;
  const { hardware, conditions } = deviceOf(configuration);
  const opaque = operators.filter((o) => o.id.startsWith('op:opaque/')).length;
  const left = [...reasons].sort(([, a], [, b]) => b - a).map(([reason, count]) => `${count} ${reason}`);
  const dataset = await ingestTable(
    ['workload', 'device', 'condition', 'latency_us', 'repeats'],
    operators.map((o) => [o.id, device, 'kernels', Number((o.seconds * 1e6).toPrecision(9)), o.calls]),
    {
      name: 'zoo-h100-operators',
      source:
        'measured for hwcast, November 2026: one NVIDIA H100 80GB HBM3; profiler of PyTorch 2.11, torchvision 0.26, transformers 5.17, random weights',
      licence: 'Apache-2.0',
      devices: {
        [device]: { hardware, conditions: { kernels: { ...conditions[''], note: 'time of kernels, launches left out' } } },
      },
      notes: [
        'Operators of the models of zoo-h100 at batch 8, fp16, called eagerly; the value is the time of the kernels of one call, launches left out: the mean over the calls of two steps of all models. Repeats are calls a step.',
        `${used} of ${rows} rows of kernels (model, operator, arguments, kernel), ${(100 * share).toFixed(1)} % of all kernel time. Not used: ${left.join('; ')}.`,
        `${opaque} of the operators are opaque: hwcast has no rule for them, they are known by their tensors.`,
        'Calls are not recorded apart from kernels: operators that run one kernel a call (additions, products, copies, concatenations) were called as often as all their kernels, others as often as the rarest of their kernels. A ReLU is recorded as the clamp_min inside of it, an attention as _cudnn_attention_forward. Element types of the parts of concatenations are not recorded: fp16 is taken.',
        'Splits name the operators of each model.',
        'Built by `npx tsx datasets/collect/zoo.ts FOLDER`.',
      ],
    },
  );
  // which operators are of which model, so that an evaluation that leaves models out leaves out theirs
  const position = new Map(dataset.workloads.map((w, row) => [w.id, row])),
    ofModel = new Map<string, string[]>();
  for (const { id, models } of operators)
    for (const model of models) kept(ofModel, modelId('zoo', model), () => []).push(String(position.get(id)));
  dataset.splits = Object.fromEntries(ofModel);
  return dataset;
}

/** Graphs by workload id; `tv__resnet50.onnx.gz` is tv/resnet50. */
async function graphsOf(tar: string): Promise<Map<string, OpGraph>> {
  const graphs = new Map<string, OpGraph>();
  for await (const file of modelFiles([tar])) {
    const [read] = await onnxReader.read(file, {});
    graphs.set(modelId('zoo', file.name.replace(/\.onnx$/, '').replaceAll('__', '/')), read.graph);
  }
  return graphs;
}

function factsOf(folder: string): Map<string, ModelFacts> {
  return new Map(
    readCsv(readTextChecked(join(folder, 'models.csv')), 'models.csv').map(({ fields: f }): [string, ModelFacts] => [
      modelId('zoo', f.model),
      {
        ...(Number(f.parameters) > 0 ? { params: Number(f.parameters) } : {}),
        inputSize: f.input.split('x').slice(1).map(Number),
        precision: 'float',
        family: f.family,
      },
    ]),
  );
}

if (process.argv[1] === resolve(import.meta.filename)) {
  const [folder] = process.argv.slice(2);
  if (!folder) throw new Error('which folder? npx tsx datasets/collect/zoo.ts FOLDER');
  const measurements = (dataset: Dataset) => dataset.tasks.reduce((n, t) => n + t.rows.length, 0);
  const dataset = await buildZoo(folder);
  await writeDataset(join(import.meta.dirname, '..', 'zoo-h100'), dataset);
  const graphs = dataset.workloads.filter((w) => w.graph).length;
  console.log(
    `datasets/zoo-h100: ${dataset.workloads.length} models, ${graphs} with a graph, ${measurements(dataset)} measurements`,
  );
  const operators = await buildZooOperators(folder);
  await writeDataset(join(import.meta.dirname, '..', 'zoo-h100-operators'), operators);
  console.log(`datasets/zoo-h100-operators: ${operators.workloads.length} operators, ${measurements(operators)} measurements`);
}
