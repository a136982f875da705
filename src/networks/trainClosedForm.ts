import { HwcastError } from '../core/errors.js';
import type { Random } from '../core/random.js';
import { quantile } from '../core/statistics.js';
import type { Task } from '../dataset/dataset.js';
import type { Workload } from '../graph/workload.js';
import { chooseSupport } from '../surrogate/head/chooseSupport.js';
import { type Link, linked } from '../surrogate/head/link.js';
import { rowsOf } from '../surrogate/head/rowsOf.js';
import { type TaskValues, taskPrior, taskWeights } from '../surrogate/head/taskPrior.js';
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
  const { random, link = 'linear', trials = 3, onProgress } = options,
    { width } = map;
  const limit = options.networksPerTask ?? Math.max(900, 20 * width);
  // one random order of the workloads for all tasks, so that they share networks
  const order = random.fork('order').shuffle(Array.from({ length: workloads.length }, (_, i) => i));
  const rank = new Int32Array(workloads.length);
  order.forEach((row, at) => {
    rank[row] = at;
  });
  const subset = tasks.map((t) => {
    const by = Array.from(t.rows.keys())
      .sort((a, b) => rank[t.rows[a]] - rank[t.rows[b]])
      .slice(0, limit);
    return { rows: by.map((i) => t.rows[i]), values: by.map((i) => t.values[i]) };
  });
  const used = [...new Set(subset.flatMap((s) => s.rows))],
    at = new Map(used.map((row, i) => [row, i]));
  const X = map.of(used.map((row) => workloads[row]));
  const local = subset.map((s) => ({
    rows: Int32Array.from(s.rows, (r) => at.get(r)!),
    values: linked(s.values, link).values,
    raw: s.values,
  }));
  const lambda = width > 150 ? 30 : 10;
  const trained = tasks.map(
    (t, i): TrainedTask => ({
      id: t.id,
      device: t.device,
      condition: t.condition,
      target: t.target,
      ...fitTask(X, width, local[i], lambda, link),
    }),
  );

  const settings = settingsOf(map, options.learnedVariances ?? DEFAULT_LEARNED),
    tuning: Tuning[] = [];
  const sizes: number[] = SUPPORT_SIZES.filter((k) => local.some((l) => l.rows.length >= 2 * k)),
    devices = [...new Set(tasks.map((t) => t.device))];
  if (!sizes.length) sizes.push(5);
  let done = 0;
  for (const size of sizes) {
    const trial: Trial[] = [];
    for (const device of devices) {
      const rest = trained.filter((t) => t.device !== device);
      if (!rest.length || devices.length < 3) continue;
      const prior = taskPrior(
        rest.map((t) => t.weights),
        width,
      );
      tasks.forEach((task, i) => {
        if (task.device !== device || local[i].rows.length < 2 * size) return;
        for (let n = 0; n < trials; n++) {
          const draw = random
            .fork(`trial ${size} ${task.id} ${n}`)
            .sample(local[i].rows.length, Math.min(local[i].rows.length, size + 200));
          const chosen =
            n > 0 && draw.length > 3 * size
              ? chooseSupport(
                  prior,
                  map.group,
                  rowsOf(
                    X,
                    width,
                    draw.map((j) => local[i].rows[j]),
                  ),
                  size,
                  priorOfChoice(map.group),
                )
              : draw.slice(0, size).map((_, j) => j);
          const isChosen = new Set(chosen),
            support = chosen.map((j) => draw[j]),
            query = draw.filter((_, j) => !isChosen.has(j));
          trial.push({
            label: task.target,
            device,
            prior,
            X: rowsOf(
              X,
              width,
              support.map((j) => local[i].rows[j]),
            ),
            values: Float64Array.from(support, (j) => local[i].values[j]),
            Q: rowsOf(
              X,
              width,
              query.map((j) => local[i].rows[j]),
            ),
            truth: query.map((j) => local[i].values[j]),
          });
        }
      });
      onProgress?.(++done, devices.length * sizes.length, `tuning on ${size} measurements, ${device} left out`);
    }
    tuning.push(tuneSettings(size, trial, map.group, settings));
  }
  return new ClosedForm({
    name: options.name ?? 'closed-form',
    map,
    link,
    learnedVariances: options.learnedVariances ?? DEFAULT_LEARNED,
    tasks: trained,
    tuning,
  });
}

const DEFAULT_LEARNED = [0, 3e-2];

/** Weights of one task from all its networks, and its residual from a fit to four fifths of them. */
function fitTask(
  X: Float64Array,
  width: number,
  task: TaskValues & { raw: number[] },
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
