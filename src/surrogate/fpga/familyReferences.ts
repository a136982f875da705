import type { DatapathParts } from '../../dataset/datapathParts.js';
import {
  DESIGN_FEATURES,
  type DesignMapping,
  designFeatures,
  FEATURE_FAMILIES,
  SHARE_SIZES,
} from '../../features/fpgaDesignFeatures.js';
import {
  bestRules,
  mappingOf,
  RULE_TARGETS,
  type RuleCounts,
  type RuleTarget,
  ruleCounts,
  rulePosterior,
  rulePrior,
} from './mappingRules.js';
import { costOf, fitCosts, fitPartCosts, type PartCosts, positionScale, predictPartCosts } from './partCosts.js';

export const COUNT_TARGETS = ['lut', 'ff'] as const;
/** Counts without an exact rule. */
export type CountTarget = (typeof COUNT_TARGETS)[number];
export const FAMILY_TARGETS = ['lut', 'ff', 'dsp', 'bram'] as const;
export type FamilyTarget = (typeof FAMILY_TARGETS)[number];
export type FamilyCounts = Record<FamilyTarget, number>;

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
  mapping: DesignMapping;
  costs: Record<CountTarget, PartCosts>;
  /** the same, fitted without the designs of one fold */
  folds: Record<CountTarget, PartCosts>[];
}

/** A design among the training families under the mapping of a family: log of the baseline count, and the columns that the head is linear in. */
export interface HeadRow {
  base: number;
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

/**
 * What the training families know of any design: their own counts of it, or, where they did not synthesise it, their part costs. Counts are moved to the mapping of
 * the family asked about by the ratio of part costs: a family without DSP blocks says little of one with them otherwise.
 */
export class FamilyReferences {
  readonly families: Family[];
  readonly rules: RuleCounts[];
  readonly fold: Int32Array;
  private readonly scale: number[];
  private readonly meanCosts: Record<CountTarget, number[]>;
  /** log count of a family over the mean of all, other things equal */
  private readonly level: Record<CountTarget, Float64Array>;
  private readonly centre: Record<CountTarget, Float64Array>;

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
        mapping = mappingOf(best.dsp, best.bram);
      return { name, on, rules, mapping, X: on.map((i) => designFeatures(designs[i].parts, mapping)) };
    });
    this.scale = positionScale(features.flatMap((f) => f.X));
    const costs = {} as Record<CountTarget, PartCosts[]>,
      folds = {} as Record<CountTarget, PartCosts[][]>;
    this.meanCosts = {} as Record<CountTarget, number[]>;
    for (const target of COUNT_TARGETS) {
      const y = features.map((f) => f.on.map((i) => designs[i].counts[f.name][target]));
      const first = features.map((f, g) => fitCosts(f.X, y[g]));
      const prior = exercisedMean(
        first,
        features.map((f) => f.X),
      );
      this.meanCosts[target] = prior;
      const apart = features.map((f, g) =>
        Array.from({ length: FOLDS }, (_, fold) => {
          const keep = f.on.flatMap((i, r) => (this.fold[i] === fold ? [] : [r]));
          const X = keep.map((r) => f.X[r]),
            v = keep.map((r) => y[g][r]);
          const own = fitCosts(X, v, prior);
          return LENGTH_SCALES.map((l) => fitPartCosts(X, v, own, this.scale, l));
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
      folds[target] = apart.map((of) => of.map((each) => each[best]));
      costs[target] = features.map((f, g) =>
        fitPartCosts(f.X, y[g], fitCosts(f.X, y[g], prior), this.scale, LENGTH_SCALES[best]),
      );
    }
    this.families = features.map((f, g) => ({
      name: f.name,
      rules: f.rules,
      mapping: f.mapping,
      costs: { lut: costs.lut[g], ff: costs.ff[g] },
      folds: Array.from({ length: FOLDS }, (_, k) => ({ lut: folds.lut[g][k], ff: folds.ff[g][k] })),
    }));
    const G = names.length;
    this.level = { lut: new Float64Array(G), ff: new Float64Array(G) };
    this.centre = { lut: new Float64Array(SHARES), ff: new Float64Array(SHARES) };
    for (const target of COUNT_TARGETS) {
      for (let pass = 0; pass < LEVEL_PASSES; pass++) this.level[target] = this.levels(target);
      const centre = new Float64Array(SHARES);
      designs.forEach((d, i) => {
        const { x } = this.headRow(d.parts, this.families[i % G].mapping, target, { known: d });
        for (let s = 0; s < SHARES; s++) centre[s] += x[G + s] / designs.length;
      });
      this.centre[target] = centre;
    }
  }

  /** Mean residual of each family against the baseline that the present levels give, weighted by how far a count speaks of the mapping. */
  private levels(target: CountTarget): Float64Array {
    const G = this.names.length,
      sum = new Float64Array(G),
      weight = new Float64Array(G);
    for (const d of this.designs)
      for (const { mapping } of this.families) {
        const { log, w, base } = this.logCounts(d.parts, mapping, target, { known: d });
        for (let g = 0; g < G; g++) {
          sum[g] += w[g] * (log[g] - base);
          weight[g] += w[g];
        }
      }
    const level = sum.map((s, g) => s / Math.max(weight[g], 1e-9)),
      mean = level.reduce((a, b) => a + b, 0) / G;
    return level.map((l) => l - mean);
  }

  /** LUT or FF of a design on training family `g` by its part costs. */
  modelled(parts: DatapathParts, g: number, target: CountTarget): number {
    const family = this.families[g];
    return predictPartCosts(family.costs[target], designFeatures(parts, family.mapping), this.scale);
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
    const G = this.names.length,
      level = this.level[target];
    const { log, w, base, here } = this.logCounts(parts, mapping, target, options);
    const x = new Float64Array(this.width),
      centre = this.centre[target];
    for (let g = 0; g < G; g++) if (g !== options.without) x[g] = w[g] * (log[g] - base - level[g]);
    const mean = this.meanCosts[target];
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
    return { base, x };
  }

  /** Log count of a design on every training family under a mapping, how far each is to be trusted, and their weighted mean with levels taken out. */
  private logCounts(
    parts: DatapathParts,
    mapping: DesignMapping,
    target: CountTarget,
    { known, fold, without = -1 }: { known?: KnownDesign; fold?: number; without?: number },
  ): { log: Float64Array; w: Float64Array; base: number; here: Float64Array } {
    const G = this.names.length,
      level = this.level[target],
      here = designFeatures(parts, mapping),
      log = new Float64Array(G),
      w = new Float64Array(G);
    let base = 0,
      sum = 0;
    for (let g = 0; g < G; g++) {
      if (g === without) continue;
      const family = this.families[g],
        measured = known?.counts[family.name]?.[target];
      if (measured !== undefined) {
        const { costs } = family.costs[target];
        const moved = Math.log(costOf(costs, here) / costOf(costs, designFeatures(parts, family.mapping)));
        log[g] = Math.log(Math.max(1, measured)) + moved;
        w[g] = 1 / (1 + (moved / MOVED_SCALE) ** 2);
      } else {
        const part = fold === undefined ? family.costs[target] : family.folds[fold][target];
        log[g] = Math.log(Math.max(1, predictPartCosts(part, here, this.scale)));
        w[g] = MODELLED_WEIGHT;
      }
      base += w[g] * (log[g] - level[g]);
      sum += w[g];
    }
    // where part costs are all there is, they are the columns in full
    const most = w.reduce((a, b) => Math.max(a, b), 0);
    return { log, w: w.map((v) => v / most), base: base / sum, here };
  }
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
