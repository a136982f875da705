import { kept } from '../../core/kept.js';
import { median } from '../../core/statistics.js';
import { type HlsDesign, weightMatrix } from '../design/hlsDesign.js';
import { unmodelledTool } from '../design/modelledTool.js';
import { LITTLE_KNOWN } from '../designTargets.js';
import type { LayerAnalysis } from '../rules/analyseDesign.js';
import { type ErrorPrior, predictiveWidth } from './predictiveWidth.js';
import { CALIBRATED, type Calibrated, type Calibration, iiOf, type ResidualModel } from './residualModel.js';
import type { PreparedRow } from './residualRow.js';
import { costlyKind, costlyKinds, weightWidthOf } from './seenKinds.js';

/** Share that the intervals are to cover. */
const COVERAGE = 0.9;
/** How much wider an interval is where a kind was seen in other versions of the tool only (a table look-up takes 66 LUTs in 2023.1, 150 in 2024.1), with another tool only, or with the other io type only; or only kinds that work alike (`ALIKE`). */
const OTHER_VERSION = 1.25,
  OTHER_TOOL = 1.5,
  OTHER_IO = 2,
  OTHER_KIND = 3;
/** ... and its least half width in logs. */
const ELSEWHERE = 0.3;
/** ... and the most that it is made wider to. */
const MOST = Math.log(LITTLE_KNOWN);

const keyOf = (stage: string, tool: string, kind: string): string => `kind:${stage}/${tool}/${kind}`;
/** Vivado HLS and Vitis HLS build the same design in other ways, their versions in nearly the same but for the first of Vitis HLS. */
const toolOf = ({ tool, toolVersion }: HlsDesign): string =>
  tool === 'vitis_hls' && toolVersion?.startsWith('2020') ? 'vitis_hls 2020' : (tool ?? 'unknown');

/** Strata of the layers of a whole design: one for each kind of layer, io type and tool. */
export const kindStrata = (design: HlsDesign, stage: string): string[] =>
  costlyKinds(design).map((kind) => keyOf(stage, toolOf(design), kind));

/** Strata of DSPs: the kind with the width of its weights, by which a tool puts products in DSPs (constants of eight bits by their digits, of sixteen nearly all). Kinds without weights have none. */
const sizedStrata = (design: HlsDesign, stage: string): string[] => [
  ...new Set(
    design.layers.flatMap((layer) => {
      const own = costlyKind(design, layer);
      return own === undefined || !weightMatrix(layer)
        ? []
        : [sized(keyOf(stage, toolOf(design), own), weightWidthOf(design, layer))];
    }),
  ),
];
const sized = (key: string, width: string): string => `${key}, ${width}`;

/** Stratum of what a later stage left of designs none of which is known by its kinds there. */
const LATER = 'later:';
const laterKey = (stage: string): string => LATER + stage;

/**
 * Half widths of the rules by kind of layer, io type, tool and stage, from whole designs that were not learned from: those of every design that has such a layer. A group (a model, in
 * whatever versions) counts by its largest error; of fewer than nine groups the width is that of Student's t around the scale of all kinds of the stage (`predictiveWidth`). A rule that held
 * on every row of a kind and version is exact there (`exactIn`). Designs of later stages also tell what is left of others (`later:`).
 */
export function kindCalibration(rows: readonly PreparedRow[]): ResidualModel['calibration'] {
  const byStratum = new Map<string, Map<string, PreparedRow[]>>();
  for (const row of rows) {
    if (row.topLevel === false) continue;
    const later = row.stage === 'csynth' || knownByRules(row.design) ? [] : [laterKey(row.stage)];
    for (const stratum of [...kindStrata(row.design, row.stage), ...sizedStrata(row.design, row.stage), ...later])
      kept(
        kept(byStratum, stratum, () => new Map<string, PreparedRow[]>()),
        row.group,
        () => [] as PreparedRow[],
      ).push(row);
  }
  const out: ResidualModel['calibration'] = {};
  const strata = [...byStratum.keys()].sort(),
    whole = strata.filter((s) => !isSized(s));
  CALIBRATED.forEach((target, t) => {
    const errorsOf = new Map(strata.map((stratum) => [stratum, groupErrors(byStratum.get(stratum)!, target, t)]));
    const priors = new Map(
      STAGES.map((stage) => [stage, priorOf(whole.filter((s) => stageOf(s) === stage).map((s) => errorsOf.get(s)!))]),
    );
    for (const stratum of target === 'dsp' ? strata : whole) {
      const errors = errorsOf.get(stratum)!;
      if (!errors.length) continue;
      const halfWidth = Math.max(leastOf(stratum, target, errors, out), widthOf(errors, priors.get(stageOf(stratum))!));
      const all = [...byStratum.get(stratum)!.values()].flat();
      out[stratum] = {
        ...out[stratum],
        [target]: {
          trust: 0,
          halfWidth,
          ruleHalfWidth: halfWidth,
          rows: all.length,
          groups: errors.length,
          analytical: 100,
          learned: 100,
          ...versionsOf(all, target, t),
        },
      };
    }
  });
  return out;
}

const isSized = (stratum: string): boolean => stratum.includes(', ');
const STAGES = ['csynth', 'vsynth', 'impl'];
const stageOf = (stratum: string): string => /^\w+:(\w+)/.exec(stratum)![1];

/** Dense layers whose sums a table selects, alone: of these `laterCounts` has a rule of its own. */
const knownByRules = (design: HlsDesign): boolean => costlyKinds(design).every((kind) => kind === 'io_parallel dense in memory');

/** The largest error of each group. */
const groupErrors = (groups: ReadonlyMap<string, readonly PreparedRow[]>, target: Calibrated, t: number): number[] =>
  [...groups.values()].flatMap((of) => {
    const each = of.flatMap((row) => errorOf(row, target, t));
    return each.length ? [Math.max(...each)] : [];
  });

/** Groups of one version without an error that make its rule exact. */
const EXACT_GROUPS = 2;

const versionOf = ({ toolVersion }: HlsDesign): string => toolVersion ?? 'unknown';

/** Versions of the tool that were seen, and those in which the rule gave the tool's own number for every row. */
function versionsOf(rows: readonly PreparedRow[], target: Calibrated, t: number): Pick<Calibration, 'versions' | 'exactIn'> {
  const seen = new Map<string, { groups: Set<string>; exact: boolean }>();
  for (const row of rows)
    for (const error of errorOf(row, target, t)) {
      const of = kept(seen, versionOf(row.design), () => ({ groups: new Set<string>(), exact: true }));
      of.groups.add(row.group);
      if (error > 0) of.exact = false;
    }
  const exactIn = [...seen].filter(([, { groups, exact }]) => exact && groups.size >= EXACT_GROUPS).map(([version]) => version);
  return { versions: [...seen.keys()].sort(), ...(exactIn.length ? { exactIn: exactIn.sort() } : {}) };
}

/** Scale of the errors of all kinds of a stage: the median of theirs, so that neither a kind that is far off nor one with many groups decides. */
function priorOf(errors: readonly (readonly number[])[]): ErrorPrior {
  const scales = errors.flatMap((of) => (of.length ? [Math.sqrt(of.reduce((sum, e) => sum + e * e, 0) / of.length)] : []));
  return { scale: Math.max(LEAST_SCALE, scales.length ? median(scales) : 0), weight: PRIOR_WEIGHT };
}
/** No kind of few groups is taken as surer than this, however exact the others are. */
const LEAST_SCALE = 0.01;
/** Observations that the scale elsewhere counts for. */
const PRIOR_WEIGHT = 3;

/** |log| of what the rule is off, if the tool gave a number. */
function errorOf(row: PreparedRow, target: Calibrated, t: number): number[] {
  const label = target === 'ii' ? row.labels.ii : row.targets[t];
  if (label === undefined || Number.isNaN(label)) return [];
  const rule = target === 'ii' ? iiOf(row.analysis) : row.features.totals[t];
  return [Math.abs(Math.log((label + 1) / (rule + 1)))];
}

/** Least half width of LUT and FF of kinds with fewer groups than `CONFORMAL`: constants of their rules were read off some of the same designs. */
const LEAST = 0.1;
/** Groups that a quantile of split conformal prediction needs. */
const CONFORMAL = 9;

/** Least half width. What logic synthesis leaves of block RAM is known no better elsewhere than of kinds of its own stage: its rules were read off the same designs. */
function leastOf(stratum: string, target: Calibrated, errors: readonly number[], known: ResidualModel['calibration']): number {
  if (target === 'bram18' && stratum.startsWith(LATER)) {
    const stage = stageOf(stratum);
    return Math.max(0, ...Object.keys(known).flatMap((s) => (stageOf(s) === stage ? (known[s].bram18?.halfWidth ?? []) : [])));
  }
  return errors.length < CONFORMAL && (target === 'lut' || target === 'ff') ? LEAST : 0;
}

/** Quantile of split conformal prediction where there are groups enough for one. */
function widthOf(errors: readonly number[], prior: ErrorPrior): number {
  if (errors.length < CONFORMAL) return predictiveWidth(errors, prior);
  const sorted = [...errors].sort((x, y) => x - y);
  return sorted[Math.ceil(COVERAGE * (sorted.length + 1)) - 1];
}

/** Kinds of layers that work alike: values one by one, windows that are multiplied, windows that are compared or added. */
const ALIKE = [/^(activation \w+|batch_norm|merge)$/, /^(depthwise_)?conv\dd( in memory)?$/, /^(global_)?(max|avg)_pool$/];

/** Another tool that has such a layer, then the other io type, then a kind that works alike. */
function nearest(
  calibration: ResidualModel['calibration'],
  stage: string,
  tool: string,
  kind: string,
): { key: string; wider: number } | undefined {
  const key = keyOf(stage, tool, kind);
  if (calibration[key]) return { key, wider: 1 };
  const bare = kind.replace(/^io_\w+ /, '');
  const find = (fits: (other: string) => boolean) =>
    Object.keys(calibration).find((name) => name.startsWith(`kind:${stage}/`) && fits(name));
  const ofTool = find((name) => name.endsWith(`/${kind}`));
  if (ofTool) return { key: ofTool, wider: OTHER_TOOL };
  const ofIo = find((name) => name.endsWith(` ${bare}`));
  if (ofIo) return { key: ofIo, wider: OTHER_IO };
  const alike = ALIKE.find((kinds) => kinds.test(bare)),
    ofAlike = alike && find((name) => alike.test(name.replace(/^.*?\/.*?\/io_\w+ /, '')));
  return ofAlike ? { key: ofAlike, wider: OTHER_KIND } : undefined;
}

/** What is known of a design by its kinds of layers. */
export interface KindsFound {
  halfWidth: number;
  /** kinds seen with another tool or io type only, or of which only others were seen that work alike */
  elsewhere: string[];
  /** strata that tell */
  strata: string[];
  /** the rule was exact on every row of each kind in this version of the tool */
  exact: boolean;
}

/** How much wider what a later stage leaves is known where no design of that stage was collected. */
const OTHER_STAGE = 1.5;

/** What is known of a design at a later stage by its kinds at csynth and what was left of others: both widths together. */
function laterFound(
  model: Pick<ResidualModel, 'calibration'>,
  design: HlsDesign,
  layers: readonly LayerAnalysis[],
  stage: string,
  target: Calibrated,
): KindsFound | undefined {
  const first = kindsFound(model, design, layers, 'csynth', target);
  // cycles are those of the HLS tool at every stage
  if (!first || target === 'lat' || target === 'ii') return first;
  const own = model.calibration[laterKey(stage)]?.[target],
    other = model.calibration[laterKey('vsynth')]?.[target]?.halfWidth,
    left = own?.halfWidth ?? (other === undefined ? undefined : OTHER_STAGE * other);
  if (left === undefined) return undefined;
  return { ...first, halfWidth: Math.hypot(first.halfWidth, left), exact: false, elsewhere: [...first.elsewhere] };
}

/**
 * Half width of a design by its kinds of layers: that of each weighed by what it has of the target, of intervals the widest. Undefined where one of them was seen nowhere.
 * @param layers costs of the layers of the design, in its order
 */
export function kindsFound(
  { calibration }: Pick<ResidualModel, 'calibration'>,
  design: HlsDesign,
  layers: readonly LayerAnalysis[],
  stage: string,
  target: Calibrated,
): KindsFound | undefined {
  const found: KindsFound = { halfWidth: 0, elsewhere: [], strata: [], exact: true };
  if (unmodelledTool(design)) return undefined;
  const widths = new Map<string, number>();
  for (const kind of costlyKinds(design)) {
    const near = nearest(calibration, stage, toolOf(design), kind),
      known = near && ofWidths(calibration, near.key, design, kind, target);
    if (!near || !known) return stage === 'csynth' ? undefined : laterFound({ calibration }, design, layers, stage, target);
    const { halfWidth: width, versions, exactIn } = known;
    if (near.wider > 1 || !exactIn?.includes(versionOf(design))) found.exact = false;
    if (near.wider > 1) found.elsewhere.push(kind);
    found.strata.push(near.key);
    const own = versions && !versions.includes(versionOf(design)) ? OTHER_VERSION * width : width;
    widths.set(kind, near.wider > 1 ? Math.max(width, Math.min(MOST, Math.max(ELSEWHERE, near.wider * width))) : own);
  }
  if (!widths.size) return undefined;
  found.halfWidth = weighed(widths, design, layers, target);
  return found;
}

/** What is known of a kind; of DSPs by the widths of its weights where these were seen, the widest of several. */
function ofWidths(
  calibration: ResidualModel['calibration'],
  key: string,
  design: HlsDesign,
  kind: string,
  target: Calibrated,
): Calibration | undefined {
  const all = calibration[key]?.[target];
  if (!all || target !== 'dsp') return all;
  const widths = design.layers.flatMap((l) =>
    costlyKind(design, l) === kind && weightMatrix(l) ? [weightWidthOf(design, l)] : [],
  );
  const known = [...new Set(widths)].map((width) => calibration[sized(key, width)]?.dsp ?? all);
  return known.length ? known.reduce((a, b) => (b.halfWidth > a.halfWidth ? b : a)) : all;
}

/** What a layer has of a target; of intervals nothing adds up. */
const PART_OF: Partial<Record<Calibrated, 'lut' | 'ff' | 'dsp' | 'bram18' | 'latencyMax'>> = {
  lut: 'lut',
  ff: 'ff',
  dsp: 'dsp',
  bram18: 'bram18',
  lat: 'latencyMax',
};

function weighed(
  widths: ReadonlyMap<string, number>,
  design: HlsDesign,
  layers: readonly LayerAnalysis[],
  target: Calibrated,
): number {
  const part = PART_OF[target];
  let total = 0,
    sum = 0;
  for (const [i, layer] of design.layers.entries()) {
    const kind = costlyKind(design, layer),
      cost = part && layers[i] ? layers[i][part] : 0;
    if (kind === undefined || !(cost > 0)) continue;
    total += cost;
    sum += cost * widths.get(kind)!;
  }
  return total > 0 ? sum / total : Math.max(...widths.values());
}
