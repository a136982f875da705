import { kept } from '../../core/kept.js';
import { mean, median, weightedQuantile } from '../../core/statistics.js';
import { type HlsDesign, type HlsLayer, weightMatrix } from '../design/hlsDesign.js';
import { unmodelledTool } from '../design/modelledTool.js';
import { LITTLE_KNOWN } from '../designTargets.js';
import type { LayerAnalysis } from '../rules/analyseDesign.js';
import { errorOf, type GroupError, groupErrors, type KindRows, PART_OF, versionShifts } from './kindErrors.js';
import { type ErrorPrior, predictiveWidth } from './predictiveWidth.js';
import { CALIBRATED, type Calibrated, type Calibration, type ResidualModel } from './residualModel.js';
import type { PreparedRow } from './residualRow.js';
import { costlyKind, costlyKinds, weightWidthOf } from './seenKinds.js';

/** Share that the intervals are to cover. */
const COVERAGE = 0.9;
/** How much wider an interval is at least where a kind was seen in other versions of the tool only, with another tool only, or with the other io type only; or only kinds that work alike (`ALIKE`). */
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

/** Strata of a row, each with the layers that it is of. */
function strataOfRow(row: PreparedRow): Map<string, KindRows['isOf']> {
  const { design, stage } = row,
    of = (key: (layer: HlsLayer, design: HlsDesign) => string | undefined, stratum: string) =>
      [stratum, (d: HlsDesign, layer: HlsLayer) => key(layer, d) === stratum] as const;
  const kind = (layer: HlsLayer, d: HlsDesign): string | undefined => {
    const own = costlyKind(d, layer);
    return own === undefined ? undefined : keyOf(stage, toolOf(d), own);
  };
  const width = (layer: HlsLayer, d: HlsDesign): string | undefined => {
    const key = weightMatrix(layer) ? kind(layer, d) : undefined;
    return key === undefined ? undefined : sized(key, weightWidthOf(d, layer));
  };
  const later = stage === 'csynth' || knownByRules(design) ? [] : [[laterKey(stage), () => true] as const];
  return new Map([
    ...kindStrata(design, stage).map((s) => of(kind, s)),
    ...sizedStrata(design, stage).map((s) => of(width, s)),
    ...later,
  ]);
}

/** Rows of each stratum. */
function rowsByStratum(rows: readonly PreparedRow[]): Map<string, KindRows> {
  const out = new Map<string, { groups: Map<string, PreparedRow[]>; isOf: KindRows['isOf'] }>();
  for (const row of rows) {
    if (row.topLevel === false) continue;
    for (const [stratum, isOf] of strataOfRow(row))
      kept(
        kept(out, stratum, () => ({ groups: new Map<string, PreparedRow[]>(), isOf })).groups,
        row.group,
        () => [] as PreparedRow[],
      ).push(row);
  }
  return out;
}

/**
 * Half widths of the rules by kind of layer, io type, tool and stage, from whole designs that were not learned from: those of every design that has such a layer, each counted by what
 * its layers of the kind have of the target (`GroupError`). A group (a model, in whatever versions) counts by its largest error; of fewer than nine groups in all the width is that of Student's t
 * around the scale of all kinds of the stage (`predictiveWidth`). In versions that a kind was not seen in what rules of versions differ by comes to it (`otherVersion`), around the scale of all kinds of the tool. A rule that held
 * on every row of a kind and version is exact there (`exactIn`). Designs of later stages also tell what is left of others (`later:`).
 */
export function kindCalibration(rows: readonly PreparedRow[]): ResidualModel['calibration'] {
  const byStratum = rowsByStratum(rows);
  const out: ResidualModel['calibration'] = {};
  const strata = [...byStratum.keys()].sort(),
    whole = strata.filter((s) => !isSized(s));
  for (const target of CALIBRATED) {
    const own = pooled(byStratum, groupErrors, target, stageOf, median),
      shift = pooled(byStratum, versionShifts, target, toolAtStage, rootMeanSquare);
    for (const stratum of target === 'dsp' ? strata : whole) {
      const errors = own.of.get(stratum)!;
      if (!errors.length) continue;
      const halfWidth = Math.max(leastOf(stratum, target, errors, out), widthOf(errors, own.priorOf(stratum)!)),
        shiftPrior = shift.priorOf(stratum),
        otherVersion = shiftPrior && Math.hypot(halfWidth, predictiveWidth(shift.of.get(stratum)!, shiftPrior));
      const all = [...byStratum.get(stratum)!.groups.values()].flat();
      out[stratum] = {
        ...out[stratum],
        [target]: {
          trust: 0,
          halfWidth,
          ruleHalfWidth: halfWidth,
          ...(otherVersion === undefined ? {} : { otherVersion }),
          rows: all.length,
          groups: errors.length,
          analytical: 100,
          learned: 100,
          ...versionsOf(all, target),
        },
      };
    }
  }
  return out;
}

/** Errors of each stratum, and the scale that those of the same `pool` have together; undefined where they have none. */
function pooled(
  byStratum: ReadonlyMap<string, KindRows>,
  errors: typeof groupErrors,
  target: Calibrated,
  pool: (stratum: string) => string,
  scale: (scales: readonly number[]) => number,
): { of: ReadonlyMap<string, GroupError[]>; priorOf: (stratum: string) => ErrorPrior | undefined } {
  const of = new Map([...byStratum].map(([stratum, rows]) => [stratum, errors(rows, target)])),
    pools = new Map<string, GroupError[][]>();
  for (const [stratum, own] of of) if (!isSized(stratum)) kept(pools, pool(stratum), () => []).push(own);
  const priors = new Map([...pools].map(([name, all]) => [name, priorFrom(all, scale)]));
  return { of, priorOf: (stratum) => priors.get(pool(stratum)) };
}

const isSized = (stratum: string): boolean => stratum.includes(', ');
/** `kind:STAGE/TOOL`, or the stratum of what a later stage left of any. */
const toolAtStage = (stratum: string): string => stratum.split('/').slice(0, 2).join('/');
const stageOf = (stratum: string): string => /^\w+:(\w+)/.exec(stratum)![1];

/** Dense layers whose sums a table selects, alone: of these `laterCounts` has a rule of its own. */
const knownByRules = (design: HlsDesign): boolean => costlyKinds(design).every((kind) => kind === 'io_parallel dense in memory');

/** Groups of one version without an error that make its rule exact. */
const EXACT_GROUPS = 2;

const versionOf = ({ toolVersion }: HlsDesign): string => toolVersion ?? 'unknown';

/** Versions of the tool that were seen, and those in which the rule gave the tool's own number for every row. */
function versionsOf(rows: readonly PreparedRow[], target: Calibrated): Pick<Calibration, 'versions' | 'exactIn'> {
  const seen = new Map<string, { groups: Set<string>; exact: boolean }>();
  for (const row of rows)
    for (const error of errorOf(row, target)) {
      const of = kept(seen, versionOf(row.design), () => ({ groups: new Set<string>(), exact: true }));
      of.groups.add(row.group);
      if (error > 0) of.exact = false;
    }
  const exactIn = [...seen].filter(([, { groups, exact }]) => exact && groups.size >= EXACT_GROUPS).map(([version]) => version);
  return { versions: [...seen.keys()].sort(), ...(exactIn.length ? { exactIn: exactIn.sort() } : {}) };
}

/**
 * Scale of the errors of many kinds: of those of rules the median of theirs, so that neither a kind that is far off nor one with many groups decides; of what versions differ by, which is nothing
 * in most kinds and a factor in some, the root of their mean square. Undefined where there are none.
 */
function priorFrom(
  errors: readonly (readonly GroupError[])[],
  pool: (scales: readonly number[]) => number,
): ErrorPrior | undefined {
  const scales = errors.flatMap((of) => {
    const n = countOf(of);
    return n > 0 ? [Math.sqrt(of.reduce((sum, { error, share }) => sum + share * error * error, 0) / n)] : [];
  });
  return scales.length ? { scale: Math.max(LEAST_SCALE, pool(scales)), weight: PRIOR_WEIGHT } : undefined;
}
const rootMeanSquare = (values: readonly number[]): number => Math.sqrt(mean(values.map((v) => v * v)));
/** Groups, each by its share. */
const countOf = (errors: readonly GroupError[]): number => errors.reduce((sum, { share }) => sum + share, 0);
/** No kind of few groups is taken as surer than this, however exact the others are. */
const LEAST_SCALE = 0.01;
/** Observations that the scale elsewhere counts for. */
const PRIOR_WEIGHT = 3;

/** Least half width of LUT and FF of kinds with fewer groups than `CONFORMAL`: constants of their rules were read off some of the same designs. */
const LEAST = 0.1;
/** Groups that a quantile of split conformal prediction needs. */
const CONFORMAL = 9;

/** Least half width. What logic synthesis leaves of block RAM is known no better elsewhere than of kinds of its own stage: its rules were read off the same designs. */
function leastOf(
  stratum: string,
  target: Calibrated,
  errors: readonly GroupError[],
  known: ResidualModel['calibration'],
): number {
  if (target === 'bram18' && stratum.startsWith(LATER)) {
    const stage = stageOf(stratum);
    return Math.max(0, ...Object.keys(known).flatMap((s) => (stageOf(s) === stage ? (known[s].bram18?.halfWidth ?? []) : [])));
  }
  return countOf(errors) < CONFORMAL && (target === 'lut' || target === 'ff') ? LEAST : 0;
}

/** Quantile of split conformal prediction where there are groups enough for one. */
function widthOf(errors: readonly GroupError[], prior: ErrorPrior): number {
  const n = countOf(errors);
  if (n < CONFORMAL) return predictiveWidth(errors, prior);
  return weightedQuantile(
    errors.map((e) => e.error),
    errors.map((e) => e.share / n),
    (COVERAGE * (n + 1)) / n,
  );
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
    const { halfWidth: width, otherVersion, versions, exactIn } = known;
    if (near.wider > 1 || !exactIn?.includes(versionOf(design))) found.exact = false;
    if (near.wider > 1) found.elsewhere.push(kind);
    found.strata.push(near.key);
    const own = versions && !versions.includes(versionOf(design)) ? Math.max(OTHER_VERSION * width, otherVersion ?? 0) : width;
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
