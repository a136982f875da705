import type { Parameters } from '../../tensor/parameters.js';
import { asConvolution } from '../design/asConvolution.js';
import type { HlsDesign, LabelStage } from '../design/hlsDesign.js';
import type { DesignAnalysis } from '../rules/analyseDesign.js';
import { CONTEXT_COLUMNS } from './contextColumns.js';
import { LAYER_COLUMNS } from './layerColumns.js';
import { type DesignFeatures, RESIDUAL_TARGETS } from './layerFeatures.js';
import { createPlainForward } from './plainForward.js';
import type { ResidualConfig } from './residualNetwork.js';
import type { SeenKinds } from './seenKinds.js';

const T = RESIDUAL_TARGETS.length;

/** What is calibrated by left-out training designs. */
export const CALIBRATED = [...RESIDUAL_TARGETS, 'ii'] as const;
export type Calibrated = (typeof CALIBRATED)[number];

/**
 * How far the residual is trusted for a kind of designs, and how wrong it was: from training designs, each predicted by the network that was trained without
 * its model. `trust` 0: the analytical value stands.
 */
export interface Calibration {
  trust: number;
  /** 90 % of |log((y + 1) / (predicted + 1))|, as trusted and of the rules alone */
  halfWidth: number;
  ruleHalfWidth: number;
  /** how many times as wide it is for networks of several layers with weights (`networkFactors`) */
  networks?: number;
  /** half width in versions of the tool that no row is of */
  otherVersion?: number;
  /** designs and groups (models) it rests on */
  rows: number;
  groups: number;
  /** SMAPE in percent on those, of the rules alone and with the residual as trusted */
  analytical: number;
  learned: number;
  /** where the rule gave the tool's own number for every row of a version of the tool: the largest layer (`sizeOf`) by version and widths (`exactKey`) */
  exactIn?: Record<string, number>;
  /** versions of the tool that rows are of */
  versions?: string[];
}

/** A trained residual: members of an ensemble, and what they are good for by stratum (`strataOf`) and target. */
export interface ResidualModel {
  config: ResidualConfig;
  members: Parameters[];
  calibration: Record<string, Partial<Record<Calibrated, Calibration>>>;
  /** what the rows of the strata are made of; absent in models of tests: nothing is known, every stratum counts */
  seen?: SeenKinds;
  seed: number | string;
}

const LOOPS = LAYER_COLUMNS.indexOf('loops'),
  WEIGHTS = LAYER_COLUMNS.indexOf('hasWeights');
const GENERATIONS = CONTEXT_COLUMNS.map((name, k) => [name, k] as const).filter(([name]) => name.startsWith('dsp:'));

/**
 * Kinds of designs that are calibrated together, the narrowest first: stage, what it is made of, weights in a loop or unrolled, and where it is synthesised
 * (tool, version, generation of the part).
 */
export function strataOf(design: HlsDesign, features: DesignFeatures, stage: LabelStage): string[] {
  const n = design.layers.length;
  let loops = false,
    unrolled = false;
  for (let i = 0; i < n; i++) {
    const row = i * LAYER_COLUMNS.length;
    if (features.layers[row + LOOPS]) loops = true;
    else if (features.layers[row + WEIGHTS]) unrolled = true;
  }
  const what = n === 1 ? asConvolution(design.layers[0]).kind : 'network';
  const how = loops ? (unrolled ? 'mixed' : 'loops') : unrolled ? 'unrolled' : 'none';
  const generation = GENERATIONS.find(([, k]) => features.context[k] === 1)?.[0] ?? 'unknown';
  const where = `${design.tool ?? 'unknown'} ${design.toolVersion ?? 'unknown'} ${generation}`;
  return [`${stage}/${what}/${how}/${where}`, `${stage}/${what}/${how}`, `${stage}/${what}`, stage];
}

/** Least half width where a rule was seen with other tools, versions or parts only, in logs: 10 %. */
const ELSEWHERE = 0.1;

/** How a value is calibrated: half width of its interval in logs, and whether the rule held on every row of the kind. */
export interface FoundCalibration {
  trust: number;
  /** Infinity: nothing is known but what all products would take */
  halfWidth: number;
  exact: boolean;
  /** what it rests on: designs of the same kind, tool and part, designs with its kinds of layers, or designs of the kind with others */
  of: 'same' | 'kinds' | 'elsewhere';
}

/** What is known of a target by the kinds of layers (`kindsFound`). */
export interface NearCalibration {
  halfWidth: number;
  strata: readonly string[];
  exact: boolean;
  /** kinds seen with another tool or io type only */
  elsewhere: readonly string[];
}

/**
 * The calibration of a kind of designs; undefined where no design of the same layers, io type and stage was seen, nor one with its kinds of layers. Only that of the same tool, version and
 * generation gives trust, and that of networks counts only where these have no other kinds of layers: a residual learned elsewhere did not carry over to sources left out of training, so there the rules stand, with the error they had on
 * designs with such layers (`near`), else the widest they had on the kind with any tool, twice where there is one only. Exact is what was so in every row of the same tool, version,
 * generation and, of DSPs, weight widths.
 */
export function calibrationOf(
  { calibration, seen }: Pick<ResidualModel, 'calibration' | 'seen'>,
  strata: readonly string[],
  target: Calibrated,
  made: { kinds: readonly string[]; widths: readonly string[] } = { kinds: [], widths: [] },
  near?: NearCalibration,
): FoundCalibration | undefined {
  // a tool puts products in DSPs by the widths of their operands: of widths not seen nothing is known
  const widthsSeen = (names: readonly string[]): boolean =>
    target !== 'dsp' || made.widths.every((width) => names.some((name) => tells(seen, name, [width])));
  const same = calibration[strata[0]]?.[target];
  const nearer = same?.trust === 0 && near?.elsewhere.length === 0 && mixes(seen, strata[0], made.kinds);
  if (same && !nearer && tells(seen, strata[0], made.kinds))
    return widthsSeen([strata[0]])
      ? { trust: same.trust, halfWidth: same.halfWidth, exact: same.learned === 0, of: 'same' }
      : { trust: 0, halfWidth: Number.POSITIVE_INFINITY, exact: false, of: 'same' };
  if (near) {
    const told = widthsSeen(near.strata),
      halfWidth = !told ? Number.POSITIVE_INFINITY : near.exact ? 0 : near.halfWidth;
    return { trust: 0, halfWidth, exact: told && near.exact, of: 'kinds' };
  }
  const wider = strata.length > 1 ? strata[1] : undefined,
    found = wider === undefined ? undefined : calibration[wider]?.[target];
  if (wider === undefined || !found || !tells(seen, wider, made.kinds)) return undefined;
  const below = Object.entries(calibration).flatMap(([name, of]) =>
    name.startsWith(`${wider}/`) && of[target] ? [of[target].ruleHalfWidth] : [],
  );
  const widest = Math.max(found.ruleHalfWidth, ...below),
    halfWidth = Math.max(ELSEWHERE, below.length > 1 ? widest : 2 * widest);
  return { trust: 0, halfWidth: widthsSeen([wider]) ? halfWidth : Number.POSITIVE_INFINITY, exact: false, of: 'elsewhere' };
}

const tells = (seen: SeenKinds | undefined, stratum: string, made: readonly string[]): boolean =>
  !seen || made.every((name) => seen[stratum]?.includes(name));

/** Whether networks of a stratum have kinds of layers that a design has not: then how far the rules were off on its own kinds tells more. */
const mixes = (seen: SeenKinds | undefined, stratum: string, made: readonly string[]): boolean =>
  stratum.includes('/network/') && (seen?.[stratum]?.some((name) => name.startsWith('io_') && !made.includes(name)) ?? false);

/** Value of a member list: mean of the logs of its members, and mean probability that the rule's value is off; [targets] each. */
export function ensembleForward(
  config: ResidualConfig,
  members: readonly Parameters[],
): (d: DesignFeatures, value: Float64Array, differs: Float64Array) => void {
  const forwards = members.map((m) => createPlainForward(m, config));
  const v = new Float64Array(T),
    off = new Float64Array(T);
  return (d, value, differs) => {
    value.fill(0);
    differs.fill(0);
    for (const forward of forwards) {
      forward(d, v, off);
      for (let t = 0; t < T; t++) {
        value[t] += Math.log1p(v[t]) / forwards.length;
        differs[t] += (1 - Math.exp(-off[t])) / forwards.length;
      }
    }
    for (let t = 0; t < T; t++) value[t] = Math.expm1(value[t]);
  };
}

/**
 * One target as it is predicted: the analytical value, moved by `trust` towards the residual's on a log scale; a counted target only where it is likelier
 * off the rule than on it; whole at the end.
 */
export function applyResidual(t: number, analytical: number, value: number, differs: number, trust: number): number {
  if (trust === 0) return Math.round(analytical);
  if (t >= 2 && differs < 0.5) return Math.round(analytical);
  return Math.round(Math.expm1((1 - trust) * Math.log1p(analytical) + trust * Math.log1p(value)));
}

/** Where the interval of a whole-numbered value ends: +- `halfWidth` of log(y + 1), and one at least to either side where the rule was not exact on all rows. */
export function intervalOf(value: number, halfWidth: number, exact = true): { low: number; high: number } {
  if (halfWidth === Number.POSITIVE_INFINITY) return { low: 0, high: Number.POSITIVE_INFINITY };
  const low = Math.max(0, Math.ceil((value + 1) * Math.exp(-halfWidth) - 1 - 1e-9)),
    high = Math.floor((value + 1) * Math.exp(halfWidth) - 1 + 1e-9);
  return low === high && !exact ? { low: Math.max(0, low - 1), high: high + 1 } : { low, high };
}

/** II of an analysis, the target that has no residual but an interval. */
export const iiOf = (analysis: DesignAnalysis): number => analysis.total.iiMax;
