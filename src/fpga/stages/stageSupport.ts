import { HwcastError } from '../../core/errors.js';
import type { LabelStage } from '../design/hlsDesign.js';
import { readFpgaReport } from '../reports/readFpgaReport.js';
import { isEmpty, type LateStage, onceIn, readDesign, supportLines, textBeside, wholeOf } from '../supportLines.js';
import { STAGE_TARGETS, type StageCounts, type StagePair } from './stageModel.js';

/** Pairs of a support file, and the rows that lack the counts of a stage, by id or line. */
export interface StageSupportFile {
  pairs: StagePair[];
  unfilled: string[];
}

/**
 * Reads pairs of counts of csynth and a later stage, JSON lines: `design` (an HLS design in any form hwcast reads, or its file; without it the row itself is read as
 * one, as in `hls4ml_projects.jsonl`), `csynth` and `vsynth` (or `impl`), each an object with `lut`, `ff`, `dsp`, `bram18`, or the name of a report. Files are looked for
 * beside the support file. Rows without the counts of a stage are not done yet.
 * @throws HwcastError `bad-input` naming file, line and value, and those of the readers of designs and reports
 */
export function parseStageSupport(text: string, name: string, to: LateStage): StageSupportFile {
  const pairs: StagePair[] = [],
    unfilled: string[] = [],
    seen = new Map<string, number>();
  for (const row of supportLines(text, name)) {
    const { fields, line, where } = row;
    const early = countsOf(fields.csynth, 'csynth', name, where),
      late = countsOf(fields[to], to, name, where);
    if (!early || !late) {
      unfilled.push(typeof fields.id === 'string' ? fields.id : `line ${line}`);
      continue;
    }
    const design = readDesign(fields.design ?? fields, name, where);
    onceIn(seen, design.id, row);
    pairs.push({ design, early, late });
  }
  return { pairs, unfilled };
}

function countsOf(value: unknown, stage: LabelStage, name: string, where: string): StageCounts | undefined {
  if (isEmpty(value)) return undefined;
  if (typeof value === 'string') {
    const report = readFpgaReport(textBeside(name, value, where, 'report'), value);
    if (report.stage !== stage)
      throw new HwcastError('bad-input', `'${value}' is a report of ${report.stage}, not of ${stage}`, { where });
    return countsOf(report.resources, stage, name, where);
  }
  if (typeof value !== 'object')
    throw new HwcastError('bad-input', `${stage} is ${JSON.stringify(value)}`, {
      where,
      hint: 'an object with lut, ff, dsp and bram18, or the name of a report',
    });
  return Object.fromEntries(
    STAGE_TARGETS.map((t) => [t, wholeOf((value as Record<string, unknown>)[t], `${stage} ${t}`, where)]),
  ) as StageCounts;
}
