import { HwcastError } from '../core/errors.js';
import type { Random } from '../core/random.js';
import { quantile } from '../core/statistics.js';
import type { Task } from '../dataset/dataset.js';
import type { Workload } from '../graph/workload.js';
import { chooseSupport } from '../surrogate/head/chooseSupport.js';
import { type Link, linked } from '../surrogate/head/link.js';
import { rowsOf } from '../surrogate/head/rowsOf.js';
import type { Setting } from '../surrogate/head/settings.js';
import { type TaskPrior, type TaskValues, taskPrior, taskWeights } from '../surrogate/head/taskPrior.js';
import { SUPPORT_SIZES, type Trial, type Tuning, tuneSettings, Z90 } from '../surrogate/head/tuneSettings.js';
import { ClosedForm, settingsOf, type TrainedTask, type TrainingTask } from './closedForm.js';
import type { FeatureMap } from './featureMap.js';
import { priorOfChoice } from './priorOfChoice.js';

export interface ClosedFormOptions {
  name?: string;
  link?: Link;
  /** networks of each task that the weights are fitted to; 20 per feature unless told */
  networksPerTask?: number;
  /** variances of the learned features' weights that evidence averages over */
  learnedVariances?: number[];
  /** few-shot trials per training task and support size */
  trials?: number;
  random: Random;
  onProgress?(done: number, total: number, what: string): void;
}

/**
 * Trains on tasks over `workloads` (the rows of the tasks are positions in it). Tasks on the same device are left out together when settings and
 * intervals are tuned, so that energy never tunes itself on its own latency.
 */
export function trainClosedForm(
  map: FeatureMap,
  workloads: readonly Workload[],
  tasks: readonly TrainingTask[],
  options: ClosedFormOptions,
): ClosedForm {
  if (!tasks.length)
    throw new HwcastError('bad-input', 'no task to train on', {
      hint: 'the dataset has no measurement of the wanted target left after --exclude-device',
    });
  const { link = 'linear', learnedVariances = DEFAULT_LEARNED } = options;
  const { X, values } = fittedRows(map, workloads, tasks, options);
  const lambda = map.width > 150 ? 30 : 10;
  const fitted = tasks.map(({ id, device, condition, target }, i): FittedTask => {
    const trained = { id, device, condition, target, ...fitTask(X, map.width, values[i], lambda, link) };
    return { trained, values: values[i] };
  });
  return new ClosedForm({
    name: options.name ?? 'closed-form',
    map,
    link,
    learnedVariances,
    tasks: fitted.map((t) => t.trained),
    tuning: tune(map, X, fitted, settingsOf(map, learnedVariances), options),
  });
}

const DEFAULT_LEARNED = [0, 3e-2];

/** A task on rows of the features that are fitted; values as the head sees them, and as measured. */
type FittedValues = TaskValues & { raw: number[] };
interface FittedTask {
  trained: TrainedTask;
  values: FittedValues;
}

/** The networks that each task is fitted to, in one random order for all tasks, so that they share networks; their features, [rows, width]. */
function fittedRows(
  map: FeatureMap,
  workloads: readonly Workload[],
  tasks: readonly TrainingTask[],
  { random, link = 'linear', networksPerTask }: ClosedFormOptions,
): { X: Float64Array; values: FittedValues[] } {
  const limit = networksPerTask ?? Math.max(900, 20 * map.width);
  const order = random.fork('order').shuffle(Array.from({ length: workloads.length }, (_, i) => i));
  const rank = new Int32Array(workloads.length);
  order.forEach((row, place) => {
    rank[row] = place;
  });
  const subset = tasks.map((t) => {
    const by = Array.from(t.rows.keys())
      .sort((a, b) => rank[t.rows[a]] - rank[t.rows[b]])
      .slice(0, limit);
    return { rows: by.map((i) => t.rows[i]), values: by.map((i) => t.values[i]) };
  });
  const used = [...new Set(subset.flatMap((s) => s.rows))],
    position = new Map(used.map((row, i) => [row, i]));
  return {
    X: map.of(used.map((row) => workloads[row])),
    values: subset.map((s) => ({
      rows: Int32Array.from(s.rows, (r) => position.get(r)!),
      values: linked(s.values, link).values,
      raw: s.values,
    })),
  };
}

/** Settings and intervals for each support size, by few-shot trials on devices left out of the prior. */
function tune(
  map: FeatureMap,
  X: Float64Array,
  tasks: readonly FittedTask[],
  settings: readonly Setting[],
  options: ClosedFormOptions,
): Tuning[] {
  const sizes: number[] = SUPPORT_SIZES.filter((k) => tasks.some((t) => t.values.rows.length >= 2 * k)),
    devices = [...new Set(tasks.map((t) => t.trained.device))];
  if (!sizes.length) sizes.push(5);
  let done = 0;
  return sizes.map((size) => {
    const trials: Trial[] = [];
    for (const device of devices) {
      const rest = tasks.filter((t) => t.trained.device !== device);
      if (!rest.length || devices.length < 3) continue;
      const prior = taskPrior(
        rest.map((t) => t.trained.weights),
        map.width,
      );
      for (const task of tasks)
        if (task.trained.device === device && task.values.rows.length >= 2 * size)
          trials.push(...trialsOf(task, size, prior, map, X, options));
      options.onProgress?.(++done, devices.length * sizes.length, `tuning on ${size} measurements, ${device} left out`);
    }
    return tuneSettings(size, trials, map.group, settings);
  });
}

/** Trials of one task: the first supported by random networks, the others by chosen ones where there are enough to choose from. */
function trialsOf(
  { trained, values }: FittedTask,
  size: number,
  prior: TaskPrior,
  { group, width }: FeatureMap,
  X: Float64Array,
  { random, trials = 3 }: ClosedFormOptions,
): Trial[] {
  const featuresOf = (networks: readonly number[]) =>
    rowsOf(
      X,
      width,
      networks.map((j) => values.rows[j]),
    );
  return Array.from({ length: trials }, (_, n): Trial => {
    const draw = random
      .fork(`trial ${size} ${trained.id} ${n}`)
      .sample(values.rows.length, Math.min(values.rows.length, size + QUERIES));
    const chosen =
      n > 0 && draw.length > 3 * size
        ? chooseSupport(prior, group, featuresOf(draw), size, priorOfChoice(group))
        : draw.slice(0, size).map((_, j) => j);
    const isChosen = new Set(chosen),
      support = chosen.map((j) => draw[j]),
      query = draw.filter((_, j) => !isChosen.has(j));
    return {
      label: trained.target,
      device: trained.device,
      prior,
      X: featuresOf(support),
      values: Float64Array.from(support, (j) => values.values[j]),
      Q: featuresOf(query),
      truth: query.map((j) => values.values[j]),
    };
  });
}

/** Networks of a trial that are predicted. */
const QUERIES = 200;

/** Weights of one task from all its networks, and its residual from a fit to four fifths of them. */
function fitTask(
  X: Float64Array,
  width: number,
  task: FittedValues,
  lambda: number,
  link: Link,
): Omit<TrainedTask, 'id' | keyof Task> {
  const n = task.rows.length;
  const centre = (t: TaskValues, weights: Float64Array): { level: number; offset: number } => {
    let level = 0,
      along = 0;
    for (let i = 0; i < t.rows.length; i++) {
      level += t.values[i] / t.rows.length;
      for (let j = 0; j < width; j++) along += (X[t.rows[i] * width + j] * weights[j]) / t.rows.length;
    }
    return { level, offset: -along };
  };
  const weights = taskWeights(X, width, task, lambda),
    all = centre(task, weights);
  const cut = Math.max(1, Math.floor(n * 0.8)),
    part = { rows: task.rows.subarray(0, cut), values: task.values.subarray(0, cut) };
  const partial = taskWeights(X, width, part, lambda),
    at = centre(part, partial),
    errors: number[] = [];
  for (let i = cut < n ? cut : 0; i < n; i++) {
    let m = 1 + at.offset;
    for (let j = 0; j < width; j++) m += X[task.rows[i] * width + j] * partial[j];
    errors.push(Math.abs(m - task.values[i] / at.level));
  }
  const level = link === 'log' ? Math.exp(task.raw.reduce((a, v) => a + Math.log(v) / n, 0)) : all.level;
  return { weights, level, offset: all.offset, residual: quantile(errors, 0.9) / Z90 };
}
