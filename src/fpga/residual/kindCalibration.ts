import { kept } from '../../core/kept.js';
import { mean, median, weightedQuantile } from '../../core/statistics.js';
import { type HlsDesign, type HlsLayer, weightMatrix } from '../design/hlsDesign.js';
import { errorOf, type GroupError, groupErrors, type KindRows, toolShifts, versionShifts } from './kindErrors.js';
import {
  anyTool,
  exactKey,
  isSized,
  keyOf,
  kindStrata,
  LATER,
  laterKey,
  sized,
  sizedStrata,
  sizeOf,
  stageOf,
  toolAtStage,
  toolOf,
  versionOf,
} from './kindStrata.js';
import { networkFactors } from './networkFactors.js';
import { type ErrorPrior, predictiveWidth } from './predictiveWidth.js';
import { CALIBRATED, type Calibrated, type Calibration, type ResidualModel } from './residualModel.js';
import type { PreparedRow } from './residualRow.js';
import { costlyKind, costlyKinds, weightWidthOf } from './seenKinds.js';

/** Share that the intervals are to cover. */
const COVERAGE = 0.9;
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
 * on every row of a kind and version is exact there (`exactIn`). Designs of later stages also tell what is left of others (`later:`). Networks are `networkFactors` as wide.
 */
export function kindCalibration(rows: readonly PreparedRow[]): ResidualModel['calibration'] {
  const out = byKinds(rows),
    factors = networkFactors(rows, byKinds);
  for (const [stratum, of] of Object.entries(out))
    if (stageOf(stratum) === 'csynth')
      for (const target of CALIBRATED) {
        const factor = factors[target] ?? 1;
        if (of[target] && factor > 1) of[target].networks = factor;
      }
  return out;
}

/** The same of designs that are no networks. */
function byKinds(rows: readonly PreparedRow[]): ResidualModel['calibration'] {
  const byStratum = rowsByStratum(rows);
  const out: ResidualModel['calibration'] = {};
  const strata = [...byStratum.keys()].sort(),
    whole = strata.filter((s) => !isSized(s));
  for (const target of CALIBRATED) {
    const own = pooled(byStratum, groupErrors, target, stageOf, median),
      shift = shiftsOf(byStratum, target);
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
          ...versionsOf(all, byStratum.get(stratum)!.isOf, target),
        },
      };
    }
  }
  return out;
}

/** Rows of each kind with whatever tool. */
function ofAnyTool(byStratum: ReadonlyMap<string, KindRows>): Map<string, KindRows> {
  const out = new Map<string, { groups: Map<string, readonly PreparedRow[]>; isOf: KindRows['isOf'] }>();
  for (const [stratum, { groups, isOf }] of byStratum) {
    if (isSized(stratum)) continue;
    const of = kept(out, anyTool(stratum), () => ({ groups: new Map(), isOf: () => false })),
      before = of.isOf;
    of.isOf = (design, layer) => before(design, layer) || isOf(design, layer);
    for (const [group, rows] of groups) of.groups.set(`${stratum} ${group}`, rows);
  }
  return out;
}

/** Errors of each stratum, and the scale that those of the same `pool` have together; undefined where they have none. */
function pooled(
  byStratum: ReadonlyMap<string, KindRows>,
  errors: typeof groupErrors,
  target: Calibrated,
  pool: (stratum: string) => string,
  scale: (scales: readonly number[], pool: string) => number,
): { of: ReadonlyMap<string, GroupError[]>; priorOf: (stratum: string) => ErrorPrior | undefined } {
  const of = new Map([...byStratum].map(([stratum, rows]) => [stratum, errors(rows, target)])),
    pools = new Map<string, GroupError[][]>();
  for (const [stratum, own] of of) if (!isSized(stratum)) kept(pools, pool(stratum), () => []).push(own);
  const priors = new Map([...pools].map(([name, all]) => [name, priorFrom(all, (scales) => scale(scales, name))]));
  return { of, priorOf: (stratum) => priors.get(pool(stratum)) };
}

/**
 * What versions of a tool differ by: the scale of what its kinds show. That of Vitis HLS, few versions of which were seen, is drawn to what it differs by from Vivado HLS, the one before it (the mean over kinds), with the
 * weight of `PRIOR_WEIGHT` kinds.
 */
function shiftsOf(byStratum: ReadonlyMap<string, KindRows>, target: Calibrated): ReturnType<typeof pooled> {
  const kinds = [...ofAnyTool(byStratum)];
  return pooled(byStratum, versionShifts, target, toolAtStage, (scales, pool) => {
    const between = pool.endsWith('/vitis_hls')
      ? kinds.flatMap(([kind, of]) => (stageOf(kind) === stageOf(pool) ? scaleOf(toolShifts(of, target)) : []))
      : [];
    const drawn = between.length ? Array.from({ length: PRIOR_WEIGHT }, () => mean(between)) : [];
    return rootMeanSquare([...scales, ...drawn]);
  });
}

/** Dense layers whose sums a table selects, alone: of these `laterCounts` has a rule of its own. */
const knownByRules = (design: HlsDesign): boolean => costlyKinds(design).every((kind) => kind === 'io_parallel dense in memory');

/** Groups of one version without an error that make its rule exact. */
const EXACT_GROUPS = 2;

/** Versions of the tool that were seen, and those in which the rule gave the tool's own number for every row: the largest layer of the kind, by the widths it reads and writes. */
function versionsOf(
  rows: readonly PreparedRow[],
  isOf: KindRows['isOf'],
  target: Calibrated,
): Pick<Calibration, 'versions' | 'exactIn'> {
  const seen = new Map<string, { groups: Set<string>; exact: boolean; largest: Record<string, number> }>(),
    unseen = () => ({ groups: new Set<string>(), exact: true, largest: {} as Record<string, number> });
  for (const row of rows)
    for (const error of errorOf(row, target)) {
      const { design } = row,
        of = kept(seen, versionOf(design), unseen);
      of.groups.add(row.group);
      if (error > 0) of.exact = false;
      for (const layer of design.layers)
        if (isOf(design, layer)) {
          const key = exactKey(design, layer);
          of.largest[key] = Math.max(of.largest[key] ?? 0, sizeOf(layer));
        }
    }
  const exactIn = Object.assign(
    {},
    ...[...seen.values()].flatMap(({ groups, exact, largest }) => (exact && groups.size >= EXACT_GROUPS ? [largest] : [])),
  );
  return { versions: [...seen.keys()].sort(), ...(Object.keys(exactIn).length ? { exactIn } : {}) };
}

/**
 * Scale of the errors of many kinds: of those of rules the median of theirs, so that neither a kind that is far off nor one with many groups decides; of what versions differ by, which is nothing
 * in most kinds and a factor in some, the root of their mean square. Undefined where there are none.
 */
function priorFrom(
  errors: readonly (readonly GroupError[])[],
  pool: (scales: readonly number[]) => number,
): ErrorPrior | undefined {
  const scale = pool(errors.flatMap(scaleOf));
  return Number.isFinite(scale) ? { scale: Math.max(LEAST_SCALE, scale), weight: PRIOR_WEIGHT } : undefined;
}
/** Scale of the errors of a kind, if it has any. */
function scaleOf(errors: readonly GroupError[]): number[] {
  const n = countOf(errors);
  return n > 0 ? [Math.sqrt(errors.reduce((sum, { error, share }) => sum + share * error * error, 0) / n)] : [];
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

/** Quantile of split conformal prediction where there are groups enough for one; of a kind that one group is of, no less than that was off. */
function widthOf(errors: readonly GroupError[], prior: ErrorPrior): number {
  const n = countOf(errors);
  if (n < CONFORMAL) return Math.max(predictiveWidth(errors, prior), errors.length === 1 ? errors[0].error : 0);
  return weightedQuantile(
    errors.map((e) => e.error),
    errors.map((e) => e.share / n),
    (COVERAGE * (n + 1)) / n,
  );
}
