// Real models and what they cost on a GPU and the processor beside it -> datasets/zoo-h100 or zoo-h200, their operators on the GPU -> datasets/zoo-h100-operators
// or zoo-h200-operators, from the folder of their measurements; the same folder gives the same bytes:
//   npx tsx datasets/collect/zoo.ts h100 ../shared/data/zoo
//   npx tsx datasets/collect/zoo.ts h200 FOLDER      what datasets/collect/zoo/collect.py wrote there
// reads models.csv, latency.csv.gz or gpu.csv and cpu.csv, onnx.tar (an ONNX file a model, without weights) and kernels.csv.gz (kernels by operator, of a
// profiler)
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readCsv } from '../../src/core/csv.js';
import { readTextChecked } from '../../src/core/files.js';
import type { Dataset, DeviceEntry } from '../../src/dataset/dataset.js';
import { readDataset, writeDataset } from '../../src/dataset/store.js';
import { type ModelFacts, modelId } from '../../src/graph/namedModel.js';
import type { OpGraph } from '../../src/graph/opGraph.js';
import { onnxReader } from '../../src/graph/readers/onnx/onnxReader.js';
import { ingestTable } from './ingestTable.js';
import { modelFiles } from './modelFiles.js';
import { splitByModel } from './splitByModel.js';
import { zooOperators } from './zooOperators.js';

/** A machine that the zoo was measured on. */
interface ZooMachine {
  /** name in the device catalogue */
  gpu: string;
  cpu?: string;
  /** of the devices: a configuration counts as one, named as the measurements name it, e.g. `zoo_graph_fp16_b8`, `h200_ort_t4` */
  prefix: string;
  /** what it is and how it was measured */
  source: string;
  runs: string;
}

const LIBRARIES = 'PyTorch 2.11, torchvision 0.26, transformers 5.17, ONNX Runtime 1.30, random weights';
export const MACHINES = {
  h100: {
    gpu: 'H100-SXM5-80GB',
    cpu: 'Xeon-16c',
    prefix: 'zoo',
    source: `measured for hwcast, November 2026: one NVIDIA H100 80GB HBM3 and 16 cores of an Intel Xeon; ${LIBRARIES}`,
    runs: 'Latency: a value a run is the median of three passes; runs are two machines of one kind, their factor taken out. CUDA-graph latencies of the two differ by 0.4 %, eager ones by 20 to 25 %: eager values are of one machine and noisy.',
  },
  h200: {
    gpu: 'H200-SXM',
    prefix: 'h200',
    source: `measured for hwcast with datasets/collect/zoo/collect.py, November 2026: two NVIDIA H200 of one host, a model on one of them, and 28 cores of its Intel Xeon (virtual machine, its kind not named), groups of four side by side; ${LIBRARIES}`,
    runs: 'Latency: the median of five passes of a CUDA graph; of ONNX Runtime the median of calls over 0.8 s, while other models ran on other cores.',
  },
} as const satisfies Record<string, ZooMachine>;
export type ZooMachineName = keyof typeof MACHINES;

/** A configuration: `graph_fp16_b8`, `eager_fp32_b1`, `ort_t4`. */
function deviceOf({ gpu, cpu }: ZooMachine, configuration: string): DeviceEntry {
  const [, execution, dtype, batch] = /^(graph|eager)_(fp32|fp16)_b(\d+)$/.exec(configuration) ?? [];
  const threads = /^ort_t(\d+)$/.exec(configuration)?.[1];
  if (!threads)
    return {
      hardware: gpu,
      conditions: {
        '': { batch: Number(batch), dtype, framework: 'pytorch', frameworkVersion: '2.11', backend: 'CUDA 13', execution },
      },
    };
  const onCpu = { framework: 'onnxruntime', frameworkVersion: '1.30', backend: 'CPU', execution: 'compiled' };
  return {
    ...(cpu ? { hardware: cpu } : {}),
    conditions: { '': { batch: 1, dtype: 'fp32', ...onCpu, threads: Number(threads) } },
  };
}

/** Model, configuration, run, milliseconds and millijoules, of either form of the measurements. */
function measurementsOf(folder: string): Record<'model' | 'configuration' | 'run' | 'latency_ms' | 'energy_mj', string>[] {
  const rows = (name: string) => readCsv(readTextChecked(join(folder, name)), name).map((r) => r.fields);
  if (existsSync(join(folder, 'latency.csv.gz'))) return rows('latency.csv.gz') as ReturnType<typeof measurementsOf>;
  const run = '1';
  return [
    ...rows('gpu.csv').map(({ model, configuration, latency_ms, energy_mj }) => ({
      ...{ model, configuration, run, latency_ms, energy_mj },
    })),
    ...rows('cpu.csv').map(({ model, threads, latency_ms }) => ({
      ...{ model, configuration: `ort_t${threads}`, run, latency_ms, energy_mj: '' },
    })),
  ].filter((r) => r.latency_ms !== '');
}

/** The dataset of the folder. @throws HwcastError as its readers */
export async function buildZoo(folder: string, name: ZooMachineName = 'h100'): Promise<Dataset> {
  const machine: ZooMachine = MACHINES[name],
    rows = measurementsOf(folder);
  const configurations = [...new Set(rows.map((r) => r.configuration))].sort();
  const dataset = await ingestTable(
    ['workload', 'device', 'run', 'latency_ms', 'energy_mj'],
    rows.map((r) => [modelId('zoo', r.model), `${machine.prefix}_${r.configuration}`, r.run, r.latency_ms, r.energy_mj]),
    {
      name: `zoo-${name}`,
      source: machine.source,
      licence: 'Apache-2.0',
      devices: Object.fromEntries(configurations.map((c) => [`${machine.prefix}_${c}`, deviceOf(machine, c)])),
      notes: [
        'Models of torchvision (`zoo:tv/`) and transformers (`zoo:hf/`); graphs from their ONNX files where the export worked, at batch 1 or the batch that the file fixes.',
        machine.runs,
        'Energy: NVML counter of the whole board over 0.3 s, a call.',
        `Built by \`npx tsx datasets/collect/zoo.ts ${name} FOLDER\`.`,
      ],
    },
  );
  const graphs = await graphsOf(join(folder, 'onnx.tar')),
    facts = factsOf(folder);
  // a model of both has one graph, so that the datasets unite
  if (name !== 'h100')
    for (const { id, graph } of (await readDataset(join(import.meta.dirname, '..', 'zoo-h100'))).workloads)
      if (graph) graphs.set(id, graph);
  for (const workload of dataset.workloads) {
    workload.facts = facts.get(workload.id) ?? {};
    const graph = graphs.get(workload.id);
    if (graph) workload.graph = graph;
  }
  return dataset;
}

/** Where a table of kernels does not say: the run that it was recorded in. */
const RECORDED = 'eager_fp16_b8';

/** The dataset of the operators. @throws HwcastError as its readers */
export async function buildZooOperators(folder: string, name: ZooMachineName = 'h100'): Promise<Dataset> {
  const machine: ZooMachine = MACHINES[name];
  const { operators, rows, used, share, reasons } = zooOperators(
    readTextChecked(join(folder, 'kernels.csv.gz')),
    'kernels.csv.gz',
    RECORDED,
  );
  const opaque = new Set(operators.filter((o) => o.id.startsWith('op:opaque/')).map((o) => o.id)).size;
  const left = [...reasons].sort(([, a], [, b]) => b - a).map(([reason, count]) => `${count} ${reason}`);
  const configurations = [...new Set(operators.map((o) => o.configuration))].sort();
  const devices = configurations.map((configuration): [string, DeviceEntry] => {
    const { hardware, conditions } = deviceOf(machine, configuration);
    return [
      `${machine.prefix}_${configuration}`,
      {
        ...(hardware ? { hardware } : {}),
        conditions: { kernels: { ...conditions[''], note: 'time of kernels, launches left out' } },
      },
    ];
  });
  const dataset = await ingestTable(
    ['workload', 'device', 'condition', 'latency_us', 'repeats'],
    operators.map((o) => [
      o.id,
      `${machine.prefix}_${o.configuration}`,
      'kernels',
      Number((o.seconds * 1e6).toPrecision(9)),
      o.calls,
    ]),
    {
      name: `zoo-${name}-operators`,
      source: machine.source,
      licence: 'Apache-2.0',
      devices: Object.fromEntries(devices),
      notes: [
        `Operators of the models of zoo-${name}, called eagerly (${configurations.join(', ')}); the value is the time of the kernels of one call, launches left out: the mean over the calls of two steps of all models. Repeats are calls a step.`,
        `${used} of ${rows} rows of kernels (model, operator, arguments, kernel), ${(100 * share).toFixed(1)} % of all kernel time. Not used: ${left.join('; ')}.`,
        `${opaque} of the operators are opaque: hwcast has no rule for them, they are known by their tensors.`,
        'Calls are not recorded apart from kernels: operators that run one kernel a call (additions, products, copies, concatenations) were called as often as all their kernels, others as often as the rarest of their kernels. A ReLU is recorded as the clamp_min inside of it, an attention as _cudnn_attention_forward. Element types of the parts of concatenations are not recorded: that of the model is taken.',
        'Splits name the operators of each model.',
        `Built by \`npx tsx datasets/collect/zoo.ts ${name} FOLDER\`.`,
      ],
    },
  );
  splitByModel(dataset, operators);
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
        ...(f.input ? { inputSize: f.input.split('x').slice(1).map(Number) } : {}),
        precision: 'float',
        ...(f.family ? { family: f.family } : {}),
      },
    ]),
  );
}

if (process.argv[1] === resolve(import.meta.filename)) {
  const [name, folder] = process.argv.slice(2);
  if (!folder || !Object.hasOwn(MACHINES, name)) throw new Error('npx tsx datasets/collect/zoo.ts h100|h200 FOLDER');
  const measurements = (dataset: Dataset) => dataset.tasks.reduce((n, t) => n + t.rows.length, 0);
  const dataset = await buildZoo(folder, name as ZooMachineName);
  await writeDataset(join(import.meta.dirname, '..', `zoo-${name}`), dataset);
  const graphs = dataset.workloads.filter((w) => w.graph).length;
  console.log(
    `datasets/zoo-${name}: ${dataset.workloads.length} models, ${graphs} with a graph, ${measurements(dataset)} measurements`,
  );
  const operators = await buildZooOperators(folder, name as ZooMachineName);
  await writeDataset(join(import.meta.dirname, '..', `zoo-${name}-operators`), operators);
  console.log(`datasets/zoo-${name}-operators: ${operators.workloads.length} operators, ${measurements(operators)} measurements`);
}
