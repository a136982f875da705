import { findFpgaPart } from '../../device/fpgaParts.js';
import { RESOURCES } from '../designTargets.js';
import { type FpgaReport, NO_RESOURCES, type ReportResources, ReportText } from './fpgaReport.js';
import { warnOfCutSections } from './reportEnd.js';
import { columnOf, type TextTable, textTables } from './textTables.js';
import { missingSections, vivadoHeader, vivadoStage } from './vivadoHeader.js';

/** Labels of the rows; a star marks a footnote. Section numbers shift between families, so rows are found by label. */
const LABELS: Record<keyof ReportResources, RegExp> = {
  lut: /^(CLB|Slice) LUTs\*?$/,
  ff: /^((CLB|Slice) )?Registers$/,
  dsp: /^(DSPs|DSP Slices)\*?$/,
  bram18: /^Block RAM Tile\*?$/,
  uram: /^(URAM|URAMs)\*?$/,
};

interface Row {
  label: string;
  depth: number;
  used: string;
  available: string;
  percent: string;
}

/**
 * Reads `report_utilization` of Vivado, after synthesis or implementation: LUT, FF, DSP, block RAM and URAM by the label of the row. `Block RAM Tile`
 * counts 36 Kb in halves and becomes 18 Kb blocks. Parts of a row, percentages and the part's capacity are compared with the values.
 * @throws HwcastError `corrupt` saying what is missing.
 */
export function readVivadoUtilization(text: string, name: string): FpgaReport {
  const report = new ReportText(text, name);
  const { state, ...head } = vivadoHeader(report);
  const rows: Row[][] = [];
  const tables = textTables(text);
  for (const table of tables) {
    const used = columnOf(table, /^Used$/),
      available = columnOf(table, /^Available$/),
      percent = columnOf(table, /^Util%$/);
    // of the last one `warnOfCutSections` tells
    if (table.problem && table !== tables.at(-1)) report.warn(`a table is not whole: ${table.problem}`);
    else if (!table.problem && used >= 0 && available >= 0)
      rows.push(
        table.rows.map((cells) => ({
          label: cells[0].trim(),
          depth: cells[0].length - cells[0].trimStart().length,
          used: cells[used].trim(),
          available: cells[available].trim(),
          percent: percent < 0 ? '' : cells[percent].trim(),
        })),
      );
  }
  const { missing } = missingSections(text);
  warnOfCutSections(report, tables);
  const resources = { ...NO_RESOURCES },
    available = { ...NO_RESOURCES };
  const known = head.part === undefined ? undefined : findFpgaPart(head.part);
  for (const key of RESOURCES) {
    const table = rows.find((t) => t.some((r) => LABELS[key].test(r.label)));
    const at = table?.findIndex((r) => LABELS[key].test(r.label)) ?? -1;
    if (!table) {
      if (key === 'uram' && known?.uram === 0) resources.uram = available.uram = 0;
      else if (key === 'uram') report.warn('uram is not in the report');
      else
        throw report.corrupt(
          `no row for ${key} in the report${missing.length ? `; it ends before section '${missing[0]}'` : ''}`,
        );
      continue;
    }
    const row = table[at];
    const blocks = key === 'bram18' ? 2 : 1;
    const used = report.decimal(row.used, row.label);
    if (!Number.isInteger(used * blocks)) throw report.corrupt(`${row.label} is ${row.used}, not a multiple of ${1 / blocks}`);
    resources[key] = used * blocks;
    if (row.available) available[key] = report.decimal(row.available, `available ${row.label}`) * blocks;
    checkPercent(report, row, used);
    checkParts(report, key, table, at, used);
  }
  report.checkCapacity(head.part, available);
  checkPrimitives(report, tables, resources);
  return {
    kind: 'vivado-utilization',
    stage: vivadoStage(report, state),
    ...head,
    latency: null,
    ii: null,
    resources,
    available,
    modules: [],
    warnings: report.warnings,
  };
}

function checkPercent(report: ReportText, row: Row, used: number): void {
  const of = Number(row.available);
  if (!of || row.percent === '') return;
  if (row.percent === '<0.01') report.agree((100 * used) / of, 0.005, `${row.label} in percent`, 0.006);
  else report.agree(report.decimal(row.percent, `${row.label} in percent`), (100 * used) / of, `${row.label} in percent`, 0.0051);
}

/** The indented rows under a row add up to it; a tile of block RAM is two of 18 Kb. */
function checkParts(report: ReportText, key: keyof ReportResources, table: readonly Row[], at: number, used: number): void {
  const parts: Row[] = [];
  for (const row of table.slice(at + 1)) {
    if (row.depth <= table[at].depth) break;
    if (row.depth === table[at + 1].depth) parts.push(row);
  }
  if (!parts.length || !/^(lut|ff|dsp|bram18)$/.test(key)) return;
  const sum = parts.reduce((total, row) => total + report.decimal(row.used, row.label) / (/^RAMB18/.test(row.label) ? 2 : 1), 0);
  report.agree(used, sum, `${table[at].label} and its parts`);
}

/** The primitives listed at the end: registers, multipliers and block RAM are counted there once more. */
function checkPrimitives(report: ReportText, tables: readonly TextTable[], resources: ReportResources): void {
  const table = tables.find((t) => !t.problem && t.columns[0] === 'Ref Name' && t.columns[2] === 'Functional Category');
  if (!table) return;
  const sum = (pattern: RegExp, weight = 1): number =>
    table.rows.reduce(
      (total, [ref, used]) => total + (pattern.test(ref.trim()) && /^\d+$/.test(used.trim()) ? weight * Number(used) : 0),
      0,
    );
  report.agree(
    resources.ff,
    sum(/^(FD[RSCP]E|LD[CP]E)/),
    'registers and their primitives',
    Math.max(2, (resources.ff ?? 0) * 0.02),
  );
  report.agree(resources.bram18, sum(/^(RAMB18|FIFO18)/) + sum(/^(RAMB36|FIFO36)/, 2), 'block RAM and its primitives', 1);
  report.agree(resources.uram, sum(/^URAM288/), 'URAM and its primitives');
}
