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
import { elementAt, textAt, type XmlElement, xmlTree } from './xmlTree.js';

const TAGS: Record<keyof ReportResources, string[]> = {
  lut: ['LUT'],
  ff: ['FF'],
  dsp: ['DSP48E', 'DSP'],
  bram18: ['BRAM_18K'],
  uram: ['URAM'],
};

/**
 * Reads `csynth.xml` of Vivado HLS and Vitis HLS: part, clocks, latency and interval in cycles, resources, capacity, modules (Vitis 2022 and later). The
 * summary must be whole; what is cut or damaged behind it is a warning. Values that the file holds twice are compared.
 * @throws HwcastError `corrupt` saying what is missing.
 */
export function readCsynthXml(text: string, name: string): FpgaReport {
  const report = new ReportText(text, name);
  const { root, problem } = xmlTree(text);
  if (root?.tag !== 'profile') throw report.corrupt(`no <profile>${problem ? ` (${problem})` : ''}`);
  const need = (value: string | undefined, what: string): string => {
    if (value !== undefined && value !== '') return value;
    throw report.corrupt(`no ${what}${problem ? `; ${problem}` : ''}`);
  };
  const user = elementAt(root, 'UserAssignments'),
    resources = elementAt(root, 'AreaEstimates', 'Resources');
  const part = need(textAt(user, 'Part'), '<UserAssignments><Part>');
  const top = need(textAt(user, 'TopModelName'), '<UserAssignments><TopModelName>');
  const unit = textAt(user, 'unit');
  const clockNs = report.decimal(need(textAt(user, 'TargetClockPeriod'), '<TargetClockPeriod>'), 'TargetClockPeriod', 2);
  if (unit !== 'ns') report.warn(`unit of the clock is '${unit ?? ''}', taken as ns`);
  const timing = need(
    textAt(root, 'PerformanceEstimates', 'SummaryOfTimingAnalysis', 'EstimatedClockPeriod'),
    '<EstimatedClockPeriod>',
  );
  const overall = elementAt(root, 'PerformanceEstimates', 'SummaryOfOverallLatency');
  if (!overall?.whole) throw report.corrupt(`no whole <SummaryOfOverallLatency>${problem ? `; ${problem}` : ''}`);
  if (!resources?.whole) throw report.corrupt(`no whole <AreaEstimates><Resources>${problem ? `; ${problem}` : ''}`);
  const { latency, ii } = cycles(report, overall, clockNs, '');
  const used = readResources(report, resources, '');
  const capacity = elementAt(root, 'AreaEstimates', 'AvailableResources');
  const available = capacity?.whole ? readResources(report, capacity, 'available ') : undefined;
  if (problem) report.warn(`the file is not whole: ${problem}`);
  report.checkCapacity(part, available);

  const modules: ReportModule[] = [];
  for (const module of elementAt(root, 'ModuleInformation')?.children ?? []) {
    if (!module.whole) continue;
    const read = orWarn(report, undefined, () => readModule(report, module, clockNs));
    if (!read) continue;
    if (read.name === top) {
      for (const key of RESOURCES) report.agree(used[key], read.resources[key], `${key} of ${top}`);
      report.agree(latency?.min, read.latency?.min, `latency of ${top}`);
      report.agree(latency?.max, read.latency?.max, `latency of ${top}`);
    } else modules.push(read);
  }
  const toolVersion = versionIn(textAt(root, 'ReportVersion', 'Version'));
  if (!toolVersion) report.warn('no version of the tool');
  return {
    kind: 'csynth-xml',
    stage: 'csynth',
    top,
    part,
    ...(toolVersion ? { tool: Number.parseFloat(toolVersion) >= 2020.2 ? 'vitis_hls' : 'vivado_hls', toolVersion } : {}),
    clockNs,
    clockEstNs: report.decimal(timing, 'EstimatedClockPeriod', 2),
    latency,
    ii,
    resources: used,
    ...(available ? { available } : {}),
    modules,
    warnings: report.warnings,
  };
}

function cycles(
  report: ReportText,
  overall: XmlElement,
  clockNs: number,
  of: string,
): { latency: CycleRange | null; ii: CycleRange | null } {
  const value = (tag: string): number | null => report.count(textAt(overall, tag), `${of}${tag}`);
  const best = value('Best-caseLatency'),
    worst = value('Worst-caseLatency');
  checkRealTime(report, best, textAt(overall, 'Best-caseRealTimeLatency'), clockNs, `${of}best-case latency`);
  checkRealTime(report, worst, textAt(overall, 'Worst-caseRealTimeLatency'), clockNs, `${of}worst-case latency`);
  const whole = (text: string | undefined): number | undefined =>
    text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
  const single = whole(textAt(overall, 'PipelineInitiationInterval')) ?? whole(textAt(overall, 'DataflowPipelineThroughput'));
  const low = whole(textAt(overall, 'DataflowPipelineThroughput', 'range', 'min')) ?? single,
    high = whole(textAt(overall, 'DataflowPipelineThroughput', 'range', 'max')) ?? single;
  if (elementAt(overall, 'Interval-min') === undefined && elementAt(overall, 'Interval-max') === undefined) {
    // modules have no interval of their own
    const ii = report.range(low ?? null, high ?? null, `${of}interval`);
    return { latency: report.range(best, worst, `${of}latency`), ii };
  }
  const least = value('Interval-min'),
    most = value('Interval-max');
  report.agree(least, low, `${of}least interval`);
  report.agree(most, high, `${of}greatest interval`);
  const depth = whole(textAt(overall, 'PipelineDepth'));
  if (depth !== undefined && textAt(overall, 'PipelineInitiationInterval') !== undefined && worst === best)
    report.agree(worst, depth - 1, `${of}latency and pipeline depth`);
  return { latency: report.range(best, worst, `${of}latency`), ii: report.range(least, most, `${of}interval`) };
}

function readResources(report: ReportText, element: XmlElement, of: string): ReportResources {
  const result = { ...NO_RESOURCES };
  for (const key of RESOURCES) {
    const tag = TAGS[key].find((t) => elementAt(element, t));
    if (!tag) report.warn(`${of}${key} is not in the report`);
    else result[key] = report.count(textAt(element, tag), `${of}${tag}`);
  }
  return result;
}

function readModule(report: ReportText, module: XmlElement, clockNs: number): ReportModule {
  const name = textAt(module, 'Name') ?? '?';
  const overall = elementAt(module, 'PerformanceEstimates', 'SummaryOfOverallLatency'),
    resources = elementAt(module, 'AreaEstimates', 'Resources');
  const estimated = textAt(module, 'PerformanceEstimates', 'SummaryOfTimingAnalysis', 'EstimatedClockPeriod');
  return {
    name,
    ...(overall ? cycles(report, overall, clockNs, `${name}: `) : { latency: null, ii: null }),
    resources: resources ? readResources(report, resources, `${name}: `) : NO_RESOURCES,
    ...(estimated === undefined ? {} : { clockEstNs: report.decimal(estimated, `${name}: EstimatedClockPeriod`) }),
  };
}
