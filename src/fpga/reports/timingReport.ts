import { type FpgaReport, NO_RESOURCES, type ReportText } from './fpgaReport.js';

/** What a report of timing gives: its clocks, the first of them the design's, and the period that the design would reach where there is one. */
export function timingReport(
  report: ReportText,
  stage: FpgaReport['stage'],
  head: Partial<FpgaReport>,
  { wnsNs, tnsNs, clocks }: NonNullable<FpgaReport['timing']>,
): FpgaReport {
  const clockNs = clocks[0]?.periodNs;
  if (clocks.length > 1) report.warn(`${clocks.length} clocks: the period is that of '${clocks[0].name}'`);
  return {
    kind: 'vivado-timing',
    stage,
    ...head,
    ...(clockNs === undefined ? {} : { clockNs }),
    ...(clocks.length === 1 && clockNs !== undefined && wnsNs !== null
      ? { clockEstNs: Number((clockNs - wnsNs).toFixed(3)) }
      : {}),
    latency: null,
    ii: null,
    resources: NO_RESOURCES,
    modules: [],
    timing: { wnsNs, tnsNs, clocks },
    warnings: report.warnings,
  };
}
