import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { HwcastError } from '../../core/errors.js';
import { readFileChecked } from '../../core/files.js';
import { type Dataset, type TaskData, taskId } from '../../dataset/dataset.js';
import { importPublic } from '../../dataset/import/importPublic.js';
import type { Workload } from '../../graph/workload.js';
import type { TrainingTask } from '../../networks/closedForm.js';
import { type EvaluationCase, everyPosition, type TestTask } from '../evaluationCase.js';

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
interface Pool {
  workloads: Workload[];
  tasks: Map<string, { rows: Int32Array; values: Float64Array }>;
}

const FOLDERS: Record<string, string[]> = {
  nasbench201: ['nasbench201-latency', 'nasbench201-extra-devices'],
  fbnet: ['fbnet-latency'],
  ofa: ['ofa-latency'],
};

function readSplits(data: string): z.infer<typeof SplitsSchema> {
  const path = join(data, 'nasbench201-latency', 'splits.json');
  const parsed = SplitsSchema.safeParse(JSON.parse(readFileChecked(path, 'splits of the protocols').toString()));
  if (!parsed.success) throw new HwcastError('bad-input', `splits do not fit: ${z.prettifyError(parsed.error)}`, { where: path });
  return parsed.data;
}

async function readPool(data: string, space: string): Promise<Pool> {
  const pool: Pool = { workloads: [], tasks: new Map() },
    position = new Map<string, number>();
  for (const name of FOLDERS[space] ?? []) {
    const folder = join(data, name);
    if (!existsSync(folder)) continue;
    const dataset = await importPublic(folder, {});
    const at = dataset.workloads.map((w) => {
      let i = position.get(w.id);
      if (i === undefined) {
        i = pool.workloads.push(w) - 1;
        position.set(w.id, i);
      }
      return i;
    });
    for (const t of dataset.tasks)
      if (t.target === 'latency') pool.tasks.set(t.device, { rows: t.rows.map((r) => at[r]), values: t.values });
  }
  if (!pool.workloads.length)
    throw new HwcastError('not-found', `no latency data of ${space} in '${data}'`, {
      hint: `expected ${(FOLDERS[space] ?? []).join(', ')}`,
    });
  return pool;
}

const training = (device: string, task: { rows: Int32Array; values: Float64Array }): TrainingTask => ({
  id: `${device}:latency`,
  device,
  condition: '',
  target: 'latency',
  ...task,
});

/**
 * HELP (Lee et al., NeurIPS 2021): training devices on their training pool, support from the target's training pool, queries from its query pool;
 * both pools lose the fastest and slowest tenth of the device. Test devices the data does not have are named in `missing`.
 */
export async function helpCases(data: string, spaces: readonly string[]): Promise<EvaluationCase[]> {
  const splits = readSplits(data).help,
    cases: EvaluationCase[] = [];
  for (const space of spaces) {
    const split = splits[space];
    if (!split)
      throw new HwcastError('not-found', `HELP has no split of '${space}'`, { hint: `one of ${Object.keys(splits).join(', ')}` });
    const pool = await readPool(data, space);
    const within = ([from, to]: readonly [number, number], task: { rows: Int32Array; values: Float64Array }): Int32Array => {
      const all = everyPosition(task.rows.length)
        .filter((i) => task.rows[i] >= from && task.rows[i] < to)
        .sort((a, b) => task.values[a] - task.values[b] || a - b);
      return all.subarray(Math.floor(all.length / 10), all.length - Math.floor(all.length / 10));
    };
    const onTrainPool = (devices: readonly string[]) =>
      devices.flatMap((device) => {
        const task = pool.tasks.get(device);
        if (!task) return [];
        const keep = everyPosition(task.rows.length).filter(
          (i) => task.rows[i] >= split.train_pool[0] && task.rows[i] < split.train_pool[1],
        );
        return [
          training(device, { rows: keep.map((i) => task.rows[i]), values: Float64Array.from(keep, (i) => task.values[i]) }),
        ];
      });
    // the reference networks are measured on every device, also where they lie outside the pool
    const referenceValues = new Map(
      [...pool.tasks].flatMap(([device, task]): [string, Float64Array][] => {
        const at = new Map(Array.from(task.rows, (row, i) => [row, i])),
          positions = split.hardware_embedding_arch_index.map((row) => at.get(row));
        return positions.some((i) => i === undefined) ? [] : [[device, Float64Array.from(positions, (i) => task.values[i!])]];
      }),
    );
    const train = onTrainPool(split.meta_train),
      validation = onTrainPool(split.meta_valid);
    const test = split.meta_test.flatMap((device): TestTask[] => {
      const task = pool.tasks.get(device);
      return task
        ? [
            {
              device,
              condition: '',
              target: 'latency',
              ...task,
              supportPool: within(split.train_pool, task),
              queryPool: within(split.query_pool, task),
            },
          ]
        : [];
    });
    cases.push({
      protocol: 'help',
      space,
      task: 'HELP',
      workloads: pool.workloads,
      train,
      validation,
      referenceValues,
      test,
      references: split.hardware_embedding_arch_index,
      networksPerTask: split.train_pool[1] - split.train_pool[0],
      missing: [...split.meta_train, ...split.meta_test].filter((d) => !pool.tasks.has(d)),
    });
  }
  return cases;
}

/** NASFLAT tasks (Akhauri and Abdelfattah, 2024): train on some devices, test on all networks of the space on others, the measured ones left out. */
export async function nasflatCases(data: string, tasks?: readonly string[]): Promise<EvaluationCase[]> {
  const splits = readSplits(data),
    cases: EvaluationCase[] = [],
    pools = new Map<string, Pool>();
  for (const name of tasks ?? Object.keys(splits.nasflat_tasks)) {
    const split = splits.nasflat_tasks[name];
    if (!split)
      throw new HwcastError('not-found', `no NASFLAT task '${name}'`, {
        hint: `one of ${Object.keys(splits.nasflat_tasks).join(', ')}`,
      });
    let pool = pools.get(split.space);
    if (!pool) {
      pool = await readPool(data, split.space);
      pools.set(split.space, pool);
    }
    const { tasks: measured, workloads } = pool;
    cases.push({
      protocol: 'nasflat',
      space: split.space,
      task: name,
      workloads,
      references: splits.help[split.space].hardware_embedding_arch_index,
      networksPerTask: split.space === 'fbnet' ? 4000 : 900,
      train: split.train.flatMap((d) => (measured.has(d) ? [training(d, measured.get(d)!)] : [])),
      test: split.test.flatMap((device): TestTask[] => {
        const task = measured.get(device);
        return task
          ? [
              {
                device,
                condition: '',
                target: 'latency',
                ...task,
                supportPool: everyPosition(task.rows.length),
                queryPool: everyPosition(task.rows.length),
              },
            ]
          : [];
      }),
      missing: [...split.train, ...split.test].filter((d) => !measured.has(d)),
    });
  }
  return cases;
}

/**
 * Each device of a dataset left out in turn, with all its targets and conditions. Its tasks are tested on the networks that were measured well: in
 * at least half as many passes as the best measured network of the task (others are too noisy to judge by); training uses all.
 */
export function leaveOneOutCases(dataset: Dataset, devices?: readonly string[]): EvaluationCase[] {
  const all = [...new Set(dataset.tasks.map((t) => t.device))],
    wanted = devices ?? all;
  const unknown = wanted.find((d) => !all.includes(d));
  if (unknown !== undefined)
    throw new HwcastError('not-found', `no device '${unknown}' in the dataset`, { hint: `it has ${all.join(', ')}` });
  const spaces = [...new Set(dataset.workloads.map((w) => w.space?.name ?? 'graphs'))];
  return spaces.flatMap((space) => {
    const inSpace = (t: TaskData) =>
      everyPosition(t.rows.length).filter((i) => (dataset.workloads[t.rows[i]].space?.name ?? 'graphs') === space);
    const tasks = dataset.tasks
      .map((t) => {
        const keep = inSpace(t);
        return {
          id: taskId(t),
          device: t.device,
          condition: t.condition,
          target: t.target,
          rows: keep.map((i) => t.rows[i]),
          values: Float64Array.from(keep, (i) => t.values[i]),
          repeats: keep.map((i) => t.repeats[i]),
        };
      })
      .filter((t) => t.rows.length);
    const wellMeasured = (repeats: Int32Array) => {
      const enough = repeats.reduce((a, b) => Math.max(a, b), 0) / 2;
      return everyPosition(repeats.length).filter((i) => repeats[i] >= enough);
    };
    return wanted
      .filter((d) => tasks.some((t) => t.device === d))
      .map(
        (device): EvaluationCase => ({
          protocol: 'leave-one-out',
          space,
          task: `without ${device}`,
          workloads: dataset.workloads,
          references: [],
          networksPerTask: 2000,
          missing: [],
          train: tasks.filter((t) => t.device !== device).map(({ repeats: _, ...t }) => t),
          test: tasks
            .filter((t) => t.device === device)
            .map(
              ({ repeats, ...t }): TestTask => ({ ...t, supportPool: wellMeasured(repeats), queryPool: wellMeasured(repeats) }),
            ),
        }),
      );
  });
}
