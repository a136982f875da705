import type { Target } from '../dataset/dataset.js';
import { UNITS } from '../dataset/units.js';
import { HwcastError } from '../errors.js';
import type { FeatureMap } from '../features/featureMap.js';
import { listCache } from '../features/listCache.js';
import { FEATURE_GROUPS } from '../features/physicalFeatures.js';
import type { Workload } from '../graph/workload.js';
import { quantile } from '../statistics.js';
import type { Random } from '../tensor/random.js';
import { adaptHead, fitSettings, type Posterior, predictHead } from './bayes/bayesianHead.js';
import { chooseSupport } from './bayes/chooseSupport.js';
import { type Link, linked } from './bayes/link.js';
import { defaultSettings, type Setting } from './bayes/settings.js';
import { type TaskPrior, type TaskValues, taskPrior, taskWeights } from './bayes/taskPrior.js';
import { checkSupport } from './checkSupport.js';
import type { FewShotPredictor, Prediction, Predictor, SupportRow, SupportTask } from './predictor.js';

/** Numbers of measurements at which the averaging over settings and the intervals are tuned on the training tasks. */
const SUPPORT_SIZES = [5, 10, 20, 50] as const;
/** Trials per support size that set the width of the intervals. */
const INTERVAL_TRIALS = 12;
/** Half width of a 90 % interval in standard deviations. */
const Z90 = 1.6448536269514722;

export interface TrainedTask {
  id: string;
  device: string;
  target: Target;
  /** ridge weights of value / level - 1 on centred features, [width] */
  weights: Float64Array;
  /** mean value, SI */
  level: number;
  /** prediction of the mean network relative to `level`, so that value = level (1 + offset + x.weights) */
  offset: number;
  /** standard deviation of the relative residual on networks of the task that were not fitted */
  residual: number;
}

/** What was learned for one support size: log prior probability of each setting, and the factor that makes intervals of left-out training tasks cover 90 %. */
export interface Tuning {
  size: number;
  logPrior: Float64Array;
  interval: number;
  /** the same from the tasks of one target, where the model has several: energy is measured with more noise than latency */
  intervals: Partial<Record<Target, number>>;
}

/** Everything a closed-form model is; plain data, see `closedFormArtefact.ts` for its files. */
export interface ClosedFormState {
  name: string;
  map: FeatureMap;
  link: Link;
  learnedVariances: number[];
  tasks: TrainedTask[];
  tuning: Tuning[];
}

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
 * Hierarchical Bayesian linear model on physical (and learned) features: prior of the weights from the training tasks, posterior from the
 * support set, averaged over hyperparameters by evidence; networks to measure chosen by the prior's uncertainty.
 * Source: the project's research, sections 7 and 8 (empirical Bayes; Bayesian model averaging; pivoted Cholesky).
 */
export class ClosedForm implements FewShotPredictor {
  readonly name: string;
  private readonly settings: Setting[];
  private readonly prior: TaskPrior;
  /** a mixture adapts its members to the same support array as its baseline */
  private readonly adapted = listCache<SupportRow, AdaptedClosedForm>();

  constructor(readonly state: ClosedFormState) {
    this.name = state.name;
    this.settings = settingsOf(state.map, state.learnedVariances);
    this.prior = taskPrior(
      state.tasks.map((t) => t.weights),
      state.map.width,
    );
  }

  /** Positions of `k` candidates to measure, most informative first; `measured` candidates count as known. */
  choose(candidates: readonly Workload[], k: number, measured: readonly number[] = []): number[] {
    const { map } = this.state;
    const variance = FEATURE_GROUPS.map((g) => ({ physical: 1e-2, runtime: 0, resolution: 0, choice: 1e-4, learned: 0 })[g]);
    return chooseSupport(this.prior, map.group, map.of(candidates), k, { variance, device: 0.1, fixed: measured });
  }

  adapt(support: readonly SupportRow[], task: SupportTask): AdaptedClosedForm {
    const known = this.adapted(support, () => this.compute(support, task));
    return known.task.device === task.device && known.task.target === task.target ? known : this.compute(support, task);
  }

  private compute(support: readonly SupportRow[], task: SupportTask): AdaptedClosedForm {
    checkSupport(support);
    const { map, link } = this.state;
    const values = linked(
      support.map((s) => s.value),
      link,
    );
    const tuning = this.tuningFor(support.length);
    const X = map.of(support.map((s) => s.workload));
    const posterior = adaptHead(this.prior, map.group, { X, values: values.values }, this.settings, tuning.logPrior);
    return new AdaptedClosedForm(
      this.name,
      map,
      link,
      posterior,
      values.back,
      tuning.intervals[task.target] ?? tuning.interval,
      { ...task },
      [...support],
    );
  }

  /** The predictor of a task that was trained on. @throws HwcastError `not-found`. */
  trained(device: string, target: Target): Predictor {
    const task = this.state.tasks.find((t) => t.device === device && t.target === target);
    if (!task) throw new HwcastError('not-found', `the model was not trained on ${target} of '${device}'`);
    const { map, link } = this.state,
      { weights, level, offset, residual } = task;
    return {
      name: this.name,
      predict: (workloads) => {
        const X = map.of(workloads),
          w = map.width;
        return workloads.map((_, i) => {
          let m = 1 + offset;
          for (let j = 0; j < w; j++) m += X[i * w + j] * weights[j];
          const value = link === 'log' ? level * Math.exp(m - 1) : level * m;
          const half = Z90 * residual;
          return prediction(link, value, link === 'log' ? half : half * level, level, target, 'surrogate', []);
        });
      },
    };
  }

  private tuningFor(size: number): Tuning {
    const distance = (t: Tuning) => Math.abs(Math.log(t.size / size));
    return this.state.tuning.reduce((a, b) => (distance(b) < distance(a) ? b : a));
  }

  get trainedTasks(): readonly TrainedTask[] {
    return this.state.tasks;
  }
}

/** A task after adaptation. */
export class AdaptedClosedForm implements Predictor {
  constructor(
    readonly name: string,
    private readonly map: FeatureMap,
    private readonly link: Link,
    readonly posterior: Posterior,
    private readonly back: (v: number) => number,
    readonly interval: number,
    readonly task: SupportTask,
    readonly support: readonly SupportRow[],
  ) {}

  predict(workloads: readonly Workload[]): Prediction[] {
    return this.predictions(workloads, () => this.compute(workloads)).map((p) => ({ ...p, warnings: [...p.warnings] }));
  }

  private readonly predictions = listCache<Workload, Prediction[]>();

  private compute(workloads: readonly Workload[]): Prediction[] {
    const { mean, deviation } = predictHead(this.posterior, this.map.of(workloads));
    const measured = new Map(this.support.map((s) => [s.workload.id, s.value]));
    return workloads.map((w, i) => {
      const half = Z90 * this.interval * deviation[i] * this.posterior.scale,
        warnings: string[] = [];
      if (deviation[i] > 0.5) warnings.push('far from everything measured: the interval is wide');
      if (measured.has(w.id)) warnings.push('this network is in the support set; its measured value was one of the inputs');
      return prediction(this.link, this.back(mean[i]), half, this.posterior.scale, this.task.target, 'adapted', warnings);
    });
  }
}

/** A prediction whose interval stays positive: a linear model may go below zero far from its support, which is labelled. */
function prediction(
  link: Link,
  value: number,
  half: number,
  level: number,
  target: Target,
  provenance: Prediction['provenance'],
  warnings: string[],
): Prediction {
  const unit = UNITS[target];
  if (link === 'log') return { value, unit, low: value * Math.exp(-half), high: value * Math.exp(half), provenance, warnings };
  const floor = 0.02 * level;
  if (value < floor) warnings.push('the linear model fell below 2 % of the mean measurement and was cut there');
  const v = Math.max(value, floor);
  return { value: v, unit, low: Math.max(v - half, 0.1 * floor), high: v + half, provenance, warnings };
}

const settingsOf = (map: FeatureMap, learned: number[]): Setting[] =>
  defaultSettings({
    runtime: map.group.includes(FEATURE_GROUPS.indexOf('runtime')) ? [0, 3e-3] : [0],
    learned: map.learned ? learned : [0],
  });

/** One task to train on. */
export interface TrainingTask extends TaskValues {
  id: string;
  device: string;
  target: Target;
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
    (t, i): TrainedTask => ({ id: t.id, device: t.device, target: t.target, ...fitTask(X, width, local[i], lambda, link) }),
  );

  const settings = settingsOf(map, options.learnedVariances ?? DEFAULT_LEARNED),
    tuning: Tuning[] = [];
  const sizes = SUPPORT_SIZES.filter((k) => local.some((l) => l.rows.length >= 2 * k)),
    devices = [...new Set(tasks.map((t) => t.device))];
  if (!sizes.length) sizes.push(5);
  let done = 0;
  for (const size of sizes) {
    const trial: {
      target: Target;
      device: string;
      prior: TaskPrior;
      X: Float64Array;
      values: Float64Array;
      Q: Float64Array;
      truth: number[];
    }[] = [];
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
                  { variance: FEATURE_GROUPS.map((g) => (g === 'physical' ? 1e-2 : g === 'choice' ? 1e-4 : 0)), device: 0.1 },
                )
              : draw.slice(0, size).map((_, j) => j);
          const isChosen = new Set(chosen),
            support = chosen.map((j) => draw[j]),
            query = draw.filter((_, j) => !isChosen.has(j));
          trial.push({
            target: task.target,
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
    const byDevice = new Map<string, Float64Array>();
    for (const t of trial) {
      const fit = fitSettings(t.prior, map.group, t, settings),
        logError = byDevice.get(t.device) ?? new Float64Array(settings.length);
      byDevice.set(t.device, logError);
      fit.weights.forEach((w, s) => {
        let square = 0;
        for (let i = 0; i < t.truth.length; i++) {
          let m = 1 + w[width];
          for (let j = 0; j < width; j++) m += t.Q[i * width + j] * w[j];
          square += (m - t.truth[i] / fit.scale) ** 2;
        }
        logError[s] += Math.log(square / t.truth.length + 1e-6) / trials;
      });
    }
    const logPrior = settingsPrior([...byDevice.values()], settings.length);
    const reach = (some: typeof trial): number => {
      // a stride that is no multiple of `trials`, so that random and chosen supports both count
      const step = Math.max(1, Math.floor(some.length / INTERVAL_TRIALS)),
        stride = step > 1 && step % trials === 0 ? step + 1 : step;
      const each = some.filter((_, i) => i % stride === 0).map((t) => reachOf(t, map.group, settings, logPrior));
      // between the mean and the root mean square over trials: coverage on a device unlike the training devices is what counts
      const power = (q: number) => (each.reduce((a, b) => a + b ** q, 0) / each.length) ** (1 / q);
      return each.length ? Math.min(4, Math.max(0.5, (power(1) + power(2)) / 2)) : 1;
    };
    const targets = [...new Set(trial.map((t) => t.target))];
    const intervals =
      targets.length > 1
        ? Object.fromEntries(targets.map((target) => [target, reach(trial.filter((t) => t.target === target))]))
        : {};
    tuning.push({ size, logPrior, interval: reach(trial), intervals });
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

/** How sharply a training device's own few-shot errors choose its settings, and the share of the prior that stays uniform for devices unlike them all. */
const SHARPNESS = 20,
  UNIFORM = 0.1;

/**
 * Log prior probability of each setting from the log mean squared errors that it made on each training device: a mixture over devices, so that a new
 * device may be like one of them (a noisy phone among quiet accelerators) rather than like their average, plus a uniform part.
 */
function settingsPrior(logErrors: readonly Float64Array[], count: number): Float64Array {
  const out = new Float64Array(count);
  for (const errors of logErrors) {
    const least = errors.reduce((a, b) => Math.min(a, b));
    const p = errors.map((e) => Math.exp(-SHARPNESS * (e - least)));
    const sum = p.reduce((a, b) => a + b, 0);
    for (let s = 0; s < count; s++) out[s] += p[s] / sum / logErrors.length;
  }
  return out.map((v) => (logErrors.length ? Math.log((1 - UNIFORM) * v + UNIFORM / count) : 0));
}

/** The factor on a trial's standard deviations at which its 90 % intervals would hold. */
function reachOf(
  t: { prior: TaskPrior; X: Float64Array; values: Float64Array; Q: Float64Array; truth: number[] },
  group: Uint8Array,
  settings: readonly Setting[],
  logPrior: Float64Array,
): number {
  const p = adaptHead(t.prior, group, t, settings, logPrior),
    { mean, deviation } = predictHead(p, t.Q);
  return (
    quantile(
      t.truth.map((v, i) => Math.abs(v - mean[i]) / (p.scale * deviation[i])),
      0.9,
    ) / Z90
  );
}

function rowsOf(X: Float64Array, width: number, rows: readonly number[]): Float64Array {
  const out = new Float64Array(rows.length * width);
  rows.forEach((row, i) => out.set(X.subarray(row * width, (row + 1) * width), i * width));
  return out;
}

/** Weights of one task from all its networks, and its residual from a fit to four fifths of them. */
function fitTask(
  X: Float64Array,
  width: number,
  task: TaskValues & { raw: number[] },
  lambda: number,
  link: Link,
): Omit<TrainedTask, 'id' | 'device' | 'target'> {
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
