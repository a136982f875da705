import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { HwcastError } from '../core/errors.js';
import { readFileChecked, sha256, writeFolderAtomic } from '../core/files.js';
import { UNITS } from '../graph/targets.js';
import { checkDataset } from './checkDataset.js';
import type { Dataset, DatasetCard } from './dataset.js';
import { DATASET_FORMAT, type Manifest, readManifest, signManifest } from './manifest.js';
import { readMeasurements, writeMeasurements } from './measurementRows.js';
import { corruptFile } from './parquet.js';
import { renderCard } from './renderCard.js';
import { readWorkloads, writeWorkloads } from './workloadRows.js';

const DATA_FILES = ['workloads.parquet', 'measurements.parquet', 'splits.json'] as const;

/**
 * Writes a dataset folder whole: `dataset.json`, `workloads.parquet`, `measurements.parquet`, `splits.json`, `README.md`.
 * The same dataset gives the same bytes; tasks without a measurement are not stored.
 * An older dataset in the folder is replaced, anything else is not.
 * @throws HwcastError `bad-input` where the dataset breaks a rule of `checkDataset` or the folder holds something else; nothing is written then.
 */
export async function writeDataset(folder: string, dataset: Dataset): Promise<void> {
  checkDataset(dataset);
  if (
    existsSync(folder) &&
    !existsSync(join(folder, 'dataset.json')) &&
    !(statSync(folder).isDirectory() && readdirSync(folder).length === 0)
  )
    throw new HwcastError('bad-input', `'${folder}' exists and is no dataset: it is not replaced`, {
      hint: 'choose another folder',
    });
  const tasks = dataset.tasks.filter((t) => t.rows.length);
  const data: Record<DataFile, Uint8Array | string> = {
    'workloads.parquet': writeWorkloads(dataset.workloads),
    'measurements.parquet': writeMeasurements(dataset.workloads, tasks),
    'splits.json': `${JSON.stringify(dataset.splits, null, 1)}\n`,
  };
  const { name, source, licence, devices, noise, notes } = dataset.card;
  const manifest = signManifest({
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
  });
  writeFolderAtomic(resolve(folder), {
    'dataset.json': `${JSON.stringify(manifest, null, 2)}\n`,
    ...data,
    'README.md': renderCard({ ...dataset, tasks }),
  });
}

type DataFile = (typeof DATA_FILES)[number];

/**
 * The card of a dataset folder and its files as bytes, each held to its checksum.
 * @throws HwcastError `not-found`, `newer-format`, `corrupt`
 */
export function openDataset(folder: string): { manifest: Manifest; file(name: DataFile): Buffer } {
  const manifest = readManifest(folder);
  return {
    manifest,
    file(name) {
      const where = join(folder, name),
        expected = manifest.files[name];
      if (!existsSync(where)) throw corruptFile(where, 'file of the dataset is missing');
      const bytes = readFileChecked(where);
      if (sha256(bytes) !== expected)
        throw corruptFile(where, `sha256 is ${sha256(bytes).slice(0, 12)}..., dataset.json says ${expected?.slice(0, 12)}...`);
      return bytes;
    },
  };
}

/**
 * Reads a dataset folder.
 * @throws HwcastError `not-found` (no such folder), `newer-format`, `corrupt` (checksum differs, file missing or cut off; names the file),
 * `bad-input` (a row breaks the measurement schema or stands twice; names the row).
 */
export async function readDataset(folder: string): Promise<Dataset> {
  const { manifest, file } = openDataset(folder);
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

function parseSplits(bytes: Buffer, where: string): Record<string, string[]> {
  try {
    return z.record(z.string(), z.array(z.string())).parse(JSON.parse(bytes.toString('utf8')));
  } catch (cause) {
    throw corruptFile(where, `not lists of names: ${(cause as Error).message}`, cause);
  }
}
