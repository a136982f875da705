import type { LabelStage } from '../design/hlsDesign.js';
import type { BeyondDsps } from './beyondDsps.js';
import { type StagedTarget, stageRatio } from './stageRatio.js';

/**
 * LUTs that logic synthesis leaves for each register of csynth, beside `keptLut`: median of the six hls4ml projects with both stages whose design is known (.20 to .80). With the rules'
 * own registers in place of the reported ones, SMAPE of the LUTs of five of them is 14 % in sample, where csynth times the median factor of LUTs of all 14 projects, .39, is off by 53 %; eight streaming builds of unknown reuse
 * factor have .26 to .59.
 */
export const LUT_PER_REGISTER = 0.64;
/** ... and the least and most of them. */
const LUT_OF_REGISTERS = { low: 0.2, factor: LUT_PER_REGISTER, high: 0.8 };

type Counts = Record<'lut' | StagedTarget, number>;

/** What logic synthesis keeps of csynth's counts. */
export interface KeptCounts {
  /** LUTs beside those of registers: arithmetic outside DSPs (`arithmeticLut`, `elementLut`), and all of a dense layer whose sums a table selects */
  keptLut: number;
  /** registers of a dense layer whose sums a table selects */
  keptFf: number;
  /** block RAM of weights and FIFOs: what is counted before and left after synthesis */
  keptBram?: { before: number; after: number };
  /** LUTs made of weights, which csynth counts as block RAM (`laterRomLut`) */
  romLut?: number;
  /** products that the part has no DSP for */
  beyond?: BeyondDsps;
}

/**
 * Counts that a later stage is expected to leave of csynth's. LUT of vsynth and impl: those of registers and `keptLut`, not a factor of csynth's, whose multiplexers a multiplier are
 * mostly shared or folded, and never more than csynth's; beside these weights that leave block RAM are made of LUTs (`romLut`), and products beyond the DSPs of the part are made of LUTs (`beyondDsps`). FF: `keptFf` as they are; BRAM: `keptBram`. All else times `stageRatio`.
 * @param end of what was seen of these ratios: their medians unless told
 */
export function laterCounts(
  csynth: Counts,
  { keptLut, keptFf, keptBram, romLut = 0, beyond }: KeptCounts,
  stage: LabelStage,
  end: 'factor' | 'low' | 'high' = 'factor',
): Counts {
  const { lut, ff, dsp, bram18 } = csynth;
  const moved = stage === 'csynth' ? undefined : beyond;
  // counts that were learned or reported can be below those of the rules
  const held = Math.min(keptFf, ff);
  return {
    lut: stage === 'csynth' ? lut : Math.min(lut, LUT_OF_REGISTERS[end] * (ff - held) + keptLut) + romLut + (moved?.lut ?? 0),
    ff: stage === 'csynth' ? ff : (ff - held) * stageRatio('ff', stage)[end] + held,
    dsp: Math.max(0, dsp * stageRatio('dsp', stage)[end] - (moved?.dsp ?? 0)),
    bram18: stage === 'csynth' ? bram18 : laterBram(bram18, keptBram, stage, end),
  };
}

/** Block RAM of tables and all else that no rule tells, for each that csynth counts: least, usual and most of the six networks that tell them apart. */
const REST = { low: 0.68, factor: 1, high: 1.7 };

/** Block RAM at a later stage: that of weights and FIFOs by their own rules, all else nearly as it is; where they are not told apart, by `stageRatio`. */
function laterBram(bram18: number, kept: KeptCounts['keptBram'], stage: LabelStage, end: 'low' | 'factor' | 'high'): number {
  if (!kept) return bram18 * stageRatio('bram18', stage)[end];
  return Math.max(0, bram18 - kept.before) * REST[end] + (end === 'high' ? Math.max(kept.before, kept.after) : kept.after);
}
