import { type FpgaReport, ReportText } from './fpgaReport.js';
import { timingReport } from './timingReport.js';
import { vivadoHeader, vivadoStage } from './vivadoHeader.js';

/** A path that is listed: setup and recovery, or hold and removal. */
interface Path {
  setup: boolean;
  /** null without a constraint */
  slackNs: number | null;
  clock?: string;
  periodNs?: number;
}

/**
 * Reads `report_timing` of Vivado, which lists paths: the worst slack among those for setup, and their clocks. `clockEstNs` is period minus slack where there is one clock. What all failing
 * paths sum up to is not in it. The slack of each path is compared with that at its end.
 * @throws HwcastError `corrupt` saying what is missing.
 */
export function readVivadoPaths(text: string, name: string): FpgaReport {
  const report = new ReportText(text, name);
  const { state, ...head } = vivadoHeader(report);
  const paths = text
    .split(/^(?=Slack\b)/m)
    .slice(1)
    .map((path) => readPath(report, path));
  if (!paths.length) throw report.corrupt("no path with a line 'Slack'");
  const setup = paths.filter((path) => path.setup),
    slacks = setup.flatMap(({ slackNs }) => slackNs ?? []);
  if (!setup.length) report.warn('only paths for hold are listed: there is no slack for setup');
  const wnsNs = slacks.length ? Math.min(...slacks) : null;
  const clocks = [
    ...new Map(setup.flatMap(({ clock, periodNs }) => (clock && periodNs ? [[clock, periodNs] as const] : []))),
  ].map(([clock, periodNs]) => ({ name: clock, periodNs }));
  report.warn(`slack of the ${setup.length} paths that are listed for setup; report_timing_summary tells that of all`);
  return timingReport(report, vivadoStage(report, state), head, { wnsNs, tnsNs: null, clocks });
}

function readPath(report: ReportText, text: string): Path {
  const [, slack, setup] = text.match(/^Slack(?: \(\w+\))?\s*:\s+(\S+?)(?:ns)?(?:\s+\((required|arrival) time - .*)?$/m) ?? [];
  if (slack === undefined) throw report.corrupt("a line 'Slack' holds no time");
  const end = text.match(/^\s+slack\s+(\S+)\s*$/m)?.[1];
  const unconstrained = slack === 'inf';
  if (unconstrained) report.warn("slack is 'inf': a path without a constraint");
  const slackNs = unconstrained ? null : report.decimal(slack, 'slack', 3, true);
  // a path without a constraint ends with its arrival time
  if (end !== undefined && slackNs !== null)
    report.agree(slackNs, report.decimal(end, 'slack at the end of a path', 3, true), 'slack of a path');
  else if (slackNs !== null) report.warn('the report ends inside a path');
  const clock = text.match(/^\s+Path Group:\s+(\S+)\s*$/m)?.[1],
    period = text.match(/clocked by (\S+)\s+\{[^}]*period=(\d+\.\d+)ns\}/);
  const type = text.match(/^\s+Path Type:\s+(\w+)/m)?.[1];
  return {
    setup: type === undefined ? setup !== 'arrival' : /^(Setup|Recovery|Max)/i.test(type),
    slackNs,
    ...(clock && period?.[1] === clock ? { clock, periodNs: Number(period[2]) } : {}),
  };
}
