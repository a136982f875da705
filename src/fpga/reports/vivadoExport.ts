import { type FpgaReport, ReportText, versionIn } from './fpgaReport.js';

/**
 * Reads `PROJECT_export.rpt`, which Vivado HLS and Vitis HLS write after `export_design -flow syn | impl`: counts after logic synthesis or implementation and the clock achieved.
 * @throws HwcastError `corrupt` saying what is missing
 */
export function readVivadoExport(text: string, name: string): FpgaReport {
  const report = new ReportText(text, name);
  const field = (pattern: RegExp): string | undefined => text.match(pattern)?.[1];
  const count = (label: string): number => {
    const cell = field(new RegExp(`^${label}:\\s+(\\d+)\\s*$`, 'm'));
    if (cell === undefined) throw report.corrupt(`no row '${label}' in the resource usage`);
    return Number(cell);
  };
  const part = field(/^Device target:\s+(\S+)/m),
    toolVersion = versionIn(field(/^Implementation tool:\s+(.+)$/m)),
    implemented = /^#=== Post-Implementation Resource usage/m.test(text);
  const ns = (label: string): number | undefined => {
    const cell = field(new RegExp(`^${label}:\\s+(\\d+(?:\\.\\d+)?)\\s*$`, 'm'));
    return cell === undefined ? undefined : Number(cell);
  };
  const clockNs = ns('CP required'),
    clockEstNs = ns(`CP achieved post-${implemented ? 'implementation' : 'synthesis'}`);
  if (clockNs === undefined) report.warn("the report ends before 'CP required'");
  else if (clockEstNs === undefined) report.warn("the report ends before 'CP achieved'");
  else if (!/^timing\b/im.test(text.slice(text.indexOf('CP achieved'))))
    report.warn('the report ends before the line that says whether timing is met: the clock achieved may be cut too');
  return {
    kind: 'vivado-export',
    stage: implemented ? 'impl' : 'vsynth',
    ...(part ? { part } : {}),
    tool: 'vivado',
    ...(toolVersion ? { toolVersion } : {}),
    ...(clockNs === undefined ? {} : { clockNs }),
    ...(clockEstNs === undefined ? {} : { clockEstNs }),
    latency: null,
    ii: null,
    resources: { lut: count('LUT'), ff: count('FF'), dsp: count('DSP'), bram18: count('BRAM'), uram: count('URAM') },
    modules: [],
    warnings: report.warnings,
  };
}
