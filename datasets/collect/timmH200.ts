// Models of timm on an NVIDIA H200 and on the processor beside it, and their graphs -> datasets/timm-h200; the same folder gives the same bytes:
//   npx tsx datasets/collect/timmH200.ts FOLDER
// reads cpu.csv, gpu.csv and programs/NAME.json.gz (programs of torch.export), as datasets/collect/timm/collect.py writes them
import { join, resolve } from 'node:path';
import { readCsv } from '../../src/core/csv.js';
import { readTextChecked } from '../../src/core/files.js';
import { createRandom } from '../../src/core/random.js';
import type { Dataset, DeviceEntry } from '../../src/dataset/dataset.js';
import { writeDataset } from '../../src/dataset/store.js';
import { modelId } from '../../src/graph/namedModel.js';
import type { OpGraph } from '../../src/graph/opGraph.js';
import { pytorchReader } from '../../src/graph/readers/pytorch/pytorchReader.js';
import type { Workload } from '../../src/graph/workload.js';
import { ingestTable } from './ingestTable.js';
import { modelFiles } from './modelFiles.js';

const NAME = 'timm-h200';
/** Models that keep their graph, and nodes that it may have: all of them are 770,000 nodes, slow to read and more than a fit takes. */
const GRAPHS = 350,
  MOST_NODES = 600;
const onGpu = (dtype: string, batch: number): DeviceEntry => ({
  hardware: 'H200-SXM',
  conditions: { '': { batch, dtype, framework: 'pytorch', frameworkVersion: '2.11', backend: 'CUDA 13', execution: 'graph' } },
});
const DEVICES: Readonly<Record<string, DeviceEntry>> = {
  h200_graph_fp32_b1: onGpu('fp32', 1),
  h200_graph_fp16_b8: onGpu('fp16', 8),
  h200_eager_t4: {
    conditions: {
      '': {
        batch: 1,
        dtype: 'fp32',
        framework: 'pytorch',
        frameworkVersion: '2.11',
        backend: 'CPU',
        execution: 'eager',
        threads: 4,
      },
    },
  },
};

/** The dataset of the folder. @throws HwcastError as its readers */
export async function buildTimmH200(folder: string): Promise<Dataset> {
  const graphs = new Map<string, OpGraph>();
  for await (const file of modelFiles([join(folder, 'programs')])) {
    const [{ graph }] = await pytorchReader.read(file, {});
    graphs.set(file.name.replace(/\.json$/, ''), graph);
  }
  const idOf = (model: string): string | undefined => {
    const graph = graphs.get(model);
    return graph && modelId('timm', `${model}@${graph.nodes[0].shape.at(-1)}`);
  };
  const rows = (name: string) => readCsv(readTextChecked(join(folder, name)), name).map((r) => r.fields);
  const lines = [
    ...rows('cpu.csv')
      .filter((f) => f.runtime === 'eager')
      .map((f) => [idOf(f.model), `h200_eager_t${f.threads}`, f.latency_ms, '']),
    ...rows('gpu.csv').map((f) => [idOf(f.model), `h200_${f.configuration}`, f.latency_ms, f.energy_mj]),
  ];
  const dataset = await ingestTable(
    ['workload', 'device', 'latency_ms', 'energy_mj'],
    lines.filter(([id]) => id !== undefined),
    {
      name: NAME,
      source:
        'measured for hwcast with datasets/collect/timm/collect.py, November 2026: one NVIDIA H200 and 16 cores of the Intel Xeon beside it (virtual machine, its kind not named), groups of four side by side; PyTorch 2.11, timm 1.0.29, random weights',
      licence: 'Apache-2.0',
      devices: { ...DEVICES },
      notes: [
        'Models of PyTorch Image Models at their own image size, each configuration on those that its time sufficed for, taken at random.',
        'Latency: the median of five passes of a CUDA graph; on the processor the median of calls over half a second. Energy: NVML counter of the whole board over a quarter of a second, a call.',
        `Graphs are those of the programs of torch.export at batch 1, of ${GRAPHS} models taken at random of those of at most ${MOST_NODES} nodes; such that were not measured are here for their graphs.`,
        'Built by `npx tsx datasets/collect/timmH200.ts FOLDER`.',
      ],
    },
  );
  const known = new Map(dataset.workloads.map((w) => [w.id, w]));
  const small = [...graphs].filter(([, { nodes }]) => nodes.length <= MOST_NODES).sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [model, graph] of createRandom('graphs of timm-h200')
    .sample(small.length, GRAPHS)
    .sort((a, b) => a - b)
    .map((i) => small[i])) {
    const id = idOf(model)!,
      workload: Workload = known.get(id) ?? { id, facts: {} };
    workload.graph = graph;
    if (!known.has(id)) dataset.workloads.push(workload);
  }
  return dataset;
}

if (process.argv[1] === resolve(import.meta.filename)) {
  const [folder] = process.argv.slice(2);
  if (!folder) throw new Error('npx tsx datasets/collect/timmH200.ts FOLDER');
  const dataset = await buildTimmH200(folder);
  await writeDataset(join(import.meta.dirname, '..', NAME), dataset);
  const measurements = dataset.tasks.reduce((n, t) => n + t.rows.length, 0);
  console.log(`datasets/${NAME}: ${dataset.workloads.length} models, ${measurements} measurements`);
}
