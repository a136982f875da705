import { cartesian } from '../../core/cartesian.js';
import { HwcastError } from '../../core/errors.js';
import { adaptHead, predictHead } from '../../surrogate/head/bayesianHead.js';
import { linked } from '../../surrogate/head/link.js';
import type { Setting } from '../../surrogate/head/settings.js';
import { taskPrior } from '../../surrogate/head/taskPrior.js';
import { supportWidth, Z90 } from '../../surrogate/head/tuneSettings.js';
import type { HlsDesign } from '../design/hlsDesign.js';
import { COUNTS } from '../designTargets.js';
import { analyseDesign } from '../rules/analyseDesign.js';

export const STAGE_TARGETS = COUNTS;
export type StageTarget = (typeof STAGE_TARGETS)[number];
export type StageCounts = Record<StageTarget, number>;

/** A design with the counts of the earlier stage, which the HLS tool estimates without synthesis. */
export interface StagedDesign {
  design: HlsDesign;
  /** csynth */
  early: StageCounts;
}
/** A design that went through both stages. */
export interface StagePair extends StagedDesign {
  /** vsynth or implementation */
  late: StageCounts;
}

/** LUTs that logic synthesis may leave for each register of csynth, tried by evidence. */
const LUT_PER_REGISTER = [0.25, 0.5, 1] as const;

/** Columns that the log of late / early is linear in (docs/method.md 9); the last ones by hypothesis only. */
const STAGE_FEATURES = [
  'lutPerFf',
  'ffPerDsp',
  'bramPerFf',
  'size',
  'latencyStrategy',
  'recurrent',
  ...LUT_PER_REGISTER.map((c) => `logic${c}` as const),
] as const;

const log = (count: number): number => Math.log(Math.max(1, count));

/**
 * What tells how far csynth is off: LUTs it counts per register (multiplexers and address logic that logic synthesis removes show as LUTs without registers), registers a DSP,
 * memories, size, strategy, recurrent layers; logs over a typical value. `logic`: the log of c + a / ff, LUTs per register where each register has c LUTs and the design has a LUTs of
 * arithmetic outside DSPs (`arithmeticLut`).
 */
export function stageFeatures({ design, early }: StagedDesign): Float64Array {
  const recurrent = design.layers.some((l) => l.kind === 'gru' || l.kind === 'lstm' || l.kind === 'simple_rnn');
  const arithmetic = analyseDesign(design).layers.reduce((sum, l) => sum + l.arithmeticLut, 0) / Math.max(1, early.ff);
  return Float64Array.of(
    log(early.lut) - log(early.ff) - 0.5,
    (log(early.ff) - log(early.dsp) - 4) / 3,
    (log(early.bram18) - log(early.ff) + 5) / 3,
    (log(early.ff) - 11) / 3,
    design.strategy === 'latency' ? 1 : 0,
    recurrent ? 1 : 0,
    ...LUT_PER_REGISTER.map((c) => Math.log(c + arithmetic)),
  );
}

/**
 * Evidence averages over how much each kind of column may explain, how noisy the ratio is, and what the later count of LUTs follows: the earlier one (all weights 0), the registers
 * whatever the earlier count of LUTs was (weight -1 of `lutPerFf`), or registers and arithmetic (and weight 1 of a `logic`). Multiplexers that csynth counts a multiplier and logic
 * synthesis shares or folds are why the first fails; that registers hold what LUTs compute, except in DSPs, and that additions and products outside DSPs stay, is why the last holds.
 */
const SETTINGS: readonly Setting[] = cartesian({
  count: [1e-3, 1e-2, 1e-1],
  kind: [1e-2, 1e-1, 1],
  noise: [3e-3, 1e-2, 4e-2, 0.15],
}).map(({ count, kind, noise }): Setting => ({ device: 0, group: Float64Array.of(count, kind, 0), noise, mean: 'tasks' }));
const weightsOf = (some: Partial<Record<(typeof STAGE_FEATURES)[number], number>>): Float64Array =>
  Float64Array.from(STAGE_FEATURES, (f) => some[f] ?? 0);
const LUT_HYPOTHESES = [
  weightsOf({}),
  weightsOf({ lutPerFf: -1 }),
  ...LUT_PER_REGISTER.map((c) => weightsOf({ lutPerFf: -1, [`logic${c}`]: 1 })),
];
const hypotheses = (target: StageTarget): readonly Float64Array[] => (target === 'lut' ? LUT_HYPOTHESES : [weightsOf({})]);
/** Groups of the columns: ratios of counts; what kind of design it is; `logic`, which has no variance: it counts by hypothesis only. */
const COLUMN_GROUPS = ['count', 'kind', 'hypothesis'] as const;
const groupOf = (feature: string): (typeof COLUMN_GROUPS)[number] =>
  feature.startsWith('logic') ? 'hypothesis' : feature === 'latencyStrategy' || feature === 'recurrent' ? 'kind' : 'count';
const GROUP = Uint8Array.from(STAGE_FEATURES, (f) => COLUMN_GROUPS.indexOf(groupOf(f)));

export interface AdaptedStage {
  predict(designs: readonly StagedDesign[]): Record<StageTarget, { value: number; low: number; high: number }>[];
}

/**
 * Learns late / early from pairs of one flow. DSP stays what csynth says where at least half of the pairs are equal, else times the ratio.
 * @throws HwcastError `bad-input` without a pair
 */
export function adaptStage(pairs: readonly StagePair[]): AdaptedStage {
  if (!pairs.length)
    throw new HwcastError('bad-input', 'no design with counts of both stages', {
      hint: 'laterCounts has what is left in public projects',
    });
  const width = STAGE_FEATURES.length,
    centre = new Float64Array(width);
  const known = pairs.map(stageFeatures);
  for (const features of known)
    features.forEach((v, j) => {
      centre[j] += v / pairs.length;
    });
  const stack = (of: readonly Float64Array[]) => {
    const X = new Float64Array(of.length * width);
    of.forEach((features, i) => {
      features.forEach((v, j) => {
        X[i * width + j] = v - centre[j];
      });
    });
    return X;
  };
  const X = stack(known),
    uniform = new Array(SETTINGS.length).fill(-Math.log(SETTINGS.length));
  const heads = Object.fromEntries(
    STAGE_TARGETS.map((t) => {
      const ratio = linked(
        pairs.map((p) => Math.max(1, p.late[t]) / Math.max(1, p.early[t])),
        'log',
      );
      const posterior = adaptHead(taskPrior(hypotheses(t), width), GROUP, { X, values: ratio.values }, SETTINGS, uniform);
      const equal = pairs.filter((p) => p.late[t] === p.early[t]).length >= pairs.length / 2;
      return [t, { ratio, posterior, equal, width: supportWidth(pairs.length, posterior.looSquare) }];
    }),
  );
  return {
    predict: (designs) => {
      const at = stack(designs.map(stageFeatures));
      const each = STAGE_TARGETS.map((t) => {
        const { ratio, posterior, equal, width } = heads[t];
        const { mean, deviation } = predictHead(posterior, at);
        return designs.map((d, i) => {
          const early = d.early[t];
          const half = Z90 * width * deviation[i],
            value = early === 0 ? 0 : equal && t === 'dsp' ? early : early * ratio.back(mean[i]);
          return { value, low: value * Math.exp(-half), high: value * Math.exp(half) };
        });
      });
      return designs.map(
        (_, i) => Object.fromEntries(STAGE_TARGETS.map((t, j) => [t, each[j][i]])) as ReturnType<AdaptedStage['predict']>[number],
      );
    },
  };
}
