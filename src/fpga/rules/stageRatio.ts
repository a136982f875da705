import type { LabelStage } from '../design/hlsDesign.js';

/** Resources whose later count is taken as a factor of csynth's; LUT is not (`laterCounts`). */
export type StagedTarget = 'ff' | 'dsp' | 'bram18';

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
 * Factors of later stages over the HLS tool's own estimate. vsynth: 14 hls4ml projects with both (two GRUs, twelve CNN builds, Vivado 2018.2 to 2019.2).
 * impl: 282 kernels of ML4Accel, not networks (Vitis 2023.1). Medians: `stageModel` learns them from pairs
 * of the user's own.
 */
export const STAGE_RATIOS: Record<Exclude<LabelStage, 'csynth'>, Record<StagedTarget, StageRatio>> = {
  vsynth: {
    ff: { factor: 0.68, low: 0.53, high: 0.76, pairs: 14 },
    dsp: { factor: 1, low: 1, high: 1, pairs: 14 },
    bram18: { factor: 0.45, low: 0.4, high: 0.62, pairs: 14 },
  },
  impl: {
    ff: { factor: 0.91, low: 0.8, high: 0.97, pairs: 282 },
    dsp: { factor: 1, low: 0.79, high: 1, pairs: 174 },
    bram18: { factor: 1, low: 0.5, high: 1, pairs: 131 },
  },
};

/** Factor from csynth to `stage`. */
export const stageRatio = (target: StagedTarget, stage: LabelStage): StageRatio =>
  stage === 'csynth' ? ONE : STAGE_RATIOS[stage][target];
