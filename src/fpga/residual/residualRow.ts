import type { HlsDesign, LabelStage } from '../design/hlsDesign.js';
import type { COUNTS } from '../designTargets.js';
import { analyseDesign, type DesignAnalysis } from '../rules/analyseDesign.js';
import { type DesignFeatures, fpgaLayerFeatures } from './layerFeatures.js';
import { strataOf } from './residualModel.js';

/** A synthesised design to learn from. */
export interface ResidualRow {
  design: HlsDesign;
  stage: LabelStage;
  /** counts and cycles; absent where the tool gave none */
  labels: Partial<Record<(typeof COUNTS)[number] | 'cycles' | 'ii', number>>;
  /** rows of one group are near-duplicates and are left out together: its model */
  group: string;
  /** false: a module of a larger design, without ports of its own */
  topLevel?: boolean;
}

export interface PreparedRow extends ResidualRow {
  analysis: DesignAnalysis;
  features: DesignFeatures;
  /** [RESIDUAL_TARGETS]; NaN where the tool gave none */
  targets: Float64Array;
  strata: string[];
}

/** Rows with their analysis and features: once for many trainings on parts of them. */
export const prepareRows = (rows: readonly ResidualRow[]): PreparedRow[] =>
  rows.map((row) => {
    const analysis = analyseDesign(row.design, { topLevel: row.topLevel });
    const features = fpgaLayerFeatures(row.design, analysis, { stage: row.stage });
    const { lut, ff, dsp, bram18, cycles } = row.labels;
    return {
      ...row,
      analysis,
      features,
      targets: Float64Array.of(lut ?? NaN, ff ?? NaN, dsp ?? NaN, bram18 ?? NaN, cycles ?? NaN),
      strata: strataOf(row.design, features, row.stage),
    };
  });
