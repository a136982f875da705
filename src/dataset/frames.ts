import type { DataFrame } from 'danfojs-node';
import { HwcastError } from '../core/errors.js';
import { parseWorkload, type Workload } from '../graph/workload.js';
import { checkDataset, checkMeasurement } from './checkDataset.js';
import type { Dataset, DatasetCard, Measurement, TaskData } from './dataset.js';
import { measurementColumns } from './tables.js';

/** danfojs loads in about a second and brings TensorFlow.js: only those who ask for frames pay for it. */
async function loadDanfo(): Promise<typeof import('danfojs-node')> {
  const module = await import('danfojs-node');
  return (module as { default?: typeof import('danfojs-node') }).default ?? module;
}

/** The measurements of a dataset as a danfojs DataFrame, one row each, with the columns of `measurementColumns`. */
export async function toDataFrame(dataset: Pick<Dataset, 'workloads' | 'tasks'>): Promise<DataFrame> {
  const { DataFrame } = await loadDanfo();
  return new DataFrame({ ...measurementColumns(dataset) });
}

/**
 * A dataset from a DataFrame with the columns `workload, device, condition, target, value` and, where known, `repeats, spread`.
 * @param options.workloads the workloads and their order; those the rows name, in order of appearance, unless given (free graphs must be given)
 * @param options.card what the rows cannot say; devices without an entry get one with unknown conditions
 * @throws HwcastError `bad-input` naming the row.
 */
export function fromDataFrame(
  frame: DataFrame,
  options: {
    card: Omit<DatasetCard, 'devices' | 'noise'> & Partial<DatasetCard>;
    workloads?: readonly Workload[];
    splits?: Dataset['splits'];
  },
): Dataset {
  const names = frame.columns as string[];
  for (const needed of ['workload', 'device', 'condition', 'target', 'value'])
    if (!names.includes(needed))
      throw new HwcastError('bad-input', `no column '${needed}' in the DataFrame; columns: ${names.join(', ')}`);
  const column = (name: string): unknown[] => (names.includes(name) ? (frame.column(name).values as unknown[]) : []);
  const columns = {
    workload: column('workload'),
    device: column('device'),
    condition: column('condition'),
    target: column('target'),
    value: column('value'),
    repeats: column('repeats'),
    spread: column('spread'),
  };
  const workloads: Workload[] = [...(options.workloads ?? [])];
  const position = new Map(workloads.map((w, i) => [w.id, i]));
  const devices: DatasetCard['devices'] = { ...options.card.devices };
  const groups = new Map<string, { first: Measurement; rows: number[]; at: number[] }>();
  columns.workload.forEach((_, i) => {
    const where = `DataFrame row ${i + 1}`,
      unknown = (x: unknown) => (typeof x === 'number' && !Number.isNaN(x) ? x : null);
    const row = {
      workload: columns.workload[i],
      device: columns.device[i],
      condition: columns.condition[i] ?? '',
      target: columns.target[i],
      value: columns.value[i],
      repeats: unknown(columns.repeats[i]),
      spread: unknown(columns.spread[i]),
    } as Measurement;
    checkMeasurement({ ...row }, where);
    let at = position.get(row.workload);
    if (at === undefined) {
      if (options.workloads) throw new HwcastError('bad-input', `workload '${row.workload}' is none of those given`, { where });
      at = workloads.push(parseWorkload(row.workload)) - 1;
      position.set(row.workload, at);
    }
    devices[row.device] ??= { conditions: {} };
    if (!devices[row.device].conditions[row.condition])
      devices[row.device] = { ...devices[row.device], conditions: { ...devices[row.device].conditions, [row.condition]: {} } };
    const key = JSON.stringify([row.device, row.condition, row.target]),
      group = groups.get(key) ?? { first: row, rows: [], at: [] };
    groups.set(key, group);
    group.rows.push(at);
    group.at.push(i);
  });
  const number = (x: unknown, absent: number) => (typeof x === 'number' && !Number.isNaN(x) ? x : absent);
  const tasks = [...groups.values()].map(
    ({ first, rows, at }): TaskData => ({
      device: first.device,
      condition: first.condition,
      target: first.target,
      rows: Int32Array.from(rows),
      values: Float64Array.from(at, (i) => columns.value[i] as number),
      spread: Float64Array.from(at, (i) => number(columns.spread[i], Number.NaN)),
      repeats: Int32Array.from(at, (i) => number(columns.repeats[i], 0)),
    }),
  );
  const dataset: Dataset = { card: { noise: {}, ...options.card, devices }, workloads, tasks, splits: options.splits ?? {} };
  checkDataset(dataset);
  return dataset;
}

/**
 * Standardises the columns of a DataFrame of features: mean 0, standard deviation 1 (danfojs StandardScaler, single precision).
 * @returns the scaled frame, and `restore`, which undoes the scaling
 * @throws HwcastError `bad-input` naming a column that is constant (nothing to scale by) or does not survive the round trip in single precision.
 */
export async function standardise(frame: DataFrame): Promise<{ scaled: DataFrame; restore: (scaled: DataFrame) => DataFrame }> {
  const { StandardScaler, tensorflow } = await loadDanfo();
  const scaler = new StandardScaler();
  tensorflow.tidy(() => {
    scaler.fit(frame);
    for (const field of Object.values(scaler)) if (field instanceof tensorflow.Tensor) tensorflow.keep(field);
  });
  const apply = (x: DataFrame, how: 'transform' | 'inverseTransform') =>
    tensorflow.tidy(() => ({ frame: scaler[how](x) as DataFrame })).frame;
  const scaled = apply(frame, 'transform'),
    restore = (x: DataFrame) => apply(x, 'inverseTransform');
  const before = frame.values as number[][],
    after = restore(scaled).values as number[][],
    unit = scaled.values as number[][];
  (frame.columns as string[]).forEach((name, c) => {
    if (unit.some((row) => !Number.isFinite(row[c])))
      throw new HwcastError('bad-input', `column '${name}' is constant or holds no finite numbers`, {
        hint: 'drop it before scaling',
      });
    const range = Math.max(...before.map((row) => Math.abs(row[c])));
    if (before.some((row, r) => Math.abs(row[c] - after[r][c]) > 1e-5 * range))
      throw new HwcastError('bad-input', `column '${name}' does not survive scaling in single precision`, {
        hint: 'take logarithms of wide ranges first',
      });
  });
  return { scaled, restore };
}
