import { forwardSolve } from '../core/cholesky.js';
import type { Random } from '../core/random.js';
import { quantile } from '../core/statistics.js';
import { modelTableOf } from '../graph/namedModel.js';
import type { Target } from '../graph/targets.js';
import type { Workload } from '../graph/workload.js';
import { Z90 } from '../surrogate/head/tuneSettings.js';
import { intervalsOf } from '../surrogate/predictor.js';
import type { TrainingTask } from './closedForm.js';
import { describeModel, type ModelDescription } from './modelDescription.js';
import { scaledModels } from './modelKernel.js';
import { type DescriptionScales, ModelTable, soundFactor, type TableTask } from './modelTable.js';
import { type IntervalScale, MultiTask } from './multiTask.js';
import { withoutModels, withoutTasks } from './restrictTable.js';
import { type MeasuredOperators, sumsOfTable } from './tableSums.js';

/** Least models of a task. */
const LEAST_MODELS = 20;
/** Tasks of a target below which those of latency inform it. */
const FEW_TASKS = 4;
const SIZES_OF_SUPPORT = [5, 10, 20];
/** Devices of a table that are left out to scale its intervals, and models predicted each time. */
const MOST_DEVICES = 12,
  QUERIES = 150;

/** The hardware of a device id: what stands in brackets (clocks, cores, revision) and a maker's prefix left out, so that two names of one board are one. */
export const hardwareOf = (device: string): string =>
  device
    .replace(/\s*[([].*$/, '')
    .replace(/^rtx(?=\d)/i, '')
    .trim()
    .toLowerCase();

interface TrainOptions {
  random: Random;
  /** single operators that were measured, on the hardware of some tasks */
  operators?: readonly MeasuredOperators[];
  onProgress?(done: number, total: number, what: string): void;
}

/** Trains on named models and graphs: tables, the scales of what models are, and the widths of intervals from devices left out in turn. */
export function trainMultiTask(workloads: readonly Workload[], tasks: readonly TrainingTask[], options: TrainOptions): MultiTask {
  const tables = modelTables(workloads, tasks, options.operators ?? []);
  const intervals: IntervalScale[] = [];
  tables.forEach((table, i) => {
    options.onProgress?.(i, tables.length, `${table.values.name} ${table.values.target}: each device left out`);
    intervals.push(...intervalsOfTable(table, options.random));
  });
  options.onProgress?.(tables.length, tables.length, 'done');
  return new MultiTask({ name: 'multi-task', tables, intervals });
}

/** One table for each source of names and each target. */
function modelTables(
  workloads: readonly Workload[],
  tasks: readonly TrainingTask[],
  operators: readonly MeasuredOperators[],
): ModelTable[] {
  const descriptions = workloads.map(describeModel);
  const nameOf = (row: number): string => modelTableOf(workloads[row].id) ?? 'graphs';
  const parts = tasks.flatMap((task) => {
    const names = [...new Set(Array.from(task.rows, nameOf))];
    return names.map((name) => ({ name, task, at: [...task.rows.keys()].filter((i) => nameOf(task.rows[i]) === name) }));
  });
  const enough = parts.filter((p) => p.at.length >= LEAST_MODELS);
  const keys = [...new Set(enough.map((p) => `${p.name} ${p.task.target}`))];
  return keys.map((key) => {
    const of = enough.filter((p) => `${p.name} ${p.task.target}` === key),
      { name, task } = of[0];
    const informing =
      task.target !== 'latency' && of.length < FEW_TASKS
        ? enough.filter((p) => p.name === name && p.task.target === 'latency')
        : [];
    return tableOf(name, task.target, [...of, ...informing], descriptions, operators);
  });
}

function tableOf(
  name: string,
  target: Target,
  parts: readonly { task: TrainingTask; at: readonly number[] }[],
  descriptions: readonly ModelDescription[],
  operators: readonly MeasuredOperators[],
): ModelTable {
  const rows = [...new Set(parts.flatMap((p) => p.at.map((i) => p.task.rows[i])))].sort((a, b) => a - b),
    position = new Map(rows.map((row, m) => [row, m]));
  const logs = new Float64Array(parts.length * rows.length).fill(Number.NaN);
  parts.forEach(({ task, at }, c) => {
    for (const i of at) logs[c * rows.length + position.get(task.rows[i])!] = Math.log(task.values[i]);
  });
  const tasks = parts.map(
    ({ task: { device, condition, target: own, runtime = '' } }): TableTask => ({
      device,
      condition,
      target: own,
      kind: own === target ? runtime : `${runtime} ${own}`.trim(),
    }),
  );
  const values = { name, target, tasks, models: rows.map((row) => descriptions[row]), logs };
  const table = new ModelTable({ ...values, scales: fittedScales(new ModelTable({ ...values, scales: START })) });
  const settings = parts.map((p) => p.task.setting),
    made = sumsOfTable(table, settings, operators, (left) => withoutModels(table, left));
  return made.drawn.length ? new ModelTable({ ...table.values, ...made }) : table;
}

const START: DescriptionScales = { length: 1, linear: 1, smooth: 0.3, words: 0.1, noise: 0.02 };
const STEPS: { [K in keyof DescriptionScales]: readonly number[] } = {
  length: [0.35, 0.5, 0.7, 1, 1.4, 2],
  linear: [0.1, 0.3, 1, 3],
  smooth: [0.03, 0.1, 0.3, 1],
  words: [0.003, 0.03, 0.1, 0.3],
  noise: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2],
};
/** Models that the scales are fitted to. */
const FITTED_MODELS = 150;

/** Scales of the greatest marginal likelihood of all tasks, one after the other. */
function fittedScales(table: ModelTable): DescriptionScales {
  const { models } = table.values,
    columns = table.kinds.length,
    step = Math.max(1, Math.ceil(models.length / FITTED_MODELS));
  const rows = models.map((_, i) => i).filter((i) => i % step === 0);
  const scaled = scaledModels(
    rows.map((i) => models[i]),
    table.sizes,
  );
  const likelihood = (scales: DescriptionScales): number => {
    const factor = soundFactor(scaled, scales);
    if (!factor) return Number.NEGATIVE_INFINITY;
    let sum = 0;
    for (let i = 0; i < rows.length; i++) sum -= columns * Math.log(factor[i * rows.length + i]);
    for (let c = 0; c < columns; c++) {
      const y = Float64Array.from(rows, (i) => table.centred[i * columns + c]);
      forwardSolve(factor, rows.length, y);
      for (const v of y) sum -= 0.5 * v * v;
    }
    return sum;
  };
  let best = START,
    most = likelihood(best);
  for (let round = 0; round < 3; round++)
    for (const name of Object.keys(STEPS) as (keyof DescriptionScales)[])
      for (const value of STEPS[name]) {
        const tried = { ...best, [name]: value },
          at = likelihood(tried);
        if (at > most) {
          most = at;
          best = tried;
        }
      }
  return best;
}

/** Widths of intervals for each number of measurements: each device left out in turn with all it measured, half of the supports chosen. */
function intervalsOfTable(table: ModelTable, random: Random): IntervalScale[] {
  const { name, target, tasks, models, logs } = table.values;
  const devices = [...new Set(tasks.filter((t) => t.target === target).map((t) => hardwareOf(t.device)))];
  const drawn = random.fork(`devices ${name} ${target}`).shuffle(devices).slice(0, MOST_DEVICES);
  const errors = new Map<number, number[]>(SIZES_OF_SUPPORT.map((size) => [size, []]));
  for (const device of drawn) {
    const isLeft = (t: { device: string }) => hardwareOf(t.device) === device;
    if (tasks.every(isLeft)) continue;
    const rest = new MultiTask({ name: 'rest', tables: [withoutTasks(table, isLeft)], intervals: [] });
    const left = tasks.map((_, c) => c).filter((c) => isLeft(tasks[c]) && tasks[c].target === target);
    for (const c of left.slice(0, 3)) {
      const measured = models
        .map((_, m) => m)
        .filter((m) => !Number.isNaN(logs[c * models.length + m]) && rest.state.tables[0].position.has(models[m].id));
      for (const size of SIZES_OF_SUPPORT)
        for (const chosen of [false, true]) {
          if (measured.length < size + 10) continue;
          const of = random.fork(`${name} ${target} ${tasks[c].device} ${tasks[c].condition} ${size} ${chosen}`);
          const pool = of.sample(measured.length, Math.min(measured.length, size + QUERIES)).map((i) => measured[i]);
          errors.get(size)!.push(...trialErrors(rest, table, c, pool, size, chosen));
        }
    }
  }
  return SIZES_OF_SUPPORT.flatMap((size) => {
    const of = errors.get(size)!;
    return of.length ? [{ table: name, target, size, scale: quantile(of, shareFor(drawn.length)) / Z90 }] : [];
  });
}

/** Share of the errors inside the scaled intervals: above 90 %, the more the fewer devices they come from, since the next device differs from them. */
const shareFor = (devices: number): number => 1 - (0.1 * devices) / (devices + 2);

/** Errors of a trial in predicted standard deviations. */
function trialErrors(
  rest: MultiTask,
  { values: { models, logs, tasks, target } }: ModelTable,
  column: number,
  pool: readonly number[],
  size: number,
  chosen: boolean,
): number[] {
  const workloads = pool.map((m): Workload => ({ id: models[m].id, facts: {} })),
    measuredValue = new Map(workloads.map((w, i) => [w, Math.exp(logs[column * models.length + pool[i]])]));
  const support = chosen ? rest.choose(workloads, size, [], target) : workloads.slice(0, size),
    isSupport = new Set(support);
  const query = workloads.filter((w) => !isSupport.has(w));
  const adapted = rest.adapt(
    support.map((workload) => ({ workload, value: measuredValue.get(workload)! })),
    { ...tasks[column], target },
  );
  return intervalsOf(adapted.predict(query), target).map(
    (p, i) => (Math.abs(Math.log(p.value / measuredValue.get(query[i])!)) * Z90) / Math.log(p.high / p.value),
  );
}
