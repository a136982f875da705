import { HwcastError } from '../core/errors.js';
import { type Dataset, MeasurementSchema, type TaskData, taskId } from './dataset.js';

/**
 * Checks what every dataset keeps to: unique workloads; tasks named once, whose device and condition stand in the card; columns of equal length;
 * positive finite values; no workload twice in a task.
 * @param place where measurement `i` of a task came from, for messages; `task <id>, row <i + 1>` unless told
 * @throws HwcastError `bad-input` with the place and the value.
 */
export function checkDataset(
  dataset: Dataset,
  place = (task: TaskData, i: number) => `task ${taskId(task)}, row ${i + 1}`,
): void {
  const { workloads, tasks, card } = dataset;
  const ids = new Set<string>();
  workloads.forEach((w, i) => {
    if (!w.id || ids.has(w.id))
      throw new HwcastError('bad-input', w.id ? `workload '${w.id}' stands twice in the dataset` : 'workload without id', {
        where: `workload ${i + 1}`,
      });
    ids.add(w.id);
  });
  const seenTasks = new Set<string>();
  const stamp = new Int32Array(workloads.length).fill(-1),
    first = new Int32Array(workloads.length);
  tasks.forEach((task, t) => {
    const id = taskId(task);
    if (seenTasks.has(id))
      throw new HwcastError('bad-input', `task '${id}' stands twice in the dataset`, { where: `task ${t + 1}` });
    seenTasks.add(id);
    const n = task.rows.length;
    if (task.values.length !== n || task.spread.length !== n || task.repeats.length !== n)
      throw new HwcastError(
        'bad-input',
        `columns of unequal length: ${n} rows, ${task.values.length} values, ${task.spread.length} spreads, ${task.repeats.length} repeats`,
        { where: `task ${id}` },
      );
    const entry = Object.hasOwn(card.devices, task.device) ? card.devices[task.device] : undefined;
    if (n && !(entry && Object.hasOwn(entry.conditions, task.condition)))
      throw new HwcastError(
        'bad-input',
        entry
          ? `condition '${task.condition}' of device '${task.device}' is not in the card`
          : `device '${task.device}' is not in the card`,
        { where: `task ${id}` },
      );
    for (let i = 0; i < n; i++) {
      const row = task.rows[i],
        value = task.values[i];
      if (!(row >= 0 && row < workloads.length))
        throw new HwcastError('bad-input', `workload position ${row} of ${workloads.length} workloads`, {
          where: place(task, i),
        });
      if (i === 0 || !(value > 0 && value < Infinity) || task.spread[i] < 0 || task.spread[i] === Infinity || task.repeats[i] < 0)
        checkMeasurement(measurementAt(dataset, task, i), place(task, i));
      if (stamp[row] === t)
        throw new HwcastError(
          'bad-input',
          `workload '${workloads[row].id}' is measured twice in task '${id}' (also at ${place(task, first[row])})`,
          {
            where: place(task, i),
            hint: 'keep one value, or aggregate the passes with `hwcast ingest`',
          },
        );
      stamp[row] = t;
      first[row] = i;
    }
  });
}

/** Measurement `i` of a task as a flat row. */
function measurementAt(dataset: Pick<Dataset, 'workloads'>, task: TaskData, i: number) {
  return {
    workload: dataset.workloads[task.rows[i]].id,
    device: task.device,
    condition: task.condition,
    target: task.target,
    value: task.values[i],
    repeats: task.repeats[i] === 0 ? null : task.repeats[i],
    spread: Number.isNaN(task.spread[i]) ? null : task.spread[i],
  };
}

/** @throws HwcastError `bad-input` with every field that breaks the schema and its value. */
export function checkMeasurement(row: Record<string, unknown>, where: string): void {
  const parsed = MeasurementSchema.safeParse(row);
  if (parsed.success) return;
  const issues = parsed.error.issues.map((issue) => {
    const field = String(issue.path[0] ?? 'row');
    return `${field} ${JSON.stringify(String(row[field]))}: ${issue.message}`;
  });
  throw new HwcastError('bad-input', `not a measurement of '${row.workload}' on '${row.device}': ${issues.join('; ')}`, {
    where,
    cause: parsed.error,
    hint: `a measurement has ${Object.keys(MeasurementSchema.shape).join(', ')}; its value is a positive number of seconds, joules, watts or bytes`,
  });
}
