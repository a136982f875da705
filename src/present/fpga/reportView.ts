import { RESOURCES } from '../../fpga/designTargets.js';
import type { FpgaReport } from '../../fpga/reports/fpgaReport.js';
import { plainTable } from '../plainTable.js';

/** A report of an FPGA tool, and the file it was read from. */
export type ReadReport = FpgaReport & { file: string };

/** One JSON array. */
export const reportsJson = (reports: readonly ReadReport[]): string => JSON.stringify(reports, null, 2);

/** One line a report, empty what it does not say; below it what reports of timing and power say. */
export function reportsText(reports: readonly ReadReport[]): string {
  const numbers = ['latency', 'ii', ...RESOURCES];
  const table = plainTable(
    ['file', 'kind', 'stage', 'part', 'tool', ...numbers],
    reports.map((r) => [
      nameOf(r),
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
  return [table, ...reports.flatMap((r) => measuredText(r).map((line) => `${nameOf(r)}: ${line}`))].join('\n');
}

const nameOf = ({ file }: ReadReport): string => file.replace(/.*[/\\]/, '');

/** Slack and power. */
function measuredText({ timing, power, clockEstNs }: ReadReport): string[] {
  const lines: string[] = [];
  if (timing) {
    const { wnsNs, tnsNs, clocks } = timing;
    const at = clocks.map(({ name, periodNs }) => `${name} of ${periodNs} ns`).join(', ');
    lines.push(
      `worst slack ${wnsNs === null ? 'not told' : `${wnsNs} ns`}${tnsNs === null ? '' : `, total ${tnsNs} ns`}${at ? `, clock ${at}` : ''}${clockEstNs === undefined ? '' : `; a period of ${clockEstNs} ns is reached`}`,
    );
  }
  if (power) lines.push(`power ${power.totalW} W (static ${power.staticW}, dynamic ${power.dynamicW})`);
  return lines;
}

function rangeText(range: { min: number | null; max: number | null } | null): string {
  if (range === null) return '';
  const { min, max } = range;
  return min === max ? `${min ?? ''}` : `${min ?? '?'}-${max ?? '?'}`;
}
