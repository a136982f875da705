import { csvField } from '../core/csv.js';
import { writeFileAtomic } from '../core/files.js';
import type { MeasuredRow } from './measureWorkloads.js';

type SupportRow = Omit<MeasuredRow, 'passes'>;

/** Writes measured rows as a support file: CSV, or JSON lines where the name ends in `.jsonl`. Whole or not at all. */
export function writeSupport(path: string, rows: readonly SupportRow[]): void {
  writeFileAtomic(path, supportText(rows, path.endsWith('.jsonl') ? 'jsonl' : 'csv'));
}

/** Measured rows as CSV `workload,latency_ms,spread,repeats` or JSON lines with the same names. */
export function supportText(rows: readonly SupportRow[], form: 'csv' | 'jsonl'): string {
  const records = rows.map(({ workload, latency, spread, repeats }) => ({
    workload,
    latency_ms: round(latency * 1000),
    spread: round(spread),
    repeats,
  }));
  const lines =
    form === 'jsonl'
      ? records.map((r) => JSON.stringify(r))
      : [
          'workload,latency_ms,spread,repeats',
          ...records.map((r) => `${csvField(r.workload)},${r.latency_ms},${r.spread},${r.repeats}`),
        ];
  return `${lines.join('\n')}\n`;
}

const round = (v: number) => Number(v.toPrecision(7));
