import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { closeNames, HwcastError } from '../core/errors.js';
import { readFileChecked, sha256 } from '../core/files.js';
import { type Dataset, TARGETS, type Target } from '../dataset/dataset.js';
import { readDataset } from '../dataset/store.js';
import { trainingTasks } from './method.js';
import { METHODS } from './methods.js';
import type { Model, ModelInfo } from './model.js';
import { isModelFolder, saveModel } from './modelFolder.js';

export interface TrainOptions {
  /** dataset folders, or datasets already in memory */
  dataset: string | Dataset | readonly (string | Dataset)[];
  /** devices whose measurements of every target stay out */
  excludeDevices?: readonly string[];
  /** name in METHODS; the default is the best one that beats the closed form on unseen devices */
  method?: string;
  /** targets to learn from; latency and energy together unless told (latency tasks inform the energy ones) */
  targets?: readonly Target[];
  /** space to train on where the dataset holds several; the one with most measurements unless told */
  space?: string;
  seed?: number;
  /** model folder to write */
  out?: string;
  settings?: Record<string, number | string>;
  signal?: AbortSignal;
  onProgress?(done: number, total: number, what: string): void;
  onWarning?(text: string): void;
}

export const DEFAULT_METHOD = 'closed-form';

/**
 * Trains a model on the tasks of one or more datasets and writes it to `out`.
 * @throws HwcastError `not-found` (dataset, device, method), `bad-input` (nothing left to train on)
 */
export async function train(options: TrainOptions): Promise<Model> {
  const name = options.method ?? DEFAULT_METHOD,
    method = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
  if (!method) throw new HwcastError('not-found', `no method '${name}'; known: ${Object.keys(METHODS).join(', ')}`);
  if (options.out && existsSync(options.out) && !isModelFolder(options.out) && !isEmptyFolder(options.out))
    throw new HwcastError('bad-input', `'${options.out}' exists and is no model folder; it is left alone`, {
      hint: 'give another --out',
    });
  const given = (Array.isArray(options.dataset) ? options.dataset : [options.dataset]) as (string | Dataset)[];
  if (!given.length) throw new HwcastError('usage', 'no dataset given');
  const datasets = await Promise.all(
    given.map(async (d) =>
      typeof d === 'string'
        ? { data: await readDataset(d), sha256: sha256(readFileChecked(join(d, 'dataset.json'))) }
        : { data: d, sha256: '' },
    ),
  );
  const excluded = [...(options.excludeDevices ?? [])],
    known = new Set(datasets.flatMap(({ data }) => data.tasks.map((t) => t.device)));
  for (const device of excluded)
    if (!known.has(device))
      throw new HwcastError('not-found', `no device '${device}' in the dataset to exclude`, {
        hint: `close names: ${closeNames(device, known).join(', ') || [...known].slice(0, 5).join(', ')}`,
      });

  // workloads of all datasets by id, tasks of the same name from several datasets as one
  const targets = new Set<Target>(options.targets ?? TARGETS.filter((t) => t === 'latency' || t === 'energy'));
  const counts = new Map<string, number>();
  for (const { data } of datasets)
    for (const t of data.tasks)
      for (const row of t.rows) counts.set(domainOf(data, row), (counts.get(domainOf(data, row)) ?? 0) + 1);
  const domain = options.space ?? [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
  if (domain === undefined || !counts.has(domain))
    throw new HwcastError('bad-input', `the dataset has no measurement of ${domain ? `space '${domain}'` : 'any network'}`, {
      hint: `it has ${[...counts.keys()].join(', ') || 'none'}`,
    });
  if (counts.size > 1)
    options.onWarning?.(`the dataset holds ${[...counts.keys()].join(', ')}; training on ${domain} (choose with --space)`);
  const workloads: Dataset['workloads'] = [],
    position = new Map<string, number>();
  const tasks = new Map<
    string,
    { device: string; condition: string; target: Target; id: string; rows: number[]; values: number[] }
  >();
  for (const { data } of datasets) {
    const described = trainingTasks(data);
    data.tasks.forEach((t, i) => {
      if (excluded.includes(t.device) || !targets.has(t.target)) return;
      const { id } = described[i],
        task = tasks.get(id) ?? { device: t.device, condition: t.condition, target: t.target, id, rows: [], values: [] };
      t.rows.forEach((row, j) => {
        if (domainOf(data, row) !== domain) return;
        const w = data.workloads[row];
        let at = position.get(w.id);
        if (at === undefined) {
          at = workloads.push(w) - 1;
          position.set(w.id, at);
        }
        task.rows.push(at);
        task.values.push(t.values[j]);
      });
      if (task.rows.length) tasks.set(id, task);
    });
  }
  const list = [...tasks.values()];
  if (!list.length)
    throw new HwcastError('bad-input', `no measurement of ${[...targets].join(' or ')} left to train on`, {
      hint: excluded.length ? `excluded: ${excluded.join(', ')}` : undefined,
    });
  const info: ModelInfo = {
    method: name,
    domain,
    seed: options.seed ?? 1,
    datasets: datasets.map(({ data, sha256: hash }) => ({ name: data.card.name, licence: data.card.licence, sha256: hash })),
    excludedDevices: excluded,
    tasks: list.map((t) => ({ device: t.device, condition: t.condition, target: t.target, networks: t.rows.length })),
  };
  const model = await method.train(
    {
      domain,
      workloads,
      tasks: list.map((t) => ({
        id: t.id,
        device: t.device,
        target: t.target,
        rows: Int32Array.from(t.rows),
        values: Float64Array.from(t.values),
      })),
      seed: info.seed,
      checkpoints: options.out && `${options.out}.checkpoint`,
      signal: options.signal,
      onProgress: options.onProgress,
      settings: options.settings,
    },
    info,
  );
  if (options.out) {
    saveModel(options.out, model);
    rmSync(`${options.out}.checkpoint`, { recursive: true, force: true });
  }
  return model;
}

const isEmptyFolder = (path: string): boolean => statSync(path).isDirectory() && readdirSync(path).length === 0;

const domainOf = (data: Dataset, row: number): string => data.workloads[row].space?.name ?? 'graphs';
