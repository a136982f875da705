import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { HwcastError } from '../errors.js';
import { readFileChecked, sha256, writeFolderAtomic } from '../files.js';
import { parseOpGraph } from '../graph/opGraph.js';
import { spaceNamed } from '../graph/spaces/index.js';
import { spaceWorkload, type Workload } from '../graph/workload.js';
import { checkDataset, checkMeasurement } from './checkDataset.js';
import { type Dataset, type DatasetCard, DeviceEntrySchema, type Measurement, type TaskData } from './dataset.js';
import { corruptFile, readParquet, writeParquet } from './parquet.js';
import { renderCard } from './renderCard.js';
import { UNITS } from './units.js';

/** Version of the folder's layout. A reader refuses a newer one. */
export const DATASET_FORMAT = 1;

const NoiseSchema = z.strictObject({ halves: z.number(), ofMean: z.number(), medianDifference: z.number(), passes: z.number() });
const CountsSchema = z.strictObject({ workloads: z.int(), devices: z.int(), tasks: z.int(), measurements: z.int() });

/** `dataset.json`: the card, what stands in the other files, and their sha256. `checksum` is the sha256 of the other fields as compact JSON. */
const ManifestSchema = z.strictObject({
  formatVersion: z.literal(DATASET_FORMAT),
  name: z.string(),
  source: z.string(),
  licence: z.string(),
  devices: z.record(z.string(), DeviceEntrySchema),
  units: z.record(z.string(), z.string()),
  noise: z.record(z.string(), NoiseSchema),
  notes: z.array(z.string()),
  counts: CountsSchema,
  files: z.record(z.string(), z.string()),
  checksum: z.string(),
});
type Manifest = z.infer<typeof ManifestSchema>;
const DATA_FILES = ['workloads.parquet', 'measurements.parquet', 'splits.json'] as const;

/**
 * Writes a dataset folder whole: `dataset.json`, `workloads.parquet`, `measurements.parquet`, `splits.json`, `README.md`.
 * The same dataset gives the same bytes; tasks without a measurement are not stored.
 * An older dataset in the folder is replaced, anything else is not.
 * @throws HwcastError `bad-input` where the dataset breaks a rule of `checkDataset` or the folder holds something else; nothing is written then.
 */
export async function writeDataset(folder: string, dataset: Dataset): Promise<void> {
  checkDataset(dataset);
  if (existsSync(folder) && !existsSync(join(folder, 'dataset.json')) && !(statSync(folder).isDirectory() && readdirSync(folder).length === 0))
    throw new HwcastError('bad-input', `'${folder}' exists and is no dataset: it is not replaced`, { hint: 'choose another folder' });
  const tasks = dataset.tasks.filter((t) => t.rows.length);
  const data: Record<(typeof DATA_FILES)[number], Uint8Array | string> = {
    'workloads.parquet': writeWorkloads(dataset.workloads),
    'measurements.parquet': writeMeasurements(dataset.workloads, tasks),
    'splits.json': `${JSON.stringify(dataset.splits, null, 1)}\n`,
  };
  const { name, source, licence, devices, noise, notes } = dataset.card;
  const unsigned: Omit<Manifest, 'checksum'> = {
    formatVersion: DATASET_FORMAT,
    name,
    source,
    licence,
    devices,
    units: Object.fromEntries([...new Set(tasks.map((t) => t.target))].map((t) => [t, UNITS[t]])),
    noise,
    notes,
    counts: {
      workloads: dataset.workloads.length,
      devices: Object.keys(devices).length,
      tasks: tasks.length,
      measurements: tasks.reduce((n, t) => n + t.rows.length, 0),
    },
    files: Object.fromEntries(DATA_FILES.map((f) => [f, sha256(data[f])])),
  };
  const checked = parseManifest({ ...unsigned, checksum: '' }, 'card of the dataset', 'bad-input');
  const manifest = { ...checked, checksum: checksumOf(checked) };
  writeFolderAtomic(resolve(folder), {
    'dataset.json': `${JSON.stringify(manifest, null, 2)}\n`,
    ...data,
    'README.md': renderCard({ ...dataset, tasks }),
  });
}

/**
 * Reads a dataset folder.
 * @throws HwcastError `not-found` (no such folder), `newer-format`, `corrupt` (checksum differs, file missing or cut off; names the file),
 * `bad-input` (a row breaks the measurement schema or stands twice; names the row).
 */
export async function readDataset(folder: string): Promise<Dataset> {
  const manifest = readManifest(folder);
  const file = (name: (typeof DATA_FILES)[number]) => {
    const where = join(folder, name),
      expected = manifest.files[name];
    if (!existsSync(where)) throw corruptFile(where, 'file of the dataset is missing');
    const bytes = readFileChecked(where);
    if (sha256(bytes) !== expected)
      throw corruptFile(where, `sha256 is ${sha256(bytes).slice(0, 12)}..., dataset.json says ${expected?.slice(0, 12)}...`);
    return bytes;
  };
  const workloads = await readWorkloads(file('workloads.parquet'), join(folder, 'workloads.parquet'));
  const where = join(folder, 'measurements.parquet');
  const { tasks, rowNumbers } = await readMeasurements(file('measurements.parquet'), workloads, where);
  const splits = parseSplits(file('splits.json'), join(folder, 'splits.json'));
  const { name, source, licence, devices, noise, notes } = manifest;
  const dataset: Dataset = {
    card: { name, source, licence, devices, noise, notes } satisfies DatasetCard,
    workloads,
    tasks,
    splits,
  };
  checkDataset(dataset, (task, i) => `${where}, row ${rowNumbers.get(task)![i] + 1}`);
  return dataset;
}

function readManifest(folder: string): Manifest {
  const where = join(folder, 'dataset.json');
  if (!existsSync(folder))
    throw new HwcastError('not-found', `no dataset folder '${folder}'`, {
      hint: 'make one with `hwcast ingest` or `hwcast dataset import`',
    });
  if (!statSync(folder).isDirectory() || !existsSync(where))
    throw new HwcastError('not-found', `'${folder}' is no dataset folder: it holds no dataset.json`, {
      hint: 'make one with `hwcast ingest` or `hwcast dataset import`',
    });
  let json: Record<string, unknown>;
  try {
    json = JSON.parse(readFileChecked(where).toString('utf8'));
  } catch (cause) {
    throw corruptFile(where, `not JSON: ${(cause as Error).message}`, cause);
  }
  if (typeof json?.formatVersion === 'number' && json.formatVersion > DATASET_FORMAT)
    throw new HwcastError('newer-format', `dataset format ${json.formatVersion}; this hwcast reads up to ${DATASET_FORMAT}`, {
      where,
      hint: 'update hwcast, or write the dataset again with this version',
    });
  const manifest = parseManifest(json, where, 'corrupt');
  if (checksumOf(json) !== json.checksum) throw corruptFile(where, 'its content does not match its own checksum');
  return manifest;
}

/** sha256 of the manifest without its checksum, in the order of its keys. */
const checksumOf = (manifest: object): string => sha256(JSON.stringify({ ...manifest, checksum: undefined }));

function parseManifest(json: unknown, where: string, code: 'corrupt' | 'bad-input'): Manifest {
  const parsed = ManifestSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  if (code === 'corrupt') throw corruptFile(where, `not a dataset card: ${z.prettifyError(parsed.error)}`, parsed.error);
  throw new HwcastError('bad-input', z.prettifyError(parsed.error), { where, cause: parsed.error });
}

function parseSplits(bytes: Buffer, where: string): Record<string, string[]> {
  try {
    return z.record(z.string(), z.array(z.string())).parse(JSON.parse(bytes.toString('utf8')));
  } catch (cause) {
    throw corruptFile(where, `not lists of names: ${(cause as Error).message}`, cause);
  }
}

/** Columns id, space, code, graph; graph is the OpGraph as JSON, null where the space rebuilds it. */
function writeWorkloads(workloads: readonly Workload[]): Uint8Array {
  const graphs = workloads.map((w) => (w.graph ? JSON.stringify(w.graph) : null));
  workloads.forEach((w, i) => {
    if (!w.graph && !(w.space && w.arch))
      throw new HwcastError('bad-input', `workload '${w.id}' has neither graph nor space`, { where: `workload ${i + 1}` });
  });
  return writeParquet([
    { name: 'id', data: workloads.map((w) => w.id), type: 'STRING', nullable: false },
    { name: 'space', data: workloads.map((w) => w.space?.name ?? null), type: 'STRING' },
    { name: 'code', data: workloads.map((w) => (w.space && w.arch ? w.space.format(w.arch) : null)), type: 'STRING' },
    { name: 'graph', data: graphs, type: 'STRING' },
  ]);
}

async function readWorkloads(bytes: Uint8Array, where: string): Promise<Workload[]> {
  const { id, space, code, graph } = await readParquet(bytes, ['id', 'space', 'code', 'graph'], where);
  return Array.from(id as ArrayLike<string>, (name, i) => {
    const place = `${where}, row ${i + 1}`;
    const own = space[i] == null ? undefined : spaceNamed(space[i] as string);
    const workload: Workload = own ? spaceWorkload(own, own.parse(code[i] as string)) : { id: name };
    if (workload.id !== name)
      throw new HwcastError('bad-input', `workload '${name}' is '${workload.id}' by its space and code`, { where: place });
    if (graph[i] != null) workload.graph = parseOpGraph(JSON.parse(graph[i] as string), place);
    else if (!own) throw new HwcastError('bad-input', `workload '${name}' has neither graph nor space`, { where: place });
    return workload;
  });
}

/** A dictionary by force: the writer's own sampling misjudges columns whose values repeat once a task. */
const NAME = { type: 'STRING', nullable: false, encoding: 'RLE_DICTIONARY' } as const;

/** One flat row a measurement, task by task, in the order of the tasks' columns. */
function writeMeasurements(workloads: readonly Workload[], tasks: readonly TaskData[]): Uint8Array {
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

async function readMeasurements(
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
