import { type FpgaReport, NO_RESOURCES, ReportText } from './fpgaReport.js';
import { warnOfCutSections } from './reportEnd.js';
import { columnOf, textTables } from './textTables.js';
import { vivadoHeader, vivadoStage } from './vivadoHeader.js';

/**
 * Reads `report_power` of Vivado: total, dynamic and static power in watts, and the on-chip components. A component below the last digit printed
 * (`<0.001`) counts half of it. Totals are compared with their parts.
 * @throws HwcastError `corrupt` saying what is missing.
 */
export function readVivadoPower(text: string, name: string): FpgaReport {
  const report = new ReportText(text, name);
  const { state, ...head } = vivadoHeader(report);
  const tables = textTables(text);
  const find = (title: RegExp): (typeof tables)[number] | undefined => tables.find((t) => t.path.some((p) => title.test(p)));
  const summary = find(/^1\. Summary$/);
  if (!summary) throw report.corrupt("no table '1. Summary'");
  // a table of two columns without a header: its rows are where the header would be
  const values = new Map(twoColumns(text, report).map(([label, value]) => [label, value]));
  const value = (label: string): number => {
    const found = values.get(label);
    if (found === undefined) throw report.corrupt(`no row '${label}' in '1. Summary'`);
    return report.decimal(found, label, 3);
  };
  const totalW = value('Total On-Chip Power (W)'),
    dynamicW = value('Dynamic (W)'),
    staticW = value('Device Static (W)');
  report.agree(totalW, dynamicW + staticW, 'total power and its parts', 0.0016);
  const components: Record<string, number> = {};
  const onChip = find(/^1\.1 On-Chip Components$/);
  if (!onChip || onChip.problem)
    report.warn(`components are not read: ${onChip?.problem ?? "no table '1.1 On-Chip Components'"}`);
  else {
    const at = columnOf(onChip, /^Power \(W\)$/);
    if (at < 0) throw report.corrupt("no column 'Power (W)' in '1.1 On-Chip Components'");
    let sum = 0,
      count = 0;
    for (const cells of onChip.rows) {
      const label = cells[0].trim();
      if (/^\s{2,}/.test(cells[0])) continue;
      const small = cells[at].trim().match(/^<(0\.\d+)$/);
      const watts = small ? Number(small[1]) / 2 : report.decimal(cells[at], `power of ${label}`);
      if (label === 'Total') report.agree(totalW, watts, 'total power in both tables');
      else if (/^(Device )?Static/.test(label)) report.agree(staticW, watts, 'static power in both tables');
      else {
        components[label] = watts;
        sum += watts;
        count++;
      }
    }
    report.agree(dynamicW, sum, 'dynamic power and its components', 0.0006 * (count + 1));
  }
  const hierarchy = find(/^3\.1 By Hierarchy$/);
  const whole = hierarchy && !hierarchy.problem ? hierarchy.rows[0]?.[columnOf(hierarchy, /^Power \(W\)$/)] : undefined;
  if (whole === undefined) report.warn("no table '3.1 By Hierarchy'");
  else report.agree(dynamicW, report.decimal(whole, 'power by hierarchy'), 'dynamic power and that by hierarchy');
  warnOfCutSections(report, tables);
  return {
    kind: 'vivado-power',
    stage: vivadoStage(report, state),
    ...head,
    latency: null,
    ii: null,
    resources: NO_RESOURCES,
    modules: [],
    power: { totalW, dynamicW, staticW, components },
    warnings: report.warnings,
  };
}

/** Rows of the summary: it has no header, both columns are text. */
function twoColumns(text: string, report: ReportText): [string, string][] {
  const lines = text.split(/\r?\n/);
  const at = lines.findIndex((l, i) => /^1\. Summary$/.test(l) && /^-+$/.test(lines[i + 1] ?? ''));
  const from = lines.findIndex((l, i) => i > at && /^\+-+\+-+\+$/.test(l));
  if (at < 0 || from < 0) throw report.corrupt("no table '1. Summary'");
  const rows: [string, string][] = [];
  for (let i = from + 1; i < lines.length && lines[i] !== lines[from]; i++) {
    const cells = lines[i].match(/^\| (.*?) \| (.*?) \|$/);
    if (!cells || lines[i].length !== lines[from].length)
      throw report.corrupt(`line ${i + 1}: a row of '1. Summary' is damaged or cut`);
    rows.push([cells[1].trim(), cells[2].trim()]);
  }
  return rows;
}
