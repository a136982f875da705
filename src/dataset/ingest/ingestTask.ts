import { HwcastError } from '../../core/errors.js';
import { mean, median } from '../../core/statistics.js';
import type { Target } from '../../graph/targets.js';
import type { RowRecord } from '../../trace/traceReader.js';
import { type Aggregation, aggregatePasses, deviation } from './aggregatePasses.js';

/** A row of a table with its canonical workload id. */
export type IdentifiedRow = RowRecord & { id: string };

/** One value of a task on its way into the dataset. */
export interface IngestedValue {
  workload: string;
  /** SI */
  value: number;
  repeats: number | null;
  spread: number | null;
}

/** What the sources gave for one task. */
export interface IngestTask {
  device: string;
  condition: string;
  target: Target;
  /** of tables, raw */
  rows: IdentifiedRow[];
  /** of traces; `finishTask` adds those of the rows */
  values: IngestedValue[];
}

/**
 * Repeats within traces to one value: median, count, spread. Times of 0 come from traces that count whole microseconds: the mean of all runs is
 * then nearer to the truth than any of them, and there is no spread of logs.
 */
export function medianValue(workload: string, samples: readonly number[]): IngestedValue {
  const rounded = samples.some((s) => s === 0);
  return {
    workload,
    value: rounded ? mean(samples) : median(samples),
    repeats: samples.length,
    spread: samples.length > 1 && !rounded ? deviation(samples.map(Math.log)) : null,
  };
}

/**
 * Turns the table rows of a task into one value a workload: rows with a run or pass are aggregated, others stand for themselves.
 * @returns the aggregation, where there were passes, and the number of exact repeats
 * @throws HwcastError `bad-input` where two rows give one measurement different values.
 */
export function finishTask(task: IngestTask): { aggregation?: Aggregation; merged: number } {
  const inPasses = task.rows.some((r) => r.run !== null || r.pass !== null);
  const rows = withoutRepeats(task, inPasses),
    merged = task.rows.length - rows.length;
  if (!inPasses) {
    for (const r of rows) task.values.push({ workload: r.id, value: r.value, repeats: r.repeats, spread: r.spread });
    return { merged };
  }
  // in the order of runs and passes, whatever the order of files
  const sorted = [...rows].sort((a, b) => compare(a.run ?? '', b.run ?? '') || compare(a.pass ?? '', b.pass ?? ''));
  const ids = [...new Set(sorted.map((r) => r.id))],
    index = new Map(ids.map((id, i) => [id, i]));
  const aggregation = aggregatePasses(
    sorted.map((r) => ({ workload: index.get(r.id)!, run: r.run ?? '', value: r.value })),
    { mean: task.target === 'energy' || task.target === 'power' ? 'arithmetic' : 'geometric' },
  );
  for (const { workload, value, repeats, spread } of aggregation.values)
    task.values.push({ workload: ids[workload], value, repeats, spread: repeats > 1 ? spread : null });
  return { aggregation, merged };
}

function withoutRepeats({ rows, target, device }: IngestTask, inPasses: boolean): IdentifiedRow[] {
  const first = new Map<string, RowRecord>();
  return rows.filter((r) => {
    // without a pass number, rows of one run are its passes in file order
    if (inPasses && r.pass === null) return true;
    const key = `${r.id}\n${r.run ?? ''}\n${r.pass ?? ''}`,
      known = first.get(key);
    if (!known) {
      first.set(key, r);
      return true;
    }
    if (known.value === r.value) return false;
    const pass = r.pass === null ? '' : `, for run ${r.run ?? '-'} pass ${r.pass}`;
    throw new HwcastError(
      'bad-input',
      `${target} of '${r.id}' on '${device}' is given twice, ${known.value} and ${r.value} (SI)${pass}; the other is at ${known.where}`,
      {
        where: r.where,
        hint: inPasses
          ? 'number the passes apart'
          : 'keep one, or map the columns that tell repeats apart: --map run=COLUMN,pass=COLUMN',
      },
    );
  });
}

/** Numbers by size, other text by code points. */
function compare(a: string, b: string): number {
  const d = Number(a) - Number(b);
  return Number.isNaN(d) ? (a < b ? -1 : a > b ? 1 : 0) : d;
}
