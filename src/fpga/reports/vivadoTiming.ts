import { type FpgaReport, ReportText } from './fpgaReport.js';
import { timingReport } from './timingReport.js';
import { vivadoHeader, vivadoStage } from './vivadoHeader.js';

/**
 * Reads `report_timing_summary` of Vivado: worst and total negative slack for setup, clocks. `clockEstNs` is the period the design would reach, period minus
 * slack, where there is one clock. The slack is compared with that of each clock.
 * @throws HwcastError `corrupt` saying what is missing.
 */
export function readVivadoTiming(text: string, name: string): FpgaReport {
  const report = new ReportText(text, name);
  const { state, ...head } = vivadoHeader(report);
  const summary = columns(report, 'Design Timing Summary')[0];
  if (!summary) throw report.corrupt("no row in 'Design Timing Summary'");
  const slack = (row: Record<string, string>, key: string): number | null => {
    const value = row[key];
    if (value === undefined) throw report.corrupt(`no column '${key}' in 'Design Timing Summary'`);
    if (value === 'NA' || value === 'inf') {
      report.warn(`${key} is '${value}': no constrained path`);
      return null;
    }
    return report.decimal(value, key, 3, true);
  };
  const wnsNs = slack(summary, 'WNS(ns)'),
    tnsNs = slack(summary, 'TNS(ns)');
  const clocks = columns(report, 'Clock Summary').map((row) => {
    const periodNs = report.decimal(row['Period(ns)'], 'clock period', 3);
    report.agree(
      report.decimal(row['Frequency(MHz)'], 'clock frequency', 3),
      1000 / periodNs,
      'clock period and frequency',
      0.0006 * (1 + 1000 / periodNs),
    );
    return { name: row.Clock, periodNs };
  });
  if (!clocks.length) report.warn("no clock in 'Clock Summary'");
  const perClock = [
    ...columns(report, 'Intra Clock Table'),
    ...columns(report, 'Inter Clock Table'),
    ...columns(report, 'Other Path Groups Table'),
  ];
  const worst = perClock.flatMap((row) => (/^-?\d+\.\d+$/.test(row['WNS(ns)'] ?? '') ? [Number(row['WNS(ns)'])] : []));
  if (worst.length) report.agree(wnsNs, Math.min(...worst), 'worst slack of the design and of its clocks');
  else if (wnsNs !== null) report.warn('no slack by clock: the report may be cut');
  if (/All user specified timing constraints are met/.test(text) && wnsNs !== null && wnsNs < 0)
    report.warn(`slack ${wnsNs} ns, yet all constraints are said to be met; the report may be damaged`);
  const cut = cutInDetails(text, perClock);
  if (cut) report.warn(`the report ends ${cut}`);
  return timingReport(report, vivadoStage(report, state), head, { wnsNs, tnsNs, clocks });
}

/** A slack, or a period, in a report. */
const NUMBER = /-?\d+\.\d+/;

/**
 * Where a report ends early: paths are listed behind the summary for each clock with a slack, for setup, hold and pulse width where these have one. Undefined where they are whole.
 */
function cutInDetails(text: string, perClock: readonly Record<string, string>[]): string | undefined {
  const at = text.search(/^\| Timing Details\s*$/m);
  if (at < 0) return "before section 'Timing Details'";
  const clocks = text
      .slice(at)
      .split(/^From Clock:/m)
      .slice(1),
    wanted = perClock.filter((row) => Object.entries(row).some(([key, value]) => /^W\w+\(ns\)$/.test(key) && NUMBER.test(value)));
  if (clocks.length < wanted.length) return `in 'Timing Details': it has paths of ${clocks.length} of ${wanted.length} clocks`;
  const last = clocks.at(-1) ?? '';
  const worst = (kind: string): boolean => new RegExp(`^${kind}\\s*:.*Worst Slack\\s+${NUMBER.source}ns`, 'm').test(last);
  const count = (line: RegExp): number => [...last.matchAll(line)].length;
  const begun = count(/^Slack\b.*:/gm);
  const lacks = [
    { part: 'summary', is: clocks.length > 0 && !/^-+\s*$/m.test(last) },
    { part: "'Max Delay Paths'", is: worst('Setup') && !/^Max Delay Paths/m.test(last) },
    { part: "'Min Delay Paths'", is: worst('Hold') && !/^Min Delay Paths/m.test(last) },
    { part: 'end of a path', is: count(/^(Max|Min) Delay Paths/gm) > begun || begun > count(/^\s+slack\s+\S/gm) },
    { part: "whole 'Pulse Width Checks'", is: worst('PW') && !/^(High Pulse Width|Max Period)\s/m.test(last) },
  ].find(({ is }) => is);
  return lacks && `in 'Timing Details': the last clock has no ${lacks.part}`;
}

/** Rows of a table whose columns are underlined by dashes, by column name; a value belongs to the column it overlaps. */
function columns(report: ReportText, title: string): Record<string, string>[] {
  const lines = report.text.split(/\r?\n/);
  const at = lines.indexOf(`| ${title}`);
  if (at < 0) return [];
  const rule = lines.findIndex((l, i) => i > at + 2 && /^\s*-+( +-+)+\s*$/.test(l));
  const end = lines.findIndex((l, i) => i > at + 2 && /^\| /.test(l));
  if (rule < 0 || (end >= 0 && rule > end)) return [];
  const spans = [...lines[rule].matchAll(/-+/g)].map((m) => ({ from: m.index, to: m.index + m[0].length }));
  const names = spread(lines[rule - 1], spans);
  const rows: Record<string, string>[] = [];
  for (let i = rule + 1; i < lines.length && lines[i].trim(); i++) {
    const values = spread(lines[i], spans);
    rows.push(Object.fromEntries(names.map((n, j) => [n, values[j]])));
  }
  return rows;
}

/** Words of a line (split at two spaces, or one before the edge of a column) under the columns they overlap. */
function spread(line: string, spans: readonly { from: number; to: number }[]): string[] {
  return spans.map(({ from, to }, i) => {
    const next = spans[i + 1]?.from ?? line.length + 1;
    const before = i ? spans[i - 1].to : 0;
    // text may reach left of its rule (numbers, right-aligned) or right of it (names, left-aligned)
    let start = from,
      stop = Math.min(to, line.length);
    while (start > before && line[start - 1] !== ' ' && line[start] !== undefined) start--;
    while (stop < Math.min(next, line.length) && !/^ ( |$)/.test(line.slice(stop, stop + 2)) && line[stop] !== undefined) stop++;
    return line.slice(start, stop).trim();
  });
}
