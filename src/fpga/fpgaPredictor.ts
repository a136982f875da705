import { type FpgaPart, fpgaPartNamed } from '../device/fpgaParts.js';
import type { Target } from '../graph/targets.js';
import { UNITS } from '../graph/targets.js';
import type { Estimate, Prediction, Predictor, Provenance } from '../surrogate/predictor.js';
import type { HlsDesign, LabelStage } from './design/hlsDesign.js';
import { DESIGN_TARGETS, type DesignTarget, RESOURCES, type Resource } from './designTargets.js';
import { analyseDesign, type DesignAnalysis } from './rules/analyseDesign.js';
import { laterCounts } from './rules/laterCounts.js';
import { energyPerInference, power } from './rules/power.js';

/** What is predicted of a design at one stage of a tool. */
export interface DesignPrediction extends Prediction {
  targets: Record<DesignTarget, Estimate>;
  stage: LabelStage;
  /** csynth costs of each layer by the analytical core */
  analysis: DesignAnalysis;
  /** a layer's cost is not counted: every total is a lower bound, without interval */
  partial?: boolean;
}

export interface DesignOptions {
  stage: LabelStage;
  /** instead of the part that the design names */
  part?: FpgaPart;
}

/** Predicts FPGA designs; of csynth on the part that each design names unless told. */
export interface DesignPredictor extends Predictor<HlsDesign> {
  predict(designs: readonly HlsDesign[], options?: DesignOptions): DesignPrediction[];
}

/** An estimate of a design's target; without an interval where nothing is known of the error. */
export const designEstimate = (
  target: Target,
  value: number,
  provenance: Provenance,
  interval: { low: number | null; high: number | null } = { low: null, high: null },
): Estimate => ({ value, ...interval, unit: UNITS[target], provenance });

/** A value that is certain: measured, or told by a rule that is exact. */
export const exactEstimate = (target: Target, value: number, provenance: Provenance): Estimate =>
  designEstimate(target, value, provenance, { low: value, high: value });

/** The rules of the analytical core alone; later stages by `laterCounts`, labelled as such. */
export const analyticalFpga: DesignPredictor = {
  name: 'analytical',
  predict: (designs, { stage, part } = { stage: 'csynth' }) =>
    designs.map((design) => {
      const analysis = analyseDesign(design, { part }),
        { total } = analysis;
      const later = laterCounts(total, analysis.kept, stage);
      const values: Record<DesignTarget, number> = {
        lut: Math.round(later.lut),
        ff: Math.round(later.ff),
        dsp: Math.round(later.dsp),
        bram18: Math.round(later.bram18),
        uram: total.uram,
        cycles_min: total.latencyMin,
        cycles: total.latencyMax,
        ii_min: total.iiMin,
        ii: total.iiMax,
      };
      const partial = analysis.layers.some((l) => l.kind === 'opaque');
      return {
        stage,
        ...(partial ? { partial } : {}),
        targets: Object.fromEntries(
          DESIGN_TARGETS.map((t) => [t, designEstimate(t, values[t], 'analytical')]),
        ) as DesignPrediction['targets'],
        analysis,
        warnings:
          stage === 'csynth'
            ? analysis.warnings
            : [...analysis.warnings, `${stage} is what was left of csynth's counts of other designs`],
        assumptions: [...design.assumptions],
      };
    }),
};

/** Share of the part that each resource takes, in percent; Infinity where the part has none of what is needed. */
export function utilisation(targets: Record<Resource, Estimate>, part: FpgaPart): Record<Resource, number> {
  const share = (need: number, has: number) => (need === 0 ? 0 : has === 0 ? Number.POSITIVE_INFINITY : (100 * need) / has);
  return Object.fromEntries(RESOURCES.map((r) => [r, share(targets[r].value, part[r])])) as Record<Resource, number>;
}

/** Power of the chip and energy of one inference in a stream of them, from predicted resources; undefined without part or clock, or where static power is not known. */
export function fpgaPower(
  design: HlsDesign,
  targets: Record<DesignTarget, Estimate>,
  part: FpgaPart | undefined,
): { staticW: number; dynamicW: number; totalW: number; energyJ: number } | undefined {
  if (!part || !design.clockS || Number.isNaN(targets.ff.value)) return undefined;
  const clockHz = 1 / design.clockS;
  const p = power(
    part,
    { lut: targets.lut.value, ff: targets.ff.value, dsp: targets.dsp.value, bram18: targets.bram18.value },
    clockHz,
  );
  if (p.totalW === undefined || p.staticW === undefined) return undefined;
  return {
    staticW: p.staticW,
    dynamicW: p.dynamicW,
    totalW: p.totalW,
    energyJ: energyPerInference(p.totalW, targets.ii.value, clockHz),
  };
}

/** The part of a design, or the one given by hand. @throws HwcastError `not-found` naming close matches. */
export const partOfDesign = (design: HlsDesign, given?: FpgaPart): FpgaPart | undefined =>
  given ?? (design.part === undefined ? undefined : fpgaPartNamed(design.part));
