import { HwcastError } from '../../core/errors.js';
import { readCsynthOverview } from './csynthOverview.js';
import { readCsynthRpt } from './csynthRpt.js';
import { readCsynthXml } from './csynthXml.js';
import type { FpgaReport, FpgaReportKind } from './fpgaReport.js';
import { readVivadoExport } from './vivadoExport.js';
import { readVivadoHierarchy } from './vivadoHierarchy.js';
import { readVivadoPaths } from './vivadoPaths.js';
import { readVivadoPower } from './vivadoPower.js';
import { readVivadoTiming } from './vivadoTiming.js';
import { readVivadoUtilization } from './vivadoUtilization.js';
import { readYosysStat } from './yosysStat.js';

const FORMATS: { kind: FpgaReportKind; is: RegExp; read: (text: string, name: string) => FpgaReport }[] = [
  { kind: 'csynth-xml', is: /^\s*(<\?xml[^>]*>\s*)?<profile\b|<AreaEstimates>/, read: readCsynthXml },
  { kind: 'csynth-overview', is: /== Synthesis Summary Report of '/, read: readCsynthOverview },
  { kind: 'csynth-rpt', is: /== (Vivado|Vitis) HLS Report for '/, read: readCsynthRpt },
  { kind: 'vivado-hierarchy', is: /^\d+\. Utilization by Hierarchy/m, read: readVivadoHierarchy },
  { kind: 'vivado-export', is: /^#=== Post-\w+ Resource usage|^Implementation tool:\s+Xilinx Vivado/m, read: readVivadoExport },
  {
    kind: 'vivado-utilization',
    is: /^\| Command\s*: report_utilization|^Utilization Design Information/m,
    read: readVivadoUtilization,
  },
  { kind: 'vivado-timing', is: /^\| Command\s*: report_timing_summary|^\| Design Timing Summary/m, read: readVivadoTiming },
  { kind: 'vivado-timing', is: /^\| Command\s*: report_timing\b(?!_)|^Timing Report\s*$/m, read: readVivadoPaths },
  { kind: 'vivado-power', is: /^\| Command\s*: report_power|^Power Report\s*$/m, read: readVivadoPower },
  { kind: 'yosys-stat', is: /"num_cells_by_type"|\{\s*"creator"\s*:\s*"Yosys/, read: readYosysStat },
];

/** What kind of FPGA report a text is, by its content; undefined where hwcast does not know it. */
export const fpgaReportKind = (text: string): FpgaReportKind | undefined => FORMATS.find((f) => f.is.test(text))?.kind;

/**
 * Reads a report of Vivado HLS, Vitis HLS, Vivado or Yosys, recognised by its content. `name` says where it came from in errors, and tells the stage where
 * the report itself does not. Latencies and intervals in cycles (null where the tool wrote `undef` or `?`), block RAM in 18 Kb blocks.
 * @throws HwcastError `unsupported` for other content, `corrupt` for a cut or damaged report saying what is missing.
 */
export function readFpgaReport(text: string, name = 'report'): FpgaReport {
  if (!text.trim()) throw new HwcastError('corrupt', 'the file is empty', { where: name });
  const format = FORMATS.find((f) => f.is.test(text));
  if (!format)
    throw new HwcastError('unsupported', 'not a report hwcast reads', {
      where: name,
      hint: 'csynth.xml, csynth.rpt, report_utilization (-hierarchical too), PROJECT_export.rpt, report_timing_summary, report_timing, report_power, Yosys stat -json; designs: hwcast fpga predict FILE',
    });
  const report = format.read(text, name);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\0-\x08\x0b\x0c\x0e-\x1f\ufffd]/.test(text))
    report.warnings.push('the file holds bytes that are no text; it may be damaged');
  return report;
}
