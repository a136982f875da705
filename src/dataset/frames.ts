import { HwcastError } from '../core/errors.js';
import { parseWorkload, type Workload } from '../graph/workload.js';
import { checkDataset, checkMeasurement } from './checkDataset.js';
import type { Dataset, DatasetCard, Measurement, TaskData } from './dataset.js';
import { measurementColumns } from './tables.js';

// biome-ignore lint/suspicious/noTsIgnore: stands in the declarations, where the package may be missing: the type is `any` then, not an error
/** @ts-ignore */
export type DataFrame = import('danfojs-node').DataFrame;

/** danfojs is an optional peer: it brings TensorFlow.js, loads in about a second and does not install everywhere. */
async function loadDanfo(): Promise<typeof import('danfojs-node')> {
  try {
    const module = await import('danfojs-node');
    return (module as { default?: typeof import('danfojs-node') }).default ?? module;
  } catch (cause) {
    throw new HwcastError('not-found', "DataFrames need the package 'danfojs-node', which does not load", {
      hint: 'run `npm install danfojs-node` in your project, or use toTable (arquero), which comes with hwcast',
      cause,
    });
  }
}

/**
 * The measurements of a dataset as a danfojs DataFrame, one row each, with the columns of `measurementColumns`.
 * @throws HwcastError `not-found` where danfojs-node is not installed.
 */
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
  const groups = new Map<string, { first: Measurement; rows: number[]; frameRows: number[] }>();
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
    let index = position.get(row.workload);
    if (index === undefined) {
      if (options.workloads) throw new HwcastError('bad-input', `workload '${row.workload}' is none of those given`, { where });
      index = workloads.push(parseWorkload(row.workload)) - 1;
      position.set(row.workload, index);
    }
    if (!Object.hasOwn(devices, row.device)) devices[row.device] = { conditions: {} };
    if (!Object.hasOwn(devices[row.device].conditions, row.condition))
      devices[row.device] = { ...devices[row.device], conditions: { ...devices[row.device].conditions, [row.condition]: {} } };
    const key = JSON.stringify([row.device, row.condition, row.target]),
      group = groups.get(key) ?? { first: row, rows: [], frameRows: [] };
    groups.set(key, group);
    group.rows.push(index);
    group.frameRows.push(i);
  });
  const number = (x: unknown, absent: number) => (typeof x === 'number' && !Number.isNaN(x) ? x : absent);
  const tasks = [...groups.values()].map(
    ({ first, rows, frameRows }): TaskData => ({
      device: first.device,
      condition: first.condition,
      target: first.target,
      rows: Int32Array.from(rows),
      values: Float64Array.from(frameRows, (i) => columns.value[i] as number),
      spread: Float64Array.from(frameRows, (i) => number(columns.spread[i], Number.NaN)),
      repeats: Int32Array.from(frameRows, (i) => number(columns.repeats[i], 0)),
    }),
  );
  const dataset: Dataset = { card: { noise: {}, ...options.card, devices }, workloads, tasks, splits: options.splits ?? {} };
  checkDataset(dataset);
  return dataset;
}
