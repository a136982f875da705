import Table from 'cli-table3';
import type { DatasetSummary } from '../dataset/inspect.js';

/** The summary of a dataset as text for a terminal. */
export function renderInspection(summary: DatasetSummary): string {
  const show = (x: number | null, digits = 4) => (x === null ? '' : Number(x.toPrecision(digits)).toString());
  const percent = (x: number | null) => (x === null ? '' : `${show(x, 3)}%`);
  const table = new Table({
    head: [
      'task',
      'measured',
      'missing',
      'min',
      'median',
      'max',
      'unit',
      'distinct',
      'tied',
      'grain',
      'spread',
      'passes',
      'noise: halves',
      'of mean',
    ],
    style: { head: [], border: [], compact: true },
  });
  for (const t of summary.tasks)
    table.push([
      t.task,
      t.measured,
      t.missing,
      show(t.min),
      show(t.median),
      show(t.max),
      t.unit,
      t.distinct,
      percent(100 * t.tied),
      t.tied > 0.5 ? show(t.grain, 3) : '',
      percent(t.spreadPercent),
      show(t.repeats),
      show(t.noise?.halves ?? null),
      show(t.noise?.ofMean ?? null),
    ]);
  const counted = (parts: Record<string, number>) =>
    Object.entries(parts)
      .map(([name, n]) => `${name} ${n}`)
      .join(', ');
  return [
    `${summary.name}: ${summary.workloads} workloads (${counted(summary.spaces)}), ${summary.devices} devices, ${summary.tasks.length} tasks, ${summary.measurements} measurements, ${summary.unmeasured} workloads unmeasured`,
    `source: ${summary.source}`,
    `licence: ${summary.licence}`,
    table.toString(),
    ...(Object.keys(summary.splits).length ? [`splits: ${counted(summary.splits)}`] : []),
    ...summary.notes.map((n) => `note: ${n}`),
  ].join('\n');
}
