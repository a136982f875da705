import { join } from 'node:path';
import { mergeDatasets } from '../../src/dataset/merge.js';
import { readDataset } from '../../src/dataset/store.js';
import { workloadGraph } from '../../src/graph/workload.js';
import { kernelRoofline } from '../../src/networks/kernelRoofline.js';
import { domainTasks } from '../../src/surrogate/domainTasks.js';

/** A measured latency beside the rooflines of the kernels that a framework launches. */
export interface KernelRatioRow {
  /** `runtimeKind`, e.g. `pytorch cuda graph` */
  kind: string;
  /** the hardware, for leaving it out */
  device: string;
  dataset: string;
  /** device and condition of the dataset */
  configuration: string;
  /** seconds of a batch, measured */
  latency: number;
  /** seconds of a batch */
  roofline: number;
}

const DATASETS = join(import.meta.dirname, '..');
/** Datasets with GPUs, each with those that its graphs are in. */
const SOURCES: readonly (readonly string[])[] = [['zoo-h100'], ['zoo-h200'], ['timm', 'timm-h200'], ['nb201-h100']];
/** Kinds of runtime by how tasks are executed. */
const KINDS: ReadonlyMap<string | undefined, string> = new Map([
  ['eager', 'pytorch cuda eager'],
  ['graph', 'pytorch cuda graph'],
]);
/** Networks a task. */
const MOST = 100;

/**
 * Models with graphs on GPUs, in PyTorch, eager and as CUDA graphs. Full batches launched one by one count as graphs: a host is ahead of a device that is full.
 * Left out: other widths than the space says.
 */
export async function kernelRatioRows(): Promise<KernelRatioRow[]> {
  const rows: KernelRatioRow[] = [];
  for (const names of SOURCES) {
    const read = await Promise.all(names.map((name) => readDataset(join(DATASETS, name)))),
      data = read.length > 1 ? mergeDatasets(read) : read[0];
    for (const { device, condition, target, setting, rows: of, values } of domainTasks(
      data,
      data.workloads.map(() => 'all'),
      'all',
    )) {
      const kind = KINDS.get(setting.execution),
        { hardware, batch = 1, fullBatch } = setting;
      if (target !== 'latency' || !kind || !hardware || setting.framework !== 'pytorch' || device.includes('width')) continue;
      const asked = [...of.keys()].filter((i) => data.workloads[of[i]].graph ?? data.workloads[of[i]].space),
        step = Math.max(1, Math.floor(asked.length / MOST));
      for (const i of asked.filter((_, n) => n % step === 0)) {
        const workload = data.workloads[of[i]];
        const roofline = kernelRoofline(workloadGraph(workload, { batch }), workload.space ? { ...setting, batch: 1 } : setting);
        if (roofline === undefined) continue;
        const latency = values[i] * (fullBatch ? batch : 1);
        rows.push({ kind, device: hardware, dataset: names[0], configuration: `${device}@${condition}`, latency, roofline });
      }
    }
  }
  return rows;
}
