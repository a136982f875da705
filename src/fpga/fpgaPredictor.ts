import { type FpgaPart, fpgaPartNamed } from '../device/fpgaParts.js';
import type { Provenance } from '../surrogate/predictor.js';
import type { HlsDesign, LabelStage } from './design/hlsDesign.js';
import { analyseDesign, type DesignAnalysis } from './rules/analyseDesign.js';
import { designVerdict, overflow, type Verdict } from './rules/feasibility.js';
import { laterCounts } from './rules/laterCounts.js';
import { energyPerInference, power } from './rules/power.js';

/** What is predicted of an FPGA design: counts of resources, clock cycles. */
export const FPGA_TARGETS = ['lut', 'ff', 'dsp', 'bram18', 'uram', 'latMin', 'latMax', 'iiMin', 'iiMax'] as const;
export type FpgaTarget = (typeof FPGA_TARGETS)[number];
export const FPGA_RESOURCES = ['lut', 'ff', 'dsp', 'bram18', 'uram'] as const;

/** One value with its 90 % interval; the interval is null where nothing is known of the error. */
export interface FpgaValue {
  value: number;
  low: number | null;
  high: number | null;
  provenance: Provenance;
}

export interface FpgaPrediction {
  stage: LabelStage;
  targets: Record<FpgaTarget, FpgaValue>;
  /** csynth costs of each layer by the analytical core */
  analysis: DesignAnalysis;
  verdict: Verdict;
  reasons: string[];
  warnings: string[];
}

export interface FpgaOptions {
  stage: LabelStage;
  /** instead of the part that the design names */
  part?: FpgaPart;
}

/** Anything that predicts FPGA designs; pure and synchronous on batches. */
export interface FpgaPredictor {
  readonly name: string;
  predict(designs: readonly HlsDesign[], options: FpgaOptions): FpgaPrediction[];
}

/** The rules of the analytical core alone; later stages by `laterCounts`, labelled as such. */
export const analyticalFpga: FpgaPredictor = {
  name: 'analytical',
  predict: (designs, { stage, part }) =>
    designs.map((design) => {
      const analysis = analyseDesign(design, { part }),
        { total } = analysis;
      const value = (v: number, low: number | null = null, high: number | null = null): FpgaValue => ({
        value: v,
        low,
        high,
        provenance: 'analytical',
      });
      const later = laterCounts(total, analysis.kept, stage);
      const staged = (target: keyof typeof later) => value(Math.round(later[target]));
      return {
        stage,
        targets: {
          lut: staged('lut'),
          ff: staged('ff'),
          dsp: staged('dsp'),
          bram18: staged('bram18'),
          uram: value(total.uram),
          latMin: value(total.latencyMin),
          latMax: value(total.latencyMax),
          iiMin: value(total.iiMin),
          iiMax: value(total.iiMax),
        },
        analysis,
        verdict: analysis.verdict.verdict,
        reasons: analysis.verdict.reasons,
        warnings:
          stage === 'csynth'
            ? analysis.warnings
            : [...analysis.warnings, `${stage} is what was left of csynth's counts of other designs`],
      };
    }),
};

/** Verdict on values of a later stage: those are compared with the part as they are. */
export function verdictOf(
  analysis: DesignAnalysis,
  targets: Record<FpgaTarget, FpgaValue>,
  stage: LabelStage,
  part: FpgaPart | undefined,
): { verdict: Verdict; reasons: string[] } {
  const analytical = analysis.verdict;
  if (!part || analytical.verdict === 'will-not-synthesise') return analytical;
  const total = Object.fromEntries(FPGA_RESOURCES.map((r) => [r, targets[r].value])) as Record<
    (typeof FPGA_RESOURCES)[number],
    number
  >;
  const opaque = analysis.layers.some((l) => l.kind === 'opaque');
  if (stage === 'csynth') return designVerdict(total, analysis.kept, part, [], opaque);
  const over = overflow(total, part);
  if (over.length) return { verdict: 'does-not-fit', reasons: over };
  return opaque
    ? { verdict: 'unknown', reasons: ['a layer is opaque: its cost is not counted'] }
    : { verdict: 'fits', reasons: [] };
}

/** Share of the part that each resource takes, in percent; Infinity where the part has none of what is needed. */
export function utilisation(
  targets: Record<FpgaTarget, FpgaValue>,
  part: FpgaPart,
): Record<(typeof FPGA_RESOURCES)[number], number> {
  const share = (need: number, has: number) => (need === 0 ? 0 : has === 0 ? Number.POSITIVE_INFINITY : (100 * need) / has);
  return Object.fromEntries(FPGA_RESOURCES.map((r) => [r, share(targets[r].value, part[r])])) as never;
}

/** Power of the chip and energy of one inference in a stream of them, from predicted resources; undefined without part or clock, or where static power is not known. */
export function fpgaPower(
  design: HlsDesign,
  targets: Record<FpgaTarget, FpgaValue>,
  part: FpgaPart | undefined,
): { staticW: number; dynamicW: number; totalW: number; energyJ: number } | undefined {
  if (!part || !design.clockS) return undefined;
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
    energyJ: energyPerInference(p.totalW, targets.iiMax.value, clockHz),
  };
}

/** The part of a design, or the one given by hand. @throws HwcastError `not-found` naming close matches. */
export const partOfDesign = (design: HlsDesign, given?: FpgaPart): FpgaPart | undefined =>
  given ?? (design.part === undefined ? undefined : fpgaPartNamed(design.part));
