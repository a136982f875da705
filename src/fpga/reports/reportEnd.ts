import type { ReportText } from './fpgaReport.js';
import type { TextTable } from './textTables.js';
import { missingSections } from './vivadoHeader.js';

/** Warns where a report with a table of contents lacks sections, or its last one has no whole table. */
export function warnOfCutSections(report: ReportText, tables: readonly TextTable[]): void {
  const { missing, last } = missingSections(report.text);
  if (missing.length) report.warn(`the report is not whole: no section ${missing.map((m) => `'${m}'`).join(', ')}`);
  else if (tables.at(-1)?.problem) report.warn(`the report is not whole: ${tables.at(-1)!.problem}`);
  else if (last !== undefined) {
    const table = tables.findLast((t) => t.path.includes(last));
    if (!table) report.warn(`the report is not whole: section '${last}' has no table`);
    // regions of a die are added up
    else if (/^\d+\. SLR /.test(last) && !/^(Total|Unique Control Sets)$/.test(table.rows.at(-1)?.[0].trim() ?? ''))
      report.warn(`the report is not whole: the table of section '${last}' has no row 'Total'`);
  }
}

/** Sections behind the estimates of a synthesis summary, in their order; of later versions also what operations, memories and pragmas became. */
const OVERVIEW_SECTIONS = ['HW Interfaces', 'SW I/O Information'];
const LATER_SECTIONS = ['Bind Op Report', 'Storage Report', 'Pragma Report'];

/** Warns where the synthesis summary of Vitis HLS lacks a section behind its estimates, or what a section begins with. */
export function warnOfCutOverview(report: ReportText, tables: readonly TextTable[]): void {
  const titles = [...report.text.matchAll(/^\s*== (.+?)\s*$/gm)].map((m) => m[1]);
  const has = (section: string): boolean => titles.some((title) => title.endsWith(section));
  const later = LATER_SECTIONS.some(has);
  const lacks = [...OVERVIEW_SECTIONS, ...(later ? LATER_SECTIONS : [])].find((section) => !has(section));
  if (lacks !== undefined) report.warn(`the report ends before section '${lacks}'`);
  else if (!later && !has('M_AXI Burst Information')) report.warn("the report ends behind section 'SW I/O Information'");
  else {
    const table = tables.at(-1);
    if (!table?.rows.length) report.warn(`the report ends with an empty table (line ${table?.line})`);
    else if (has('Pragma Report') && !table.path.some((t) => t.endsWith('Pragma Report')))
      report.warn("the report ends before the table of section 'Pragma Report'");
    else if (/^\s*\* Pragmas with Warnings/m.test(report.text) && !/^\s*\* Valid Pragma Syntax/m.test(report.text))
      report.warn("the report ends behind 'Pragmas with Warnings'");
  }
}

/**
 * Warns where the console's copy of a report of Vivado HLS, which hls4ml prints to behind the instances, ends before these, or its co-simulation ends inside its table.
 * @param at where the report begins in the console's text
 */
export function warnOfCutConsole(report: ReportText, body: string, tables: readonly TextTable[], at: number): void {
  const instances = tables.find((t) => t.path[0] === 'Utilization Estimates' && t.path.at(-1) === 'Instance');
  const none = /== Utilization Estimates[\s\S]*\* Instance:\s*\n\s*N\/A/.test(body);
  if (!none && instances?.rows.at(-1)?.[0].trim() !== 'Total') report.warn('the report ends before the total of its instances');
  const from = report.text.indexOf('\nCO-SIMULATION RESULT', at);
  if (from < 0) return;
  // its header is no row of a table that `textTables` reads
  if (!/^\|\s*Verilog\|.*\n\+(-+\+)+\s*$/m.test(report.text.slice(from))) report.warn('the report ends inside the co-simulation');
}
