import type { LabelStage } from '../design/hlsDesign.js';
import { type ReportText, versionIn } from './fpgaReport.js';

/** The lines `| Device : xcvu9pflgb2104-2` at the head of a Vivado report. */
export function vivadoHeader(report: ReportText): {
  top?: string;
  part?: string;
  tool: string;
  toolVersion?: string;
  state?: string;
} {
  const field = (key: string): string | undefined => report.text.match(new RegExp(`^\\| ${key}\\s*: (\\S.*?)\\s*$`, 'm'))?.[1];
  const device = field('Device'),
    speed = field('Speed File')?.match(/^-\w+/)?.[0];
  // 2020 and older drop the xc of 7-series devices
  const part = device && /^7[azksv]/.test(device) ? `xc${device}` : device;
  const top = field('Design'),
    toolVersion = versionIn(field('Tool Version')),
    state = field('Design State');
  if (!part) report.warn('no device in the head of the report');
  if (!toolVersion) report.warn('no version of the tool');
  return {
    ...(top ? { top } : {}),
    ...(part ? { part: speed && !part.includes(speed) ? `${part}${speed}` : part } : {}),
    tool: 'vivado',
    ...(toolVersion ? { toolVersion } : {}),
    ...(state ? { state } : {}),
  };
}

/** Synthesised, or placed and routed: by the state of the design, else by the name of the file. */
export function vivadoStage(report: ReportText, state: string | undefined): Extract<LabelStage, 'vsynth' | 'impl'> {
  if (state !== undefined) {
    if (/^synthesized/i.test(state)) return 'vsynth';
    if (/rout|plac|implement|physopt|optimized/i.test(state)) return 'impl';
  }
  const file = `${report.name} ${report.text.match(/^\| Command\s*:.*$/m)?.[0] ?? ''}`;
  if (/synth/i.test(file)) return 'vsynth';
  if (/rout|plac|impl/i.test(file)) return 'impl';
  report.warn('the report does not say whether the design was placed and routed: taken as synthesised');
  return 'vsynth';
}

/** Sections that the table of contents lists and the report lacks, as it was cut; and the last one that it lists. */
export function missingSections(text: string): { missing: string[]; last?: string } {
  const contents = text.match(/^Table of Contents\s*\n-+\s*\n((?:\d+(?:\.\d+)*\.? .+\n?)+)/m)?.[1];
  if (!contents) return { missing: [] };
  const titles = contents
    .trim()
    .split('\n')
    .map((l) => l.trim());
  return { missing: titles.filter((title) => text.split(`\n${title}`).length < 3), last: titles.at(-1) };
}
