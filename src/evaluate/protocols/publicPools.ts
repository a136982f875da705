import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { HwcastError } from '../../core/errors.js';
import { readFileChecked } from '../../core/files.js';
import { importPublic } from '../../dataset/import/importPublic.js';
import type { Workload } from '../../graph/workload.js';
import type { TrainingTask } from '../../networks/closedForm.js';
import type { TestTask } from './networkSplit.js';

const SplitsSchema = z.object({
  help: z.record(
    z.string(),
    z.object({
      meta_train: z.array(z.string()),
      meta_valid: z.array(z.string()),
      meta_test: z.array(z.string()),
      train_pool: z.tuple([z.int(), z.int()]),
      query_pool: z.tuple([z.int(), z.int()]),
      hardware_embedding_arch_index: z.array(z.int()),
    }),
  ),
  nasflat_tasks: z.record(z.string(), z.object({ space: z.string(), train: z.array(z.string()), test: z.array(z.string()) })),
});

/** Public measurements of one space: workloads in index order and the latency task of each device. */
export interface PublicPool {
  workloads: Workload[];
  /** by device; rows are positions in `workloads`, values in seconds */
  tasks: Map<string, MeasuredNetworks>;
}
export interface MeasuredNetworks {
  rows: Int32Array;
  values: Float64Array;
}

const FOLDERS: Record<string, string[]> = {
  nasbench201: ['nasbench201-latency', 'nasbench201-extra-devices'],
  fbnet: ['fbnet-latency'],
  ofa: ['ofa-latency'],
};

/** The splits of both protocols. @throws HwcastError `not-found`, `bad-input` where they do not fit */
export function readSplits(data: string): z.infer<typeof SplitsSchema> {
  const path = join(data, 'nasbench201-latency', 'splits.json');
  const parsed = SplitsSchema.safeParse(JSON.parse(readFileChecked(path, 'splits of the protocols').toString()));
  if (!parsed.success) throw new HwcastError('bad-input', `splits do not fit: ${z.prettifyError(parsed.error)}`, { where: path });
  return parsed.data;
}

/** Latency of all devices in the folders of a space. @throws HwcastError `not-found` where there is none */
export async function readPool(data: string, space: string): Promise<PublicPool> {
  const pool: PublicPool = { workloads: [], tasks: new Map() },
    position = new Map<string, number>();
  for (const name of FOLDERS[space] ?? []) {
    const folder = join(data, name);
    if (!existsSync(folder)) continue;
    const dataset = await importPublic(folder, {});
    const positions = dataset.workloads.map((w) => {
      let i = position.get(w.id);
      if (i === undefined) {
        i = pool.workloads.push(w) - 1;
        position.set(w.id, i);
      }
      return i;
    });
    for (const t of dataset.tasks)
      if (t.target === 'latency') pool.tasks.set(t.device, { rows: t.rows.map((r) => positions[r]), values: t.values });
  }
  if (!pool.workloads.length)
    throw new HwcastError('not-found', `no latency data of ${space} in '${data}'`, {
      hint: `expected ${(FOLDERS[space] ?? []).join(', ')}`,
    });
  return pool;
}

/** A device to test on, measured and asked about at these positions of its networks; none where the data does not have it. */
export function latencyTest(
  device: string,
  task: MeasuredNetworks | undefined,
  pools: (task: MeasuredNetworks) => Pick<TestTask, 'supportPool' | 'queryPool'>,
): TestTask[] {
  return task ? [{ device, condition: '', target: 'latency', ...task, ...pools(task) }] : [];
}

/** A device to train on. */
export const latencyTask = (device: string, task: MeasuredNetworks): TrainingTask => ({
  id: `${device}:latency`,
  device,
  condition: '',
  target: 'latency',
  ...task,
});
