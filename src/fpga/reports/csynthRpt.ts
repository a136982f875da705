import { RESOURCES } from '../designTargets.js';
import {
  type CycleRange,
  checkRealTime,
  type FpgaReport,
  NO_RESOURCES,
  orWarn,
  type ReportModule,
  type ReportResources,
  ReportText,
  versionIn,
} from './fpgaReport.js';
import { warnOfCutConsole } from './reportEnd.js';
import { columnOf, type TextTable, textTables } from './textTables.js';

export const RESOURCE_COLUMNS: Record<keyof ReportResources, RegExp> = {
  lut: /^LUT$/,
  ff: /^FF$/,
  dsp: /^DSP(48E\d?)?$/,
  bram18: /^BRAM(_18K)?$/,
  uram: /^URAM$/,
};

/** Columns of a latency table: 2018 `Latency | Interval`, later `Latency (cycles) | Latency (absolute) | Interval`, each with min and max. */
const CYCLE_COLUMNS = {
  latMin: /^Latency( \(cycles\)| \(clock cycles\))? min$/,
  latMax: /^Latency( \(cycles\)| \(clock cycles\))? max$/,
  timeMin: /^Latency \(absolute\) min$/,
  timeMax: /^Latency \(absolute\) max$/,
  iiMin: /^Interval min$/,
  iiMax: /^Interval max$/,
};

/**
 * Reads `csynth.rpt` of Vivado HLS (2018 and 2019+ latency tables) and Vitis HLS; what `vivado_hls` printed before and after it does not matter. The three
 * summaries must be whole; a damaged detail table is a warning. Sums, percentages and times in the report are compared with the values.
 * @throws HwcastError `corrupt` saying what is missing.
 */
export function readCsynthRpt(text: string, name: string): FpgaReport {
  const report = new ReportText(text, name);
  const title = /== (Vivado|Vitis) HLS Report for '([^'\n]+)'/g;
  const first = title.exec(text);
  if (!first) throw report.corrupt('no line "== Vivado HLS Report for \'..\'"');
  const next = title.exec(text);
  const cosimulation = text.indexOf('\nCO-SIMULATION RESULT', first.index);
  const body = text.slice(first.index, next?.index ?? (cosimulation < 0 ? undefined : cosimulation));
  if (next) report.warn(`the file holds several reports: only that of '${first[2]}' is read`);
  const header = (key: string): string | undefined => body.match(new RegExp(`^\\* ${key}:\\s*(\\S.*?)\\s*$`, 'm'))?.[1];
  const part = header('Target device'),
    toolVersion = versionIn(header('Version'));
  if (!part) throw report.corrupt("no line '* Target device:'");
  if (!toolVersion) report.warn('no version of the tool');
  const tables = textTables(body);
  const need = (section: string, ...path: string[]): TextTable => {
    const table = tables.find((t) => t.path[0] === section && path.every((p, i) => t.path[i + 1]?.startsWith(p)));
    if (!table) throw report.corrupt(`no table '${[section, ...path].join(' / ')}'`);
    if (table.problem) throw report.corrupt(`table '${[section, ...path].join(' / ')}' is not whole: ${table.problem}`);
    return table;
  };

  const clock = need('Performance Estimates', 'Timing', 'Summary');
  const clockRow = oneRow(report, clock, 'Timing');
  const target = columnOf(clock, /^Target$/),
    estimated = columnOf(clock, /^Estimated$/);
  if (target < 0 || estimated < 0) throw report.corrupt("no columns 'Target' and 'Estimated' in the timing table");
  const ns = (text: string, what: string): number => report.decimal(text.trim().replace(/\s*ns$/, ''), what, 2);
  const clockNs = ns(clockRow[target], 'target clock'),
    clockEstNs = ns(clockRow[estimated], 'estimated clock');

  const cycles = need('Performance Estimates', 'Latency', 'Summary');
  const { latency, ii } = readCycles(report, cycles, oneRow(report, cycles, 'Latency'), clockNs, '');

  const area = need('Utilization Estimates', 'Summary');
  const total = row(area, 'Total');
  if (!total) throw report.corrupt("no row 'Total' in the utilization table");
  const resources = readResources(report, area, total, '');
  const capacity = row(area, 'Available');
  const available = capacity ? readResources(report, area, capacity, 'available ') : undefined;
  checkArea(report, area, resources, available);
  report.checkCapacity(part, available);

  const modules = orWarn(report, [], () => readModules(report, tables, clockNs));
  orWarn(report, undefined, () => checkInstances(report, tables, area));
  if (/\bdataflow\b/.test(oneRow(report, cycles, 'Latency').at(-1)!))
    for (const module of modules)
      if (module.ii?.max != null && ii?.max != null && module.ii.max > ii.max)
        report.warn(`interval ${ii.max} is less than that of '${module.name}', ${module.ii.max}; the report may be damaged`);
  const last = tables.at(-1);
  if (last?.problem) report.warn(`the report is not whole: ${last.problem}`);
  else if (/^(SYNTHESIS REPORT|CO-SIMULATION RESULT)/m.test(text)) warnOfCutConsole(report, body, tables, first.index);
  else if (!tables.some((t) => t.path[0] === 'Interface' && t.rows.length))
    report.warn("the report ends before the ports of section 'Interface'");
  return {
    kind: 'csynth-rpt',
    stage: 'csynth',
    top: first[2],
    part,
    tool: first[1] === 'Vitis' ? 'vitis_hls' : 'vivado_hls',
    ...(toolVersion ? { toolVersion } : {}),
    clockNs,
    clockEstNs,
    latency,
    ii,
    resources,
    ...(available ? { available } : {}),
    modules,
    warnings: report.warnings,
  };
}

const row = (table: TextTable, label: string): string[] | undefined => table.rows.find((r) => r[0].trim() === label);

function oneRow(report: ReportText, table: TextTable, what: string): string[] {
  if (!table.rows.length) throw report.corrupt(`the table '${what}' has no row`);
  if (table.rows.length > 1) report.warn(`the table '${what}' has ${table.rows.length} rows: the first is read`);
  return table.rows[0];
}

function readCycles(
  report: ReportText,
  table: TextTable,
  cells: readonly string[],
  clockNs: number,
  of: string,
): { latency: CycleRange | null; ii: CycleRange | null } {
  const cell = (key: keyof typeof CYCLE_COLUMNS): string | undefined => {
    const at = columnOf(table, CYCLE_COLUMNS[key]);
    return at < 0 ? undefined : cells[at];
  };
  const value = (key: keyof typeof CYCLE_COLUMNS, what: string): number | null => {
    const text = cell(key);
    if (text === undefined) throw report.corrupt(`${of}no column for the ${what} in the latency table`);
    return report.count(text, `${of}${what}`);
  };
  const latMin = value('latMin', 'least latency'),
    latMax = value('latMax', 'greatest latency');
  checkRealTime(report, latMin, cell('timeMin'), clockNs, `${of}least latency`);
  checkRealTime(report, latMax, cell('timeMax'), clockNs, `${of}greatest latency`);
  return {
    latency: report.range(latMin, latMax, `${of}latency`),
    ii: report.range(value('iiMin', 'least interval'), value('iiMax', 'greatest interval'), `${of}interval`),
  };
}

function readResources(report: ReportText, table: TextTable, cells: readonly string[], of: string): ReportResources {
  const result = { ...NO_RESOURCES };
  for (const key of RESOURCES) {
    const at = columnOf(table, RESOURCE_COLUMNS[key]);
    if (at < 0) {
      if (key !== 'uram') throw report.corrupt(`${of}no column for ${key} in the utilization table`);
      report.warn(`${of}uram is not in the report`);
    } else result[key] = cells[at].trim() === '-' ? 0 : report.count(cells[at], `${of}${key}`);
  }
  return result;
}

/** The part of the total that instances make is the total of the table of instances. */
function checkInstances(report: ReportText, tables: readonly TextTable[], area: TextTable): void {
  const instances = row(area, 'Instance');
  const detail = tables.find((t) => t.path[0] === 'Utilization Estimates' && t.path[1] === 'Detail' && t.path[2] === 'Instance');
  const total = detail && !detail.problem ? row(detail, 'Total') : undefined;
  if (!instances || !detail || !total) return;
  const inside = readResources(report, detail, total, 'instances: ');
  for (const key of RESOURCES) {
    const cell = instances[columnOf(area, RESOURCE_COLUMNS[key])]?.trim();
    if (cell && /^\d+$/.test(cell)) report.agree(inside[key], Number(cell), `${key} of all instances`);
  }
}

/** The rows above Total must add up to it, and the percentages must be those of Total and Available. */
function checkArea(report: ReportText, table: TextTable, total: ReportResources, available: ReportResources | undefined): void {
  const parts = table.rows.slice(
    0,
    table.rows.findIndex((r) => r[0].trim() === 'Total'),
  );
  const percent = row(table, 'Utilization (%)');
  for (const key of RESOURCES) {
    const at = columnOf(table, RESOURCE_COLUMNS[key]);
    if (at < 0) continue;
    const cells = parts.map((r) => r[at].trim());
    const odd = cells.find((c) => !/^(-|\d+)$/.test(c));
    if (odd !== undefined) report.warn(`${key}: a part of the total is not a number; the report may be damaged`);
    else
      report.agree(
        cells.reduce((sum, c) => sum + (c === '-' ? 0 : Number(c)), 0),
        total[key],
        `${key}, sum of the parts and total`,
      );
    const stated = percent?.[at].trim();
    if (stated !== undefined && /^\d+$/.test(stated) && available?.[key] && total[key] !== null)
      report.agree(Number(stated), Math.floor((100 * total[key]) / available[key]), `${key} in percent`, 1);
  }
}

/** Instances with their latency (table of section Performance) and resources (of section Utilization). */
function readModules(report: ReportText, tables: readonly TextTable[], clockNs: number): ReportModule[] {
  const of = (section: string, part: string): TextTable | undefined =>
    tables.find(
      (t) =>
        t.path[0] === section &&
        t.path.slice(1, -1).some((p) => p === part || p.startsWith('Latency')) &&
        t.path.at(-1) === 'Instance',
    );
  const cycles = of('Performance Estimates', 'Detail'),
    area = of('Utilization Estimates', 'Detail');
  for (const table of [cycles, area]) if (table?.problem) report.warn(`modules are not read: ${table.problem}`);
  if (!cycles || cycles.problem || !area || area.problem) return [];
  const names = new Set(cycles.rows.map((cells) => cells[0].trim()));
  const total = row(area, 'Total');
  const sum = { lut: 0, ff: 0, dsp: 0, bram18: 0, uram: 0 };
  for (const cells of area.rows) {
    const instance = cells[0].trim();
    if (instance === 'Total') continue;
    if (!names.has(instance)) report.warn(`instance '${instance}' has no latency in the report`);
    const own = readResources(report, area, cells, `${instance}: `);
    for (const key of RESOURCES) sum[key] += own[key] ?? 0;
  }
  if (!total) report.warn("no row 'Total' in the table of instances");
  else {
    const stated = readResources(report, area, total, 'instances: ');
    for (const key of RESOURCES) report.agree(sum[key], stated[key], `${key}, sum of the instances and their total`);
  }
  return cycles.rows.map((cells) => {
    const instance = cells[0].trim(),
      name = cells[columnOf(cycles, /^Module$/)]?.trim() ?? instance;
    const same = row(area, instance);
    if (!same) report.warn(`instance '${instance}' has no resources in the report`);
    return {
      name,
      instance,
      ...readCycles(report, cycles, cells, clockNs, `${name}: `),
      resources: same ? readResources(report, area, same, `${name}: `) : NO_RESOURCES,
    };
  });
}
