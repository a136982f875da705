import { RESOURCES } from '../../fpga/designTargets.js';
import type { FpgaReport } from '../../fpga/reports/fpgaReport.js';
import { plainTable } from '../plainTable.js';

/** A report of an FPGA tool, and the file it was read from. */
export type ReadReport = FpgaReport & { file: string };

/** One JSON array. */
export const reportsJson = (reports: readonly ReadReport[]): string => JSON.stringify(reports, null, 2);

/** One line a report; empty what it does not say. */
export function reportsText(reports: readonly ReadReport[]): string {
  const numbers = ['latency', 'ii', ...RESOURCES];
  return plainTable(
    ['file', 'kind', 'stage', 'part', 'tool', ...numbers],
    reports.map((r) => [
      r.file.replace(/.*[/\\]/, ''),
      r.kind,
      r.stage ?? '',
      r.part ?? '',
      [r.tool, r.toolVersion].filter(Boolean).join(' '),
      rangeText(r.latency),
      rangeText(r.ii),
      ...RESOURCES.map((k) => r.resources[k] ?? ''),
    ]),
    numbers,
  );
}

function rangeText(range: { min: number | null; max: number | null } | null): string {
  if (range === null) return '';
  const { min, max } = range;
  return min === max ? `${min ?? ''}` : `${min ?? '?'}-${max ?? '?'}`;
}
