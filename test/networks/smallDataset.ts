import { createRandom } from '../../src/core/random.js';
import { type Dataset, type TaskData, taskId } from '../../src/dataset/dataset.js';
import { nasbench201 } from '../../src/graph/spaces/nasbench201.js';
import { spaceWorkload, type Workload } from '../../src/graph/workload.js';
import type { TrainingTask } from '../../src/networks/closedForm.js';

/**
 * Devices of the law: seconds (and joules) of the fixed part of the network and of one edge operator none, skip, 1x1, 3x3, pool.
 * `compiled` devices do not pay for dead operators.
 */
const DEVICES = {
  gpu_a: {
    base: 2e-3,
    edge: [5e-5, 1e-5, 4e-4, 5e-4, 2e-4],
    compiled: false,
    energy: { base: 0.1, edge: [2e-3, 1e-3, 1e-2, 4e-2, 8e-3] },
  },
  gpu_b: { base: 1e-3, edge: [3e-5, 1e-5, 2e-4, 2.6e-4, 9e-5], compiled: false },
  gpu_graph: { base: 3e-4, edge: [0, 2e-5, 8e-5, 1.6e-4, 7e-5], compiled: true },
  cpu_a: {
    base: 5e-3,
    edge: [1e-4, 1e-5, 1.4e-3, 8e-3, 1e-3],
    compiled: false,
    energy: { base: 0.3, edge: [5e-3, 1e-3, 6e-2, 0.4, 5e-2] },
  },
  cpu_b: { base: 3e-3, edge: [0, 2e-5, 7e-4, 5e-3, 1.2e-3], compiled: true },
  phone: { base: 1e-2, edge: [2e-4, 1e-4, 3e-3, 1.5e-2, 2e-3], compiled: false },
} as const;
export type SmallDevice = keyof typeof DEVICES;

/** The value that the law gives a network, without noise. */
export function lawValue(device: SmallDevice, target: 'latency' | 'energy', workload: Workload): number {
  const d = DEVICES[device],
    law = target === 'latency' ? d : (d as (typeof DEVICES)['gpu_a']).energy;
  const arch = d.compiled ? nasbench201.live(workload.arch!) : workload.arch!;
  return arch.reduce((sum, op) => sum + law.edge[op], law.base);
}

/** Different networks of NAS-Bench-201, drawn with a seed. */
export function drawNetworks(count: number, seed: string): Workload[] {
  return createRandom(seed)
    .sample(nasbench201.size!, count)
    .map((i) => spaceWorkload(nasbench201, nasbench201.at!(i)));
}

export const SMALL_DEVICES = Object.keys(DEVICES) as SmallDevice[];

/** Four devices (two with energy) and 40 networks unless told, so that a model trains in about two seconds; 1 % noise. Everything follows from the seed. */
export function smallDataset(networks = 40, devices: readonly SmallDevice[] = ['gpu_a', 'gpu_graph', 'cpu_a', 'phone']): Dataset {
  const workloads = drawNetworks(networks, 'small dataset'),
    random = createRandom('small noise');
  const tasks = devices.flatMap((device): TaskData[] =>
    (['latency', 'energy'] as const)
      .filter((target) => target === 'latency' || 'energy' in DEVICES[device])
      .map((target) => {
        const noise = random.fork(`${device} ${target}`);
        return {
          device,
          condition: '',
          target,
          rows: Int32Array.from({ length: networks }, (_, i) => i),
          values: Float64Array.from(workloads, (w) => lawValue(device, target, w) * Math.exp(0.01 * noise.normal())),
          spread: new Float64Array(networks).fill(Number.NaN),
          repeats: new Int32Array(networks),
        };
      }),
  );
  return {
    card: {
      name: 'small',
      source: 'a hand-made additive law',
      licence: 'CC0-1.0',
      devices: Object.fromEntries(devices.map((d) => [d, { conditions: { '': {} } }])),
      noise: {},
      notes: [],
    },
    workloads,
    tasks,
    splits: {},
  };
}

/** Tasks of a dataset of one space as training input. */
export const trainingTasks = (data: Dataset): TrainingTask[] => data.tasks.map((task) => ({ ...task, id: taskId(task) }));

/** The law of `gpu_graph` as a second condition of `gpu_a`: conditions `eager` (latency and energy) and `graph` (latency); `cpu_a` and `phone` have one. */
export function twoConditions(networks = 24): Dataset {
  const data = smallDataset(networks);
  const conditions: Record<string, string> = { gpu_a: 'eager', gpu_graph: 'graph' };
  const { gpu_graph: _, ...devices } = data.card.devices;
  return {
    ...data,
    card: { ...data.card, devices: { ...devices, gpu_a: { conditions: { eager: {}, graph: {} } } } },
    tasks: data.tasks.map((t) => (t.device in conditions ? { ...t, device: 'gpu_a', condition: conditions[t.device] } : t)),
  };
}
