import { type FpgaReport, type ReportModule, type ReportResources, ReportText } from './fpgaReport.js';
import { columnOf, type TextTable, textTables } from './textTables.js';
import { vivadoHeader, vivadoStage } from './vivadoHeader.js';

/** Columns by what they count; block RAM is in two. */
const COLUMNS = {
  lut: /^Total LUTs$/,
  ff: /^FFs$/,
  dsp: /^(DSP48 Blocks|DSP Blocks|DSP48E1|DSPs)$/,
  ramb36: /^RAMB36$/,
  ramb18: /^RAMB18$/,
  uram: /^URAM$/,
};

/**
 * Reads `report_utilization -hierarchical` of Vivado: counts of the top, and of each instance below it. The sum of instances can be more than the top (LUTs combined across them).
 * @throws HwcastError `corrupt` saying what is missing
 */
export function readVivadoHierarchy(text: string, name: string): FpgaReport {
  const report = new ReportText(text, name);
  const { state, ...head } = vivadoHeader(report);
  const table = textTables(text).find((t) => t.columns[0]?.trim() === 'Instance');
  if (!table || table.problem) throw report.corrupt(`no whole table of instances${table ? `: ${table.problem}` : ''}`);
  const [top, ...modules] = table.rows.map((cells) => instanceOf(report, table, cells));
  if (!top) throw report.corrupt('no row of the top in the table of instances');
  return {
    kind: 'vivado-hierarchy',
    stage: vivadoStage(report, state),
    ...head,
    latency: null,
    ii: null,
    resources: top.resources,
    // `(top)` is what the top has of its own
    modules: modules.filter((m) => m.name !== `(${top.name})`),
    warnings: report.warnings,
  };
}

function instanceOf(report: ReportText, table: TextTable, cells: readonly string[]): ReportModule {
  const name = cells[0].trim();
  const count = (key: keyof typeof COLUMNS): number => {
    const position = columnOf(table, COLUMNS[key]);
    if (position < 0) throw report.corrupt(`no column for ${key} in the table of instances`);
    return report.decimal(cells[position], `${name}: ${key}`);
  };
  const resources: ReportResources = {
    lut: count('lut'),
    ff: count('ff'),
    dsp: count('dsp'),
    bram18: 2 * count('ramb36') + count('ramb18'),
    uram: columnOf(table, COLUMNS.uram) < 0 ? null : count('uram'),
  };
  return { name, latency: null, ii: null, resources };
}
