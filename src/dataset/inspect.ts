import { median, quantile } from '../core/statistics.js';
import { modelTableOf } from '../graph/namedModel.js';
import { DISPLAY, type Target } from '../graph/targets.js';
import type { Workload } from '../graph/workload.js';
import { type Dataset, type TaskData, taskId } from './dataset.js';

/** What stands in one task. Values in `unit`, the unit shown to people. */
export interface TaskSummary {
  task: string;
  device: string;
  condition: string;
  target: Target;
  unit: string;
  measured: number;
  /** workloads of the dataset without a value in this task */
  missing: number;
  min: number;
  median: number;
  max: number;
  /** different values; few of them among many measurements tell of a coarse clock */
  distinct: number;
  /** share of the measurements that have the value of another one */
  tied: number;
  /** smallest step between two different values: the grain of the clock where many are tied */
  grain: number | null;
  /** median over measurements of the spread of their passes, in percent (spread is the median absolute deviation of the logs) */
  spreadPercent: number | null;
  /** median number of passes behind a value */
  repeats: number | null;
  /** Spearman between halves of the passes, and implied for their mean; null where no passes were ingested */
  noise: { halves: number; ofMean: number; medianDifference: number; passes: number } | null;
}

export interface DatasetSummary {
  name: string;
  source: string;
  licence: string;
  workloads: number;
  spaces: Record<string, number>;
  devices: number;
  measurements: number;
  /** workloads without any measurement */
  unmeasured: number;
  tasks: TaskSummary[];
  splits: Record<string, number>;
  notes: string[];
}

/** What a workload is counted as: its space, the table that names it, a single operator or a free graph. */
export function groupOf(workload: Workload): string {
  if (workload.space) return workload.space.name;
  if (workload.facts) return `${modelTableOf(workload.id) ?? 'named'} models`;
  return workload.id.startsWith('op:') ? 'operators' : 'free graphs';
}

/** Devices, counts, ranges, gaps, ties, spread and noise of a dataset; `only` keeps the tasks whose id, device or target it is. */
export function inspectDataset(dataset: Dataset, only?: string): DatasetSummary {
  const { card, workloads, splits } = dataset;
  const tasks = dataset.tasks.filter(
    (t) => t.rows.length && (!only || only === taskId(t) || only === t.device || only === t.target),
  );
  const spaces: Record<string, number> = {};
  for (const w of workloads) spaces[groupOf(w)] = (spaces[groupOf(w)] ?? 0) + 1;
  const measured = new Uint8Array(workloads.length);
  for (const task of tasks) for (const row of task.rows) measured[row] = 1;
  return {
    name: card.name,
    source: card.source,
    licence: card.licence,
    workloads: workloads.length,
    spaces,
    devices: Object.keys(card.devices).length,
    measurements: tasks.reduce((n, t) => n + t.rows.length, 0),
    unmeasured: measured.reduce((n, m) => n - m, workloads.length),
    tasks: tasks.map((t) => summarise(t, dataset)),
    splits: Object.fromEntries(Object.entries(splits).map(([name, members]) => [name, members.length])),
    notes: card.notes,
  };
}

function summarise(task: TaskData, { workloads, card }: Dataset): TaskSummary {
  const { unit, scale } = DISPLAY[task.target];
  const sorted = Float64Array.from(task.values).sort(),
    n = sorted.length;
  let distinct = 0,
    alone = 0,
    grain = Number.POSITIVE_INFINITY;
  for (let i = 0; i < n; ) {
    let j = i + 1;
    while (j < n && sorted[j] === sorted[i]) j++;
    distinct++;
    if (j - i === 1) alone++;
    if (j < n) grain = Math.min(grain, sorted[j] - sorted[i]);
    i = j;
  }
  const spread = task.spread.filter((s) => !Number.isNaN(s)),
    repeats = task.repeats.filter((r) => r > 0);
  const round = (x: number) => Number(x.toPrecision(6));
  return {
    task: taskId(task),
    device: task.device,
    condition: task.condition,
    target: task.target,
    unit,
    measured: n,
    missing: workloads.length - n,
    min: round(sorted[0] * scale),
    median: round(quantile(sorted, 0.5) * scale),
    max: round(sorted[n - 1] * scale),
    distinct,
    tied: round((n - alone) / n),
    grain: distinct > 1 ? round(grain * scale) : null,
    spreadPercent: spread.length ? round(100 * median(spread)) : null,
    repeats: repeats.length ? median(repeats) : null,
    noise: card.noise[taskId(task)] ?? null,
  };
}
