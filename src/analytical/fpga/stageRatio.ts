import type { LabelStage } from '../../graph/hls/hlsDesign.js';

/** Resources whose csynth estimate and later count can be compared. */
export type StagedTarget = 'lut' | 'ff' | 'dsp' | 'bram18';

/** Median factor over csynth, and its quartiles. */
export interface StageRatio {
  factor: number;
  low: number;
  high: number;
  /** pairs of designs */
  pairs: number;
}

const ONE: StageRatio = { factor: 1, low: 1, high: 1, pairs: 0 };

/**
 * Factors of later stages over the HLS tool's own estimate. vsynth: 14 hls4ml projects with both (two GRUs, twelve CNN builds, Vivado 2018.2 to 2019.2;
 * factors from 0.09 to 0.71 for LUT). impl: 282 kernels of ML4Accel, not networks (Vitis 2023.1). Medians, so an error of a factor two is usual: a csynth
 * estimate is no measure of what Vivado will need. The learned model adapts it with pairs of the user's own.
 */
export const STAGE_RATIOS: Record<Exclude<LabelStage, 'csynth'>, Record<StagedTarget, StageRatio>> = {
  vsynth: {
    lut: { factor: 0.39, low: 0.22, high: 0.56, pairs: 14 },
    ff: { factor: 0.68, low: 0.53, high: 0.76, pairs: 14 },
    dsp: { factor: 1, low: 1, high: 1, pairs: 14 },
    bram18: { factor: 0.45, low: 0.4, high: 0.62, pairs: 14 },
  },
  impl: {
    lut: { factor: 0.58, low: 0.35, high: 0.83, pairs: 282 },
    ff: { factor: 0.91, low: 0.8, high: 0.97, pairs: 282 },
    dsp: { factor: 1, low: 0.79, high: 1, pairs: 174 },
    bram18: { factor: 1, low: 0.5, high: 1, pairs: 131 },
  },
};

/** Factor from csynth to `stage`. */
export const stageRatio = (target: StagedTarget, stage: LabelStage): StageRatio =>
  stage === 'csynth' ? ONE : STAGE_RATIOS[stage][target];

/**
 * LUTs that logic synthesis leaves for each register of csynth, beside `keptLut`: median of the six hls4ml projects with both stages whose design is known (.20 to .80). With the rules'
 * own registers in place of the reported ones, SMAPE of the LUTs of five of them is 14 %, where csynth times the median factor is off by 53 %; eight streaming builds of unknown reuse
 * factor have .26 to .59.
 */
export const LUT_PER_REGISTER = 0.64;

/**
 * Counts that a later stage is expected to leave of csynth's. LUT of vsynth and impl: those of registers and `keptLut`, not a factor of csynth's, whose multiplexers a multiplier are
 * mostly shared or folded, and never more than csynth's. All else times `stageRatio`.
 */
export function laterCounts(
  csynth: Record<StagedTarget, number>,
  keptLut: number,
  stage: LabelStage,
): Record<StagedTarget, number> {
  const { lut, ff, dsp, bram18 } = csynth;
  return {
    lut: stage === 'csynth' ? lut : Math.min(lut, LUT_PER_REGISTER * ff + keptLut),
    ff: ff * stageRatio('ff', stage).factor,
    dsp: dsp * stageRatio('dsp', stage).factor,
    bram18: bram18 * stageRatio('bram18', stage).factor,
  };
}
