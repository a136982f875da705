import { findFpgaPart } from '../../device/fpgaParts.js';
import { RESOURCE_COLUMNS } from './csynthRpt.js';
import {
  type FpgaReport,
  NO_RESOURCES,
  RESOURCE_KEYS,
  type ReportModule,
  type ReportResources,
  ReportText,
  versionIn,
} from './fpgaReport.js';
import { columnOf, textTables } from './textTables.js';

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
  const table = tables.find((t) => t.path.some((p) => p.startsWith('Performance & Resource Estimates')));
  if (!table) throw report.corrupt("no table 'Performance & Resource Estimates'");
  if (table.problem) throw report.corrupt(`table 'Performance & Resource Estimates' is not whole: ${table.problem}`);
  const column = (pattern: RegExp, what: string): number => {
    const at = columnOf(table, pattern);
    if (at < 0) throw report.corrupt(`no column for ${what} in the estimates`);
    return at;
  };
  const latencyAt = column(/^Latency \(cycles\)$/, 'latency in cycles'),
    timeAt = column(/^Latency \(ns\)$/, 'latency in ns'),
    intervalAt = column(/^Interval$/, 'interval');
  const at = Object.fromEntries(RESOURCE_KEYS.map((k) => [k, column(RESOURCE_COLUMNS[k], k)])) as Record<
    keyof ReportResources,
    number
  >;

  const read = (cells: readonly string[], module: string): ReportModule => {
    const cycles = (i: number, what: string): number | null => {
      if (cells[i].trim() !== '-') return report.count(cells[i], `${module}: ${what}`);
      report.warn(`${module}: ${what} is '-': the tool could not tell it`);
      return null;
    };
    const worst = cycles(latencyAt, 'latency'),
      interval = cycles(intervalAt, 'interval');
    const resources = { ...NO_RESOURCES };
    for (const key of RESOURCE_KEYS) {
      const cell = cells[at[key]].trim().match(/^(-)$|^(\d+)(?: \(~?(\d+)%\))?$/);
      if (!cell) throw report.corrupt(`${module}: ${key} is '${cells[at[key]].trim()}', not a count`);
      resources[key] = cell[1] ? 0 : Number(cell[2]);
    }
    return {
      name: module,
      latency: worst === null ? null : { min: null, max: worst },
      ii: interval === null ? null : { min: interval, max: interval },
      resources,
    };
  };
  const modules: ReportModule[] = [];
  let whole: ReportModule | undefined;
  let clockNs: number | undefined;
  /** of the functions the top calls */
  const inside = { lut: 0, ff: 0, dsp: 0, bram18: 0, uram: 0 };
  for (const cells of table.rows) {
    const label = cells[0].match(/^(\s*)([+o*])\s+(\S.*?)\s*$/);
    if (!label) throw report.corrupt(`row '${cells[0].trim()}' of the estimates names no module`);
    const module = read(cells, label[3]);
    const time = cells[timeAt].trim();
    if (module.latency?.max) {
      const ns = report.decimal(
        time.replace(/e\+0?(\d+)$/, (_, e) => '0'.repeat(Number(e))),
        `${label[3]}: latency in ns`,
      );
      if (label[1] === '' || clockNs === undefined) clockNs ??= Number((ns / module.latency.max).toPrecision(5));
      else report.agree(ns, module.latency.max * clockNs, `${label[3]}: latency in cycles and ns`, ns * 1e-3 + 0.002);
    }
    if (label[1] === '' && !whole) {
      if (label[3] !== top) report.warn(`the first module is '${label[3]}', not '${top}'`);
      whole = module;
    } else if (label[2] === '+') {
      modules.push(module);
      if (label[1] === ' ') for (const key of RESOURCE_KEYS) inside[key] += module.resources[key] ?? 0;
    }
  }
  if (!whole) throw report.corrupt(`no row of '${top}' in the estimates`);
  if (clockNs !== undefined && !(clockNs >= 0.1 && clockNs <= 1000))
    report.warn(`a clock of ${clockNs} ns follows from the latency; the report may be damaged`);
  if (whole.latency) report.warn('the summary gives the worst-case latency only');
  for (const key of RESOURCE_KEYS)
    if (inside[key] > (whole.resources[key] ?? 0))
      report.warn(
        `${key}: ${whole.resources[key]} of the top is less than the ${inside[key]} of its functions; the report may be damaged`,
      );
  checkPercent(report, part, table.rows, at);
  report.checkCapacity(part, undefined);
  const last = tables.at(-1);
  if (last?.problem) report.warn(`the report is not whole: ${last.problem}`);
  else if (!/== SW I\/O Information/.test(text)) report.warn("the report ends before section 'SW I/O Information'");
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

/** Counts against their percentage of the part, where hwcast knows the part. */
function checkPercent(
  report: ReportText,
  part: string,
  rows: readonly string[][],
  at: Record<keyof ReportResources, number>,
): void {
  const known = findFpgaPart(part);
  if (!known) return;
  for (const cells of rows)
    for (const key of RESOURCE_KEYS) {
      const cell = cells[at[key]].trim().match(/^(\d+) \((\d+)%\)$/);
      if (cell)
        report.agree(
          Number(cell[2]),
          Math.floor((100 * Number(cell[1])) / known[key]),
          `${cells[0].trim()}: ${key} in percent`,
          1,
        );
    }
}
