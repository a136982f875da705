import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { closeNames, HwcastError } from '../core/errors.js';
import type { Dataset } from '../dataset/dataset.js';
import { mergeDatasets } from '../dataset/merge.js';
import { readAnyDataset } from '../dataset/readAnyDataset.js';
import { TARGETS, type Target } from '../graph/targets.js';
import type { Workload } from '../graph/workload.js';
import { domainTasks } from '../surrogate/domainTasks.js';
import { domainOf } from '../surrogate/kind.js';
import type { TrainingTask } from './closedForm.js';
import { measuredOperators } from './measuredOperators.js';
import { METHODS } from './methods.js';
import type { Model, ModelInfo } from './model.js';
import { isModelFolder, saveModel } from './modelFolder.js';

export interface TrainOptions {
  /** dataset folders, tables or traces of measurements, or datasets already in memory; several are united (`mergeDatasets`) */
  dataset: string | Dataset | readonly (string | Dataset)[];
  /** devices whose measurements of every target stay out */
  excludeDevices?: readonly string[];
  /** name in METHODS; unless told the best one on unseen devices: `multi-task` for real models, `closed-form` else */
  method?: string;
  /** targets to learn from; latency and energy together unless told (latency tasks inform the energy ones), of real models peak memory too */
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

/** The method that a domain is trained with unless told. */
const defaultMethod = (domain: string): string => (domain === 'models' ? 'multi-task' : 'closed-form');
const defaultTargets = (domain: string): Target[] =>
  TARGETS.filter((t) => t === 'latency' || t === 'energy' || (t === 'peak_memory' && domain === 'models'));

/**
 * Trains a model on the tasks of one or more datasets and writes it to `out`.
 * @throws HwcastError `not-found` (dataset, device, method), `bad-input` (nothing left to train on, two values of one measurement)
 */
export async function train(options: TrainOptions): Promise<Model> {
  if (options.method !== undefined && !Object.hasOwn(METHODS, options.method))
    throw new HwcastError('not-found', `no method '${options.method}'; known: ${Object.keys(METHODS).join(', ')}`);
  if (options.out && existsSync(options.out) && !isModelFolder(options.out) && !isEmptyFolder(options.out))
    throw new HwcastError('bad-input', `'${options.out}' exists and is no model folder; it is left alone`, {
      hint: 'give another --out',
    });
  const given = (Array.isArray(options.dataset) ? options.dataset : [options.dataset]) as (string | Dataset)[];
  if (!given.length) throw new HwcastError('usage', 'no dataset given');
  const read = await Promise.all(given.map((d) => (typeof d === 'string' ? readAnyDataset(d) : { dataset: d, sha256: '' })));
  const united = read.length === 1 ? read[0].dataset : mergeDatasets(read.map((r) => r.dataset));
  const { domain, workloads, tasks } = trainingTasks(united, options),
    operators = domain === 'models' ? measuredOperators(withoutDevices(united, options.excludeDevices ?? [])) : [];
  const name = options.method ?? defaultMethod(domain),
    method = METHODS[name];
  const info: ModelInfo = {
    method: name,
    domain,
    seed: options.seed ?? 1,
    datasets: read.map(({ dataset, sha256 }) => ({ name: dataset.card.name, licence: dataset.card.licence, sha256 })),
    excludedDevices: [...(options.excludeDevices ?? [])],
    ...attributionOf(read.map((r) => r.dataset)),
    tasks: tasks.map((t) => ({ device: t.device, condition: t.condition, target: t.target, networks: t.rows.length })),
  };
  const { seed } = info,
    { signal, onProgress, settings } = options,
    checkpoints = options.out && `${options.out}.checkpoint`;
  const model = await method.train(
    { domain, workloads, tasks, operators, seed, checkpoints, signal, onProgress, settings },
    info,
  );
  if (options.out) {
    saveModel(options.out, model);
    rmSync(`${options.out}.checkpoint`, { recursive: true, force: true });
  }
  return model;
}

/** Copyright lines of the datasets, as their cards have them. */
function attributionOf(datasets: readonly Dataset[]): Pick<ModelInfo, 'attribution'> {
  const lines = datasets.flatMap(({ card }) => {
    const line = card.notes.find((text) => /copyright/i.test(text));
    return line ? [`${card.name}: ${line} Source: ${card.source}.`] : [];
  });
  return lines.length ? { attribution: lines } : {};
}

const isEmptyFolder = (path: string): boolean => statSync(path).isDirectory() && readdirSync(path).length === 0;

/**
 * The tasks of a dataset over the networks of one domain, with the networks in the order in which tasks name them first.
 * @throws HwcastError `not-found` for an unknown device to exclude, `bad-input` where nothing is left
 */
function trainingTasks(
  data: Dataset,
  { excludeDevices = [], space, onWarning, ...options }: TrainOptions,
): { domain: string; workloads: Workload[]; tasks: TrainingTask[] } {
  const devices = new Set(data.tasks.map((t) => t.device));
  for (const device of excludeDevices)
    if (!devices.has(device))
      throw new HwcastError('not-found', `no device '${device}' in the dataset to exclude`, {
        hint: `close names: ${closeNames(device, devices).join(', ') || [...devices].slice(0, 5).join(', ')}`,
      });
  const domains = data.workloads.map(domainOf),
    domain = chosenDomain(data, domains, space, onWarning),
    targets = new Set<Target>(options.targets ?? defaultTargets(domain));
  const workloads: Workload[] = [],
    position = new Map<number, number>();
  const positionOf = (row: number): number => {
    const found = position.get(row) ?? workloads.push(data.workloads[row]) - 1;
    position.set(row, found);
    return found;
  };
  const tasks = domainTasks(data, domains, domain)
    .filter((t) => targets.has(t.target) && !excludeDevices.includes(t.device))
    .map(({ repeats: _, ...task }): TrainingTask => ({ ...task, rows: task.rows.map(positionOf) }));
  if (!tasks.length)
    throw new HwcastError('bad-input', `no measurement of ${[...targets].join(' or ')} left to train on`, {
      hint: excludeDevices.length ? `excluded: ${excludeDevices.join(', ')}` : undefined,
    });
  return { domain, workloads, tasks };
}

const withoutDevices = (data: Dataset, left: readonly string[]): Dataset => ({
  ...data,
  tasks: data.tasks.filter((t) => !left.includes(t.device)),
});

/** The domain asked for, or the one with most measurements. @throws HwcastError `bad-input` where it has none */
function chosenDomain(
  { tasks }: Dataset,
  domains: readonly string[],
  asked: string | undefined,
  onWarning?: (text: string) => void,
): string {
  const counts = new Map<string, number>();
  for (const { rows } of tasks) for (const row of rows) counts.set(domains[row], (counts.get(domains[row]) ?? 0) + 1);
  // operators inform models, and are no domain beside them
  if (asked === undefined && counts.has('models')) counts.delete('operators');
  const domain = asked ?? [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
  if (domain === undefined || !counts.has(domain))
    throw new HwcastError('bad-input', `the dataset has no measurement of ${domain ? `space '${domain}'` : 'any network'}`, {
      hint: `it has ${[...counts.keys()].join(', ') || 'none'}`,
    });
  if (counts.size > 1)
    onWarning?.(`the dataset holds ${[...counts.keys()].join(', ')}; training on ${domain} (choose with --space)`);
  return domain;
}
