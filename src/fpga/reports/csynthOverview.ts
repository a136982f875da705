import { findFpgaPart } from '../../device/fpgaParts.js';
import { RESOURCES } from '../designTargets.js';
import { RESOURCE_COLUMNS } from './csynthRpt.js';
import { type FpgaReport, NO_RESOURCES, type ReportModule, type ReportResources, ReportText, versionIn } from './fpgaReport.js';
import { warnOfCutOverview } from './reportEnd.js';
import { columnOf, type TextTable, textTables } from './textTables.js';

/**
 * Reads the synthesis summary that Vitis HLS writes as `csynth.rpt` beside the reports of the functions (2020.2 and later). Latency is one number there, the
 * worst case; the clock is derived from cycles and nanoseconds.
 * @throws HwcastError `corrupt` saying what is missing.
 */
export function readCsynthOverview(text: string, name: string): FpgaReport {
  const report = new ReportText(text, name);
  const top = text.match(/== Synthesis Summary Report of '([^'\n]+)'/)?.[1];
  if (!top) throw report.corrupt('no line "== Synthesis Summary Report of \'..\'"');
  const header = (key: string): string | undefined => text.match(new RegExp(`^\\s*\\* ${key}:\\s*(\\S.*?)\\s*$`, 'm'))?.[1];
  const part = header('Target device'),
    toolVersion = versionIn(header('Version'));
  if (!part) throw report.corrupt("no line '* Target device:'");
  const tables = textTables(text);
  const table = estimatesOf(report, tables);
  const columns = columnsOf(report, table);
  const { whole, modules, clockNs, inside } = readEstimates(report, table.rows, columns, top);
  if (clockNs !== undefined && !(clockNs >= 0.1 && clockNs <= 1000))
    report.warn(`a clock of ${clockNs} ns follows from the latency; the report may be damaged`);
  if (whole.latency) report.warn('the summary gives the worst-case latency only');
  for (const key of RESOURCES)
    if (inside[key] > (whole.resources[key] ?? 0))
      report.warn(
        `${key}: ${whole.resources[key]} of the top is less than the ${inside[key]} of its functions; the report may be damaged`,
      );
  checkPercent(report, part, table.rows, columns.resources);
  report.checkCapacity(part, undefined);
  const last = tables.at(-1);
  if (last?.problem) report.warn(`the report is not whole: ${last.problem}`);
  else warnOfCutOverview(report, tables);
  return {
    kind: 'csynth-overview',
    stage: 'csynth',
    top,
    part,
    tool: 'vitis_hls',
    ...(toolVersion ? { toolVersion } : {}),
    ...(clockNs === undefined ? {} : { clockNs }),
    latency: whole.latency,
    ii: whole.ii,
    resources: whole.resources,
    modules,
    warnings: report.warnings,
  };
}

function estimatesOf(report: ReportText, tables: readonly TextTable[]): TextTable {
  const table = tables.find((t) => t.path.some((title) => title.startsWith('Performance & Resource Estimates')));
  if (!table) throw report.corrupt("no table 'Performance & Resource Estimates'");
  if (table.problem) throw report.corrupt(`table 'Performance & Resource Estimates' is not whole: ${table.problem}`);
  return table;
}

/** Positions of the columns of the estimates. */
interface Columns {
  latency: number;
  timeNs: number;
  interval: number;
  resources: Record<keyof ReportResources, number>;
}

function columnsOf(report: ReportText, table: TextTable): Columns {
  const column = (pattern: RegExp, what: string): number => {
    const position = columnOf(table, pattern);
    if (position < 0) throw report.corrupt(`no column for ${what} in the estimates`);
    return position;
  };
  return {
    latency: column(/^Latency \(cycles\)$/, 'latency in cycles'),
    timeNs: column(/^Latency \(ns\)$/, 'latency in ns'),
    interval: column(/^Interval$/, 'interval'),
    resources: Object.fromEntries(RESOURCES.map((key) => [key, column(RESOURCE_COLUMNS[key], key)])) as Columns['resources'],
  };
}

/** The numbers of one row. */
function readModule(report: ReportText, cells: readonly string[], name: string, columns: Columns): ReportModule {
  const cycles = (position: number, what: string): number | null => {
    if (cells[position].trim() !== '-') return report.count(cells[position], `${name}: ${what}`);
    report.warn(`${name}: ${what} is '-': the tool could not tell it`);
    return null;
  };
  const worst = cycles(columns.latency, 'latency'),
    interval = cycles(columns.interval, 'interval');
  const resources = { ...NO_RESOURCES };
  for (const key of RESOURCES) {
    const text = cells[columns.resources[key]].trim(),
      cell = text.match(/^(-)$|^(\d+)(?: \(~?(\d+)%\))?$/);
    if (!cell) throw report.corrupt(`${name}: ${key} is '${text}', not a count`);
    resources[key] = cell[1] ? 0 : Number(cell[2]);
  }
  return {
    name,
    latency: worst === null ? null : { min: null, max: worst },
    ii: interval === null ? null : { min: interval, max: interval },
    resources,
  };
}

/** What the rows of the estimates say. */
interface Estimates {
  /** the top function */
  whole: ReportModule;
  modules: ReportModule[];
  /** by cycles and nanoseconds of the first row that has both */
  clockNs: number | undefined;
  /** resources of the functions that the top calls */
  inside: Record<keyof ReportResources, number>;
}

/** Rows are indented by depth and marked: `+` a function, `o` a loop. */
function readEstimates(report: ReportText, rows: readonly string[][], columns: Columns, top: string): Estimates {
  const modules: ReportModule[] = [],
    inside = { lut: 0, ff: 0, dsp: 0, bram18: 0, uram: 0 };
  let whole: ReportModule | undefined, clockNs: number | undefined;
  for (const cells of rows) {
    const [, indent, mark, name] = cells[0].match(/^(\s*)([+o*])\s+(\S.*?)\s*$/) ?? [];
    if (name === undefined) throw report.corrupt(`row '${cells[0].trim()}' of the estimates names no module`);
    const module = readModule(report, cells, name, columns);
    if (module.latency?.max) {
      const ns = report.decimal(plainDecimal(cells[columns.timeNs].trim()), `${name}: latency in ns`);
      if (clockNs === undefined) clockNs = Number((ns / module.latency.max).toPrecision(5));
      else if (indent !== '')
        report.agree(ns, module.latency.max * clockNs, `${name}: latency in cycles and ns`, ns * 1e-3 + 0.002);
    }
    if (indent === '' && !whole) {
      // a star marks a dataflow region
      if (name.replace(/\*$/, '') !== top) report.warn(`the first module is '${name}', not '${top}'`);
      whole = module;
    } else if (mark === '+') {
      modules.push(module);
      if (indent === ' ') for (const key of RESOURCES) inside[key] += module.resources[key] ?? 0;
    }
  }
  if (!whole) throw report.corrupt(`no row of '${top}' in the estimates`);
  return { whole, modules, clockNs, inside };
}

/** `1.187e+04` as `11870`, other text as it is. */
const plainDecimal = (text: string): string => (/^\d+(\.\d+)?e\+\d+$/.test(text) ? String(Number(text)) : text);

/** Counts against their percentage of the part, where hwcast knows the part. */
function checkPercent(report: ReportText, part: string, rows: readonly string[][], columns: Columns['resources']): void {
  const capacity = findFpgaPart(part);
  if (!capacity) return;
  for (const cells of rows)
    for (const key of RESOURCES) {
      const cell = cells[columns[key]].trim().match(/^(\d+) \((\d+)%\)$/);
      if (cell)
        report.agree(
          Number(cell[2]),
          Math.floor((100 * Number(cell[1])) / capacity[key]),
          `${cells[0].trim()}: ${key} in percent`,
          1,
        );
    }
}
