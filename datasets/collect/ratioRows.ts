import { join } from 'node:path';
import { HYPOTHESES, type Hypothesis, rooflineTimes } from '../../src/analytical/roofline.js';
import { HwcastError } from '../../src/core/errors.js';
import { median } from '../../src/core/statistics.js';
import { type Condition, type Dataset, runtimeKind, type TaskData } from '../../src/dataset/dataset.js';
import { readDataset } from '../../src/dataset/store.js';
import { deviceNamed } from '../../src/device/deviceNamed.js';
import type { DeviceSpec } from '../../src/device/deviceSpec.js';
import { modelId } from '../../src/graph/namedModel.js';
import { DTYPE_BYTES, type Dtype, type OpGraph } from '../../src/graph/opGraph.js';
import { onnxReader } from '../../src/graph/readers/onnx/onnxReader.js';
import { workloadGraph } from '../../src/graph/workload.js';
import { modelFiles } from './modelFiles.js';

/** One measured value beside the rooflines of its workload. */
export interface RatioRow {
  /** `runtimeKind`, e.g. `pytorch cuda graph` */
  kind: string;
  /** the hardware, for leaving it out */
  device: string;
  dataset: string;
  /** device and condition of the dataset */
  configuration: string;
  spec: DeviceSpec;
  graph: OpGraph;
  /** that the tensors ran in, where it is not as the graph says */
  dtype?: Dtype;
  /** seconds, measured */
  latency: number;
  /** joules, measured */
  energy?: number;
  /** seconds */
  roofline: Record<Hypothesis, number>;
}

const DATASETS = join(import.meta.dirname, '..');

/** Boards of the ncnn benchmark (start of the heading) and the hardware of the catalogue that runs on their CPU or by Vulkan. */
const NCNN_BOARDS: readonly (readonly [heading: string, hardware: { cpu?: string; vulkan?: string }])[] = [
  ['AMD EPYC 7742', { cpu: 'EPYC-7742' }],
  ['AMD Radeon RX 6900 XT', { vulkan: 'RX-6900-XT' }],
  ['Intel Celeron N5105', { cpu: 'Celeron-N5105' }],
  ['Intel® Core™ i7-13700K', { cpu: 'Core-i7-13700K' }],
  ['MacBook Pro (13-inch, M1', { vulkan: 'Apple-M1' }],
  ['NVIDIA GeForce RTX 3060 Ti', { vulkan: 'RTX-3060Ti' }],
  ['NVIDIA Jetson AGX Orin', { cpu: 'Jetson-AGX-Orin-CPU', vulkan: 'Jetson-AGX-Orin-64GB' }],
  ['NVIDIA Jetson AGX Xavier', { vulkan: 'Jetson-AGX-Xavier-32GB' }],
  ['NVIDIA Jetson Nano', { cpu: 'Jetson-Nano-CPU', vulkan: 'Jetson-Nano' }],
  ['NVIDIA Jetson Orin Nano', { cpu: 'Jetson-Orin-Nano-CPU', vulkan: 'Jetson-Orin-Nano-8GB' }],
  ['NVIDIA Jetson TX2', { vulkan: 'Jetson-TX2' }],
  ['NVIDIA Quadro RTX 8000', { vulkan: 'Quadro-RTX-8000' }],
  ['NVIDIA RTX3090', { vulkan: 'RTX-3090' }],
  ['NVIDIA Tesla V100-PCIE-32GB', { vulkan: 'V100-PCIe-32GB' }],
  ['OrangePi5', { cpu: 'RK3588' }],
  ['Qualcomm SM8150-AC Snapdragon 855+', { cpu: 'Snapdragon-855-CPU' }],
  ['Raspberry Pi 4', { cpu: 'Raspberry-Pi-4B' }],
  ['Rock3A, Rockchip RK3568', { cpu: 'RK3568' }],
  ['Rockchip RK3588', { cpu: 'RK3588' }],
  ['nVIDIA RTX2080 of Desktop', { vulkan: 'RTX-2080' }],
];

/**
 * The Xeon of zoo-h100 and nb201-h100, which names no model. Assumed: a machine of the same kind, lent later, says family 6 model 207 (Emerald Rapids) at
 * 2.1 GHz, of which two AVX-512 FMA units a core and eight channels of DDR5-5600 are known. As many cores as threads, the whole bandwidth.
 */
const xeon = (threads: number): DeviceSpec => ({
  name: 'Xeon-16c',
  vendor: 'Intel',
  kind: 'cpu',
  peak: { fp32: threads * 2.1e9 * 64 },
  bandwidth: 358.4e9,
  source: 'assumed: lscpu of a machine of the same kind, and what is known of its generation',
});

function hardwareOf(data: Dataset, { device }: TaskData, condition: Condition): DeviceSpec | undefined {
  const named = data.card.devices[device].hardware;
  if (named === 'Xeon-16c') return xeon(condition.threads ?? 16);
  if (named) return deviceNamed(named);
  const entry = NCNN_BOARDS.find(([heading]) => device.startsWith(heading))?.[1];
  const name = entry?.[condition.backend?.startsWith('vulkan') ? 'vulkan' : 'cpu'];
  return name === undefined ? undefined : deviceNamed(name);
}

/** Networks a task: those of nb201-h100 are much alike. */
const MOST = 100;
/** Kinds that are a use of their own: not the one task with graph optimisations off. */
export const KINDS: readonly string[] = [
  'pytorch cuda eager',
  'pytorch cuda graph',
  'ncnn vulkan',
  'onnxruntime cpu compiled',
  'ncnn cpu',
];

/**
 * Measured values of zoo-h100, nb201-h100 and ncnn beside their rooflines, at the batch and type they were measured with: of models of the zoo the graph at
 * another batch is read from their ONNX files. Of the runs of an ncnn board on one processor, the fastest. Left out: other widths than the space
 * says, and int8 models by Vulkan, which ncnn runs on the CPU.
 * @param zoo folder with `onnx.tar`
 * @throws HwcastError as the readers
 */
export async function ratioRows(zoo: string): Promise<RatioRow[]> {
  const batched = await zooGraphs(join(zoo, 'onnx.tar'), 8);
  const rows: RatioRow[] = [];
  for (const name of ['zoo-h100', 'nb201-h100', 'ncnn']) {
    const data = await readDataset(join(DATASETS, name));
    for (const task of data.tasks.filter((t) => t.target === 'latency')) rows.push(...rowsOfTask(data, task, batched));
  }
  return fastestRuns(rows);
}

function rowsOfTask(data: Dataset, task: TaskData, batched: ReadonlyMap<string, OpGraph>): RatioRow[] {
  const condition = data.card.devices[task.device].conditions[task.condition];
  const { batch = 1 } = condition;
  const dtype = condition.dtype as Dtype | undefined;
  const spec = hardwareOf(data, task, condition),
    kind = runtimeKind(condition);
  if (!spec || !KINDS.includes(kind) || (dtype && !(dtype in DTYPE_BYTES)) || task.device.includes('width')) return [];
  const energies = data.tasks.find((t) => t.device === task.device && t.condition === task.condition && t.target === 'energy');
  const energyOf = new Map(energies && Array.from(energies.rows, (row, i) => [row, energies.values[i]] as const));
  const rows: RatioRow[] = [];
  const step = Math.max(1, Math.floor(task.rows.length / MOST));
  for (let i = 0; i < task.rows.length; i += step) {
    const workload = data.workloads[task.rows[i]];
    const graph = workload.space ? workloadGraph(workload, { batch }) : batch === 1 ? workload.graph : batched.get(workload.id);
    if (!graph || (kind === 'ncnn vulkan' && workload.id.endsWith('_int8'))) continue;
    const energy = energyOf.get(task.rows[i]);
    rows.push({
      kind,
      device: spec.name,
      dataset: data.card.name,
      configuration: `${task.device}@${task.condition}`,
      spec,
      graph,
      ...(dtype ? { dtype } : {}),
      latency: task.values[i],
      ...(energy === undefined ? {} : { energy }),
      roofline: Object.fromEntries(
        HYPOTHESES.map((hypothesis) => [hypothesis, rooflineTimes(graph, spec, { hypothesis, dtype }).latency]),
      ) as Record<Hypothesis, number>,
    });
  }
  return rows;
}

/** Graphs of the models with an open batch axis, by workload id. */
async function zooGraphs(tar: string, batch: number): Promise<Map<string, OpGraph>> {
  const graphs = new Map<string, OpGraph>();
  for await (const file of modelFiles([tar])) {
    try {
      const [read] = await onnxReader.read(file, { batch });
      const first = read.graph.nodes.find((n) => n.op === 'input');
      if (first?.shape[0] === batch)
        graphs.set(modelId('zoo', file.name.replace(/\.onnx$/, '').replaceAll('__', '/')), read.graph);
    } catch (error) {
      if (!(error instanceof HwcastError)) throw error; // its file fixes another batch
    }
  }
  return graphs;
}

/** Of the runs of one ncnn board (threads, choice of cores), the one with the least latency beside its roofline. */
function fastestRuns(rows: readonly RatioRow[]): RatioRow[] {
  const slowness = (run: readonly RatioRow[]) => median(run.map((r) => r.latency / r.roofline.compiled));
  const runs = [...grouped(rows, (r) => r.configuration).values()];
  const boards = grouped(runs, ([{ dataset, kind, device, configuration }]) =>
    dataset === 'ncnn' ? `${kind}/${device}` : configuration,
  );
  return [...boards.values()].flatMap((same) => same.reduce((best, run) => (slowness(run) < slowness(best) ? run : best)));
}

/** Values by key, in the order in which the keys come. */
export function grouped<T>(values: readonly T[], key: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const name = key(value),
      group = groups.get(name);
    if (group) group.push(value);
    else groups.set(name, [value]);
  }
  return groups;
}
