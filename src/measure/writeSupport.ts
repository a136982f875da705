import { csvField } from '../core/csv.js';
import { writeFileAtomic } from '../core/files.js';
import type { MeasuredRow } from './measureWorkloads.js';

/**
 * Writes measured rows as a support file: CSV `workload,latency_ms,spread,repeats`, or JSON lines with the same names where the name ends in
 * `.jsonl`. Whole or not at all.
 */
export function writeSupport(path: string, rows: readonly Omit<MeasuredRow, 'passes'>[]): void {
  const records = rows.map(({ workload, latency, spread, repeats }) => ({
    workload,
    latency_ms: round(latency * 1000),
    spread: round(spread),
    repeats,
  }));
  const lines = path.endsWith('.jsonl')
    ? records.map((r) => JSON.stringify(r))
    : [
        'workload,latency_ms,spread,repeats',
        ...records.map((r) => `${csvField(r.workload)},${r.latency_ms},${r.spread},${r.repeats}`),
      ];
  writeFileAtomic(path, `${lines.join('\n')}\n`);
}

const round = (v: number) => Number(v.toPrecision(7));
