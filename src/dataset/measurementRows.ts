import { HwcastError } from '../core/errors.js';
import type { Workload } from '../graph/workload.js';
import { checkMeasurement } from './checkDataset.js';
import type { Measurement, TaskData } from './dataset.js';
import { readParquet, writeParquet } from './parquet.js';

/** A dictionary by force: the writer's own sampling misjudges columns whose values repeat once a task. */
const NAME = { type: 'STRING', nullable: false, encoding: 'RLE_DICTIONARY' } as const;

/** One flat row a measurement, task by task, in the order of the tasks' columns. */
export function writeMeasurements(workloads: readonly Workload[], tasks: readonly TaskData[]): Uint8Array {
  const each = <T>(pick: (task: TaskData, i: number) => T): T[] =>
    tasks.flatMap((task) => Array.from(task.rows, (_, i) => pick(task, i)));
  return writeParquet([
    { name: 'workload', data: each((t, i) => workloads[t.rows[i]].id), ...NAME },
    { name: 'device', data: each((t) => t.device), ...NAME },
    { name: 'condition', data: each((t) => t.condition), ...NAME },
    { name: 'target', data: each((t) => t.target), ...NAME },
    { name: 'value', data: each((t, i) => t.values[i]), type: 'DOUBLE', nullable: false },
    { name: 'repeats', data: each((t, i) => t.repeats[i] || null), type: 'INT32' },
    { name: 'spread', data: each((t, i) => (Number.isNaN(t.spread[i]) ? null : t.spread[i])), type: 'DOUBLE' },
  ]);
}

/**
 * Tasks from the rows of `measurements.parquet`, in the order of their first rows, and the number of each row in the file, from 0.
 * Types are checked here, values and duplicates by `checkDataset`.
 * @throws HwcastError `corrupt`, `bad-input` naming the row of `where`.
 */
export async function readMeasurements(
  bytes: Uint8Array,
  workloads: readonly Workload[],
  where: string,
): Promise<{ tasks: TaskData[]; rowNumbers: Map<TaskData, number[]> }> {
  const names = ['workload', 'device', 'condition', 'target', 'value', 'repeats', 'spread'] as const;
  const column = await readParquet(bytes, names, where);
  const position = new Map(workloads.map((w, i) => [w.id, i]));
  const groups = new Map<string, { first: Measurement; at: number[]; rows: number[] }>();
  let group: { first: Measurement; at: number[]; rows: number[] } | undefined;
  for (let i = 0; i < column.workload.length; i++) {
    const value = column.value[i],
      repeats = column.repeats[i],
      spread = column.spread[i];
    if (
      !group ||
      group.first.device !== column.device[i] ||
      group.first.condition !== column.condition[i] ||
      group.first.target !== column.target[i]
    ) {
      const first = Object.fromEntries(names.map((n) => [n, column[n][i]])) as Measurement;
      checkMeasurement(first, `${where}, row ${i + 1}`);
      const key = JSON.stringify([first.device, first.condition, first.target]);
      group = groups.get(key) ?? { first, at: [], rows: [] };
      groups.set(key, group);
    } else if (
      typeof value !== 'number' ||
      !(repeats === null || typeof repeats === 'number') ||
      !(spread === null || typeof spread === 'number') ||
      Number.isNaN(spread)
    )
      checkMeasurement(Object.fromEntries(names.map((n) => [n, column[n][i]])), `${where}, row ${i + 1}`);
    const row = position.get(column.workload[i] as string);
    if (row === undefined)
      throw new HwcastError('bad-input', `workload '${column.workload[i]}' is not in workloads.parquet`, {
        where: `${where}, row ${i + 1}`,
      });
    group.at.push(i);
    group.rows.push(row);
  }
  const rowNumbers = new Map<TaskData, number[]>();
  const tasks = [...groups.values()].map(({ first, at, rows }) => {
    const task: TaskData = {
      device: first.device,
      condition: first.condition,
      target: first.target,
      rows: Int32Array.from(rows),
      values: Float64Array.from(at, (i) => column.value[i] as number),
      spread: Float64Array.from(at, (i) => (column.spread[i] as number | null) ?? Number.NaN),
      repeats: Int32Array.from(at, (i) => (column.repeats[i] as number | null) ?? 0),
    };
    rowNumbers.set(task, at);
    return task;
  });
  return { tasks, rowNumbers };
}
