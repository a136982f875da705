import { cartesian } from '../../core/cartesian.js';
import type { Random } from '../../core/random.js';
import { mean, median, standardDeviation } from '../../core/statistics.js';
import { adaptHead, predictHead } from './bayesianHead.js';
import { chooseSupport } from './chooseSupport.js';
import { rowsOf } from './rowsOf.js';
import type { Setting } from './settings.js';
import { type TaskPrior, taskPrior, taskWeights } from './taskPrior.js';
import { nearestSize, SUPPORT_SIZES, type Trial, type Tuning, tuneSettings } from './tuneSettings.js';

/** A task of positive values over rows of features: log value is linear in them. `X` is [rows, width] row-major. */
export interface LogTask {
  id: string;
  /** tasks of one group are never trained on together with a test task of it */
  group: string;
  X: Float64Array;
  values: Float64Array;
}

/** Hierarchical Bayesian head over log tasks: the same engine as for networks, with features given as numbers. */
export interface LogModel {
  width: number;
  centre: Float64Array;
  scale: Float64Array;
  prior: TaskPrior;
  tuning: Tuning[];
  /** logs are divided by it, so that their spread within a task is what the settings of the head are made for */
  unit: number;
}

/** Spread of the values that the head's grid of variances and noises suits. */
const SPREAD = 0.3;

const group = (width: number) => new Uint8Array(width);

/** Settings of the head: weight of the training tasks, variance of the columns, noise; near copies of one task where little else is free. */
const SETTINGS: readonly Setting[] = cartesian({
  device: [0, 0.1, 1, 3],
  variance: [1e-4, 1e-3, 1e-2, 1e-1],
  noise: [1e-4, 1e-3, 1e-2, 4e-2],
}).flatMap(({ device, variance, noise }) =>
  (device <= 0.1 && variance <= 1e-3 ? ([0, 1, 'tasks'] as const) : ([0, 1] as const)).map(
    (mean): Setting => ({ device, group: Float64Array.of(variance), noise, mean }),
  ),
);
/** Variance, shared among the columns, and weight of the training tasks that rows to measure are chosen under. */
const CHOICE = { variance: 0.13, device: 0.1 };

/** Trains on tasks of at least 8 rows; features are scaled over all their rows. */
export function trainLogTasks(tasks: readonly LogTask[], width: number, random: Random): LogModel {
  const used = tasks.filter((t) => t.values.length >= 8),
    rows = used.reduce((n, t) => n + t.values.length, 0);
  const centre = new Float64Array(width),
    scale = new Float64Array(width).fill(1);
  for (const t of used) for (let i = 0; i < t.X.length; i++) centre[i % width] += t.X[i] / rows;
  const square = new Float64Array(width);
  for (const t of used) for (let i = 0; i < t.X.length; i++) square[i % width] += (t.X[i] - centre[i % width]) ** 2 / rows;
  square.forEach((v, j) => {
    if (v > 1e-12) scale[j] = 1 / Math.sqrt(v);
  });
  const spreads = used.map((t) => standardDeviation(Float64Array.from(t.values, Math.log))).filter((v) => v > 0);
  const unit = spreads.length ? median(spreads) / SPREAD : 1;
  const scaled = used.map((t) => ({ ...t, X: scaleRows(t.X, centre, scale), values: inLogs(t.values, unit).values }));
  const weights = scaled.map((t) =>
    taskWeights(t.X, width, { rows: Int32Array.from(t.values.keys()), values: t.values }, Math.max(1, 0.02 * t.values.length)),
  );
  const tuning = SUPPORT_SIZES.map((size) => {
    const trials = scaled.flatMap((t, i): Trial[] => {
      if (t.values.length < 2 * size) return [];
      const others = weights.filter((_, j) => scaled[j].group !== t.group);
      if (others.length < 2) return [];
      const order = random.fork(`${size} ${t.id}`).sample(t.values.length, Math.min(t.values.length, size + 150)),
        support = order.slice(0, size),
        query = order.slice(size);
      const own = inLogs(
        support.map((j) => used[i].values[j]),
        unit,
      );
      const log = query.map((j) => own.of(used[i].values[j]));
      return [
        {
          device: t.group,
          label: 'value',
          prior: taskPrior(others, width),
          ...aroundSupport(rowsOf(t.X, width, support), rowsOf(t.X, width, query), width),
          values: own.values,
          truth: log,
        },
      ];
    });
    return tuneSettings(size, trials, group(width), SETTINGS);
  });
  return { width, centre, scale, prior: taskPrior(weights, width), tuning, unit };
}

/** Support and queries with the mean of the support as origin: values are relative to its level, and chosen rows lie far from the centre of the features. */
function aroundSupport(X: Float64Array, Q: Float64Array, width: number): { X: Float64Array; Q: Float64Array } {
  const at = new Float64Array(width);
  for (let i = 0; i < X.length; i++) at[i % width] += (X[i] * width) / X.length;
  const moved = (rows: Float64Array) => rows.map((v, i) => v - at[i % width]);
  return { X: moved(X), Q: moved(Q) };
}

/** Values as the head sees them, around 1, and both ways for others. */
function inLogs(values: ArrayLike<number>, unit: number) {
  const level = mean(Float64Array.from(values, Math.log)),
    of = (v: number) => 1 + (Math.log(v) - level) / unit;
  return { values: Float64Array.from(values, of), of, back: (v: number) => Math.exp((v - 1) * unit + level) };
}

/** Values [rows] of a new task from its support. */
export function adaptLogTask(model: LogModel, support: { X: Float64Array; values: Float64Array }, X: Float64Array): Float64Array {
  const { back, values } = inLogs(support.values, model.unit),
    k = values.length;
  const tuning = nearestSize(model.tuning, k)!;
  const scaled = (rows: Float64Array) => scaleRows(rows, model.centre, model.scale);
  const around = aroundSupport(scaled(support.X), scaled(X), model.width);
  const posterior = adaptHead(model.prior, group(model.width), { X: around.X, values }, SETTINGS, tuning.logPrior, false);
  const { mean: m } = predictHead(posterior, around.Q, false);
  return m.map(back);
}

/** Rows to measure, most informative first. */
export function chooseLogRows(model: LogModel, X: Float64Array, k: number): number[] {
  return chooseSupport(model.prior, group(model.width), scaleRows(X, model.centre, model.scale), k, {
    variance: [CHOICE.variance / Math.max(1, model.width)],
    device: CHOICE.device,
  });
}

/** Rows of features [rows, width], centred and in units of their spread. */
export const scaleRows = (X: Float64Array, centre: Float64Array, scale: Float64Array): Float64Array =>
  X.map((v, i) => (v - centre[i % centre.length]) * scale[i % centre.length]);
