import { kept } from '../../core/kept.js';
import { median } from '../../core/statistics.js';
import type { DatapathParts } from '../synth/datapathParts.js';
import {
  DESIGN_FEATURES,
  type DesignMapping,
  designFeatures,
  FEATURE_FAMILIES,
  PACKINGS,
  registerBits,
  SHARE_SIZES,
} from './designFeatures.js';
import {
  bestRules,
  type LogicRule,
  mappingOf,
  mostProbable,
  RULE_TARGETS,
  type RuleCounts,
  type RuleTarget,
  ruleCounts,
  rulePosterior,
  rulePrior,
} from './mappingRules.js';
import { costOf, fitCosts, fitPartCosts, type PartCosts, placedRows, positionScale, predictPartCosts } from './partCosts.js';

export const COUNT_TARGETS = ['lut', 'ff'] as const;
/** Counts without an exact rule. */
export type CountTarget = (typeof COUNT_TARGETS)[number];
export const FAMILY_TARGETS = ['lut', 'ff', 'dsp', 'bram'] as const;
export type FamilyTarget = (typeof FAMILY_TARGETS)[number];
export interface FamilyCounts extends Record<FamilyTarget, number> {
  /** bits of adders in cells of their own, which `lut` does not count; 0 where LUTs hold the adders */
  adders?: number;
}

/** What is compared between families: registers, logic without its adders, logic with them. */
export const COUNT_KINDS = ['ff', 'logic', 'all'] as const;
export type CountKind = (typeof COUNT_KINDS)[number];
export const kindOf = (target: CountTarget, mapping: DesignMapping): CountKind =>
  target === 'ff' ? 'ff' : mapping.addersInLuts ? 'all' : 'logic';

/** A design as the family model knows it, with its counts on the training families that synthesised it. */
export interface KnownDesign {
  id: string;
  /** designs of one group are variants of each other and never on both sides of a split */
  group: string;
  parts: DatapathParts;
  counts: Readonly<Record<string, FamilyCounts>>;
}

/** What a training family is: its rules, and what its parts cost. */
interface Family {
  name: string;
  rules: Record<RuleTarget, Float64Array>;
  /** positions of its most probable rules */
  likeliest: Record<RuleTarget, number>;
  logic: LogicRule;
  /** mean deviation of log registers from what its packing leaves */
  packingError: number;
  mapping: DesignMapping;
  costs: Record<CountKind, PartCosts>;
  /** the same, fitted without the designs of one fold */
  folds: Record<CountKind, PartCosts>[];
}

/** A design among the training families under the mapping of a family: log of the baseline count, and the columns that the head is linear in. */
export interface HeadRow {
  base: number;
  /** how much less the row is known than one that a training family measured under the same mapping, as a factor of variance */
  noise: number;
  x: Float64Array;
}

const SHARE_NAMES = Object.keys(FEATURE_FAMILIES) as (keyof typeof FEATURE_FAMILIES)[];
const SHARE_OF = DESIGN_FEATURES.map((name) =>
  SHARE_NAMES.findIndex((f) => (FEATURE_FAMILIES[f] as readonly string[]).includes(name)),
);
const COSTS = SHARE_NAMES.length;
/** Columns of a head row behind those of the training families: shares of the cost, and shares times sizes. */
export const SHARES = COSTS + SHARE_SIZES.length;
const FOLDS = 4;
const LENGTH_SCALES = [0, 1, 2];
const LEVEL_PASSES = 3;
/** Move of a count to another mapping, in log, at which it counts half. */
const MOVED_SCALE = 0.15;
/** Weight of a count that part costs give, against a measured one. */
const MODELLED_WEIGHT = 0.3;
/** Disagreement of the training families on a design, in log, and count at which its variance is twice that of a large one on which they agree. */
const DISAGREEMENT = 0.15;
const SMALL_COUNT = 100;
/** Share of the error that more packing into multipliers must leave at most to be believed. */
const PACKED = 0.95;

/**
 * What the training families know of any design: their own counts of it, or, where they did not synthesise it, their part costs. Counts are moved to the mapping of
 * the family asked about by the ratio of part costs: a family without DSP blocks says little of one with them otherwise.
 */
export class FamilyReferences {
  readonly families: Family[];
  readonly rules: RuleCounts[];
  readonly fold: Int32Array;
  private readonly scale: number[];
  private readonly meanCosts: Record<CountKind, number[]>;
  /** log count of a family over the mean of all, other things equal */
  private readonly level: Record<CountKind, Float64Array>;
  private readonly centre: Record<CountKind, Float64Array>;
  private readonly featuresUnder = new WeakMap<DesignMapping, WeakMap<DatapathParts, Float64Array>>();

  constructor(
    readonly names: readonly string[],
    readonly designs: readonly KnownDesign[],
  ) {
    this.rules = designs.map((d) => ruleCounts(d.parts));
    this.fold = foldsOf(designs);
    const features = names.map((name) => {
      const on = designs.flatMap((d, i) => (d.counts[name] ? [i] : []));
      const rules = Object.fromEntries(
        RULE_TARGETS.map((t) => [
          t,
          rulePosterior(
            rulePrior(t, []),
            on.map((i) => this.rules[i][t]),
            on.map((i) => designs[i].counts[name][t]),
          ),
        ]),
      ) as Record<RuleTarget, Float64Array>;
      const best = bestRules(rules),
        addersInLuts = on.every((i) => !designs[i].counts[name].adders);
      const mappings = PACKINGS.map((packing) => mappingOf(best.dsp, best.bram, { packing, addersInLuts }));
      const errors = packingErrors(
          mappings,
          on.map((i) => designs[i].parts),
          on.map((i) => designs[i].counts[name].ff),
        ),
        least = Math.min(...errors),
        p = errors.findIndex((e) => e <= least / PACKED),
        mapping = mappings[p];
      const fitting = {
        logic: { packing: PACKINGS[p], addersInLuts },
        mapping,
        packingError: errors[p],
        X: on.map((i) => this.features(designs[i].parts, mapping)),
      };
      return { name, on, rules, ...fitting };
    });
    this.scale = positionScale(features.flatMap((f) => f.X));
    const placed = features.map((f) => placedRows(f.X, this.scale)),
      everyRow = features.map((f) => [...f.X.keys()]);
    const costs = {} as Record<CountKind, PartCosts[]>,
      folds = {} as Record<CountKind, PartCosts[][]>;
    this.meanCosts = {} as Record<CountKind, number[]>;
    for (const kind of COUNT_KINDS) {
      const y = features.map((f) => f.on.map((i) => countOf(designs[i], f.name, kind)));
      const first = features.map((f, g) => fitCosts(f.X, y[g]));
      const prior = exercisedMean(
        first,
        features.map((f) => f.X),
      );
      this.meanCosts[kind] = prior;
      const apart = features.map((f, g) =>
        Array.from({ length: FOLDS }, (_, fold) => {
          const keep = f.on.flatMap((i, r) => (this.fold[i] === fold ? [] : [r]));
          const own = fitCosts(
            keep.map((r) => f.X[r]),
            keep.map((r) => y[g][r]),
            prior,
          );
          return LENGTH_SCALES.map((l) => fitPartCosts(placed[g], keep, y[g], own, l));
        }),
      );
      const errors = LENGTH_SCALES.map((_, l) =>
        features.reduce(
          (sum, f, g) =>
            sum +
            f.on.reduce(
              (s, i, r) =>
                s + Math.log(predictPartCosts(apart[g][this.fold[i]][l], f.X[r], this.scale) / Math.max(1, y[g][r])) ** 2,
              0,
            ),
          0,
        ),
      );
      const best = errors.indexOf(Math.min(...errors));
      folds[kind] = apart.map((of) => of.map((each) => each[best]));
      costs[kind] = features.map((f, g) =>
        fitPartCosts(placed[g], everyRow[g], y[g], fitCosts(f.X, y[g], prior), LENGTH_SCALES[best]),
      );
    }
    this.families = features.map((f, g) => ({
      name: f.name,
      rules: f.rules,
      likeliest: { dsp: mostProbable(f.rules.dsp), bram: mostProbable(f.rules.bram) },
      logic: f.logic,
      packingError: f.packingError,
      mapping: f.mapping,
      costs: byKind((kind) => costs[kind][g]),
      folds: Array.from({ length: FOLDS }, (_, k) => byKind((kind) => folds[kind][g][k])),
    }));
    const G = names.length;
    this.level = byKind(() => new Float64Array(G));
    this.centre = byKind(() => new Float64Array(SHARES));
    for (const kind of COUNT_KINDS) {
      for (let pass = 0; pass < LEVEL_PASSES; pass++) this.level[kind] = this.levels(kind);
      const centre = new Float64Array(SHARES);
      designs.forEach((d, i) => {
        const { x } = this.rowOf(d.parts, this.families[i % G].mapping, kind, { known: d });
        for (let s = 0; s < SHARES; s++) centre[s] += x[G + s] / designs.length;
      });
      this.centre[kind] = centre;
    }
  }

  /** Mean residual of each family against the baseline that the present levels give, weighted by how far a count speaks of the mapping. */
  private levels(kind: CountKind): Float64Array {
    const G = this.names.length,
      sum = new Float64Array(G),
      weight = new Float64Array(G);
    for (const d of this.designs)
      for (const { mapping } of this.families) {
        const { log, w, base } = this.logCounts(d.parts, mapping, kind, { known: d });
        for (let g = 0; g < G; g++) {
          sum[g] += w[g] * (log[g] - base);
          weight[g] += w[g];
        }
      }
    const level = sum.map((s, g) => s / Math.max(weight[g], 1e-9)),
      mean = level.reduce((a, b) => a + b, 0) / G;
    return level.map((l) => l - mean);
  }

  /** `designFeatures`, once a design and mapping. */
  private features(parts: DatapathParts, mapping: DesignMapping): Float64Array {
    const of = kept(this.featuresUnder, mapping, () => new WeakMap());
    return kept(of, parts, () => designFeatures(parts, mapping));
  }

  /** LUT or FF of a design on training family `g` by its part costs. */
  modelled(parts: DatapathParts, g: number, target: CountTarget): number {
    const family = this.families[g];
    return predictPartCosts(family.costs[kindOf(target, family.mapping)], this.features(parts, family.mapping), this.scale);
  }

  get width(): number {
    return this.names.length + SHARES;
  }

  /**
   * The row of a design under a mapping.
   * @param options `known`: use its measured counts; `fold`: use part costs fitted without this fold; `without`: a family that is left out, its column 0
   */
  headRow(
    parts: DatapathParts,
    mapping: DesignMapping,
    target: CountTarget,
    options: { known?: KnownDesign; fold?: number; without?: number } = {},
  ): HeadRow {
    return this.rowOf(parts, mapping, kindOf(target, mapping), options);
  }

  private rowOf(
    parts: DatapathParts,
    mapping: DesignMapping,
    kind: CountKind,
    options: { known?: KnownDesign; fold?: number; without?: number },
  ): HeadRow {
    const G = this.names.length,
      level = this.level[kind];
    const { log, w, base, here, noise } = this.logCounts(parts, mapping, kind, options);
    const x = new Float64Array(this.width),
      centre = this.centre[kind];
    for (let g = 0; g < G; g++) if (g !== options.without) x[g] = w[g] * (log[g] - base - level[g]);
    const mean = this.meanCosts[kind];
    let total = 0;
    for (let j = 0; j < here.length; j++) {
      const cost = mean[j] * here[j];
      x[G + SHARE_OF[j]] += cost;
      total += cost;
    }
    for (let s = 0; s < COSTS; s++) x[G + s] /= Math.max(total, 1e-9);
    SHARE_SIZES.forEach(({ of, size }, s) => {
      x[G + COSTS + s] = x[G + SHARE_NAMES.indexOf(of)] * size(here);
    });
    for (let s = 0; s < SHARES; s++) x[G + s] -= centre[s];
    return { base, noise, x };
  }

  /** Log count of a design on every training family under a mapping, how far each is to be trusted, and their weighted mean with levels taken out. */
  private logCounts(
    parts: DatapathParts,
    mapping: DesignMapping,
    kind: CountKind,
    { known, fold, without = -1 }: { known?: KnownDesign; fold?: number; without?: number },
  ): { log: Float64Array; w: Float64Array; base: number; here: Float64Array; noise: number } {
    const G = this.names.length,
      level = this.level[kind],
      here = this.features(parts, mapping),
      log = new Float64Array(G),
      w = new Float64Array(G);
    let base = 0,
      sum = 0;
    for (let g = 0; g < G; g++) {
      if (g === without) continue;
      const family = this.families[g],
        measured = known?.counts[family.name] && countOf(known, family.name, kind);
      if (measured !== undefined) {
        const { costs } = family.costs[kind];
        const moved = Math.log(costOf(costs, here) / costOf(costs, this.features(parts, family.mapping)));
        log[g] = Math.log(Math.max(1, measured)) + moved;
        w[g] = 1 / (1 + (moved / MOVED_SCALE) ** 2);
      } else {
        const part = fold === undefined ? family.costs[kind] : family.folds[fold][kind];
        log[g] = Math.log(Math.max(1, predictPartCosts(part, here, this.scale)));
        w[g] = MODELLED_WEIGHT;
      }
      base += w[g] * (log[g] - level[g]);
      sum += w[g];
    }
    // where part costs are all there is, they are the columns in full
    const most = w.reduce((a, b) => Math.max(a, b), 0);
    base /= sum;
    let spread = 0;
    for (let g = 0; g < G; g++) if (g !== without) spread += (w[g] * (log[g] - level[g] - base) ** 2) / sum;
    const noise = (1 / most) * (1 + spread / DISAGREEMENT ** 2 + (SMALL_COUNT / Math.exp(base)) ** 2);
    return { log, w: w.map((v) => v / most), base, here, noise };
  }
}

const byKind = <T>(of: (kind: CountKind) => T): Record<CountKind, T> => ({ ff: of('ff'), logic: of('logic'), all: of('all') });

/** Mean deviation of log(registers / those that a mapping leaves) from its median, by mapping. */
export function packingErrors(
  mappings: readonly DesignMapping[],
  parts: readonly DatapathParts[],
  ff: readonly number[],
): number[] {
  return mappings.map((mapping) => {
    const log = parts.map((p, i) => Math.log(Math.max(1, ff[i]) / Math.max(1, registerBits(designFeatures(p, mapping))))),
      level = median(log);
    return log.reduce((sum, v) => sum + Math.abs(v - level), 0) / log.length;
  });
}

/** LUTs that are logic and not adders at least, where the adders are only known from other families. */
const LEAST_LOGIC = 0.2;

/**
 * A count of a design on a family that synthesised it. Adders that stand in its LUTs are those that other families have in cells of their own: the mean over the
 * families with the closest number of hard multipliers.
 */
function countOf(design: KnownDesign, family: string, kind: CountKind): number {
  const own = design.counts[family],
    adders = own.adders ?? 0;
  if (kind === 'ff') return own.ff;
  if (kind === 'all') return own.lut + adders;
  if (adders > 0) return own.lut;
  const others = Object.values(design.counts).filter((c) => c.adders),
    apart = (c: FamilyCounts) => Math.abs(c.dsp - own.dsp),
    closest = Math.min(...others.map(apart));
  const near = others.filter((c) => apart(c) === closest);
  if (!near.length) return own.lut;
  return Math.max(LEAST_LOGIC * own.lut, own.lut - near.reduce((sum, c) => sum + c.adders! / near.length, 0));
}

/** Mean cost of each feature over the families that have it. */
function exercisedMean(costs: readonly number[][], X: readonly Float64Array[][]): number[] {
  return costs[0].map((_, j) => {
    const having = costs.filter((_, g) => X[g].filter((x) => x[j] > 0).length >= 3);
    return having.length ? having.reduce((s, c) => s + c[j], 0) / having.length : 0;
  });
}

/** Folds of whole groups, of about equal size, in the order of their names. */
function foldsOf(designs: readonly KnownDesign[]): Int32Array {
  const size = new Map<string, number>();
  for (const d of designs) size.set(d.group, (size.get(d.group) ?? 0) + 1);
  const load = new Array(FOLDS).fill(0),
    of = new Map<string, number>();
  for (const [group, n] of [...size].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))) {
    const least = load.indexOf(Math.min(...load));
    load[least] += n;
    of.set(group, least);
  }
  return Int32Array.from(designs, (d) => of.get(d.group)!);
}
