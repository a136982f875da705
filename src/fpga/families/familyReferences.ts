import { kept } from '../../core/kept.js';
import type { DatapathParts } from '../synth/datapathParts.js';
import { DESIGN_FEATURES, type DesignMapping, designFeatures, FEATURE_FAMILIES, SHARE_SIZES } from './designFeatures.js';
import { type CountKind, type CountTarget, countKind, countOf, type KnownDesign } from './familyCounts.js';
import type { LogicRule, RuleTarget } from './mappingRules.js';
import { costOf, type PartCosts, predictPartCosts } from './partCosts.js';

/** What a training family is: its rules, and what its parts cost. */
export interface ReferenceFamily {
  name: string;
  rules: Record<RuleTarget, Float64Array>;
  /** positions of its most probable rules */
  likeliest: Record<RuleTarget, number>;
  logic: LogicRule;
  /** mean deviation of log registers from what its packing leaves */
  packingError: number;
  mapping: DesignMapping;
  costs: Record<CountKind, PartCosts>;
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
/** Move of a count to another mapping, in log, at which it counts half. */
const MOVED_SCALE = 0.15;
/** Weight of a count that part costs give, against a measured one. */
const MODELLED_WEIGHT = 0.3;
/** Disagreement of the training families on a design, in log, and count at which its variance is twice that of a large one on which they agree. */
const DISAGREEMENT = 0.15;
const SMALL_COUNT = 100;

/** `designFeatures`, once a design and mapping. */
export class FeatureCache {
  private readonly underMapping = new WeakMap<DesignMapping, WeakMap<DatapathParts, Float64Array>>();

  features(parts: DatapathParts, mapping: DesignMapping): Float64Array {
    const ofDesigns = kept(this.underMapping, mapping, () => new WeakMap());
    return kept(ofDesigns, parts, () => designFeatures(parts, mapping));
  }
}

/** How a row of a design is made. */
export interface RowOptions {
  /** use its measured counts */
  known?: KnownDesign;
  /** part costs in place of those of the families, one a family: fitted without some of the designs */
  costs?: readonly Record<CountKind, PartCosts>[];
  /** a family that is left out, its column 0 */
  without?: number;
}

/** All that `FamilyReferences` know. */
export interface ReferenceFit {
  /** of the families, in the order of `families` */
  names: readonly string[];
  designs: readonly KnownDesign[];
  families: readonly ReferenceFamily[];
  /** of the positions that part costs are corrected at */
  scale: readonly number[];
  /** cost of each feature over the families, [DESIGN_FEATURES] */
  meanCosts: Record<CountKind, readonly number[]>;
  /** log count of a family over the mean of all, other things equal, [families] */
  level: Record<CountKind, Float64Array>;
  /** mean of the share columns over the designs, [SHARES] */
  centre: Record<CountKind, Float64Array>;
  cache: FeatureCache;
}

/**
 * What the training families know of any design: their own counts of it, or, where they did not synthesise it, their part costs. Counts are moved to the mapping of
 * the family asked about by the ratio of part costs: a family without DSP blocks says little of one with them otherwise.
 * `fitReferences` makes them.
 */
export class FamilyReferences {
  constructor(private readonly fit: ReferenceFit) {}

  get names(): readonly string[] {
    return this.fit.names;
  }

  get designs(): readonly KnownDesign[] {
    return this.fit.designs;
  }

  get families(): readonly ReferenceFamily[] {
    return this.fit.families;
  }

  get cache(): FeatureCache {
    return this.fit.cache;
  }

  get level(): Readonly<Record<CountKind, Float64Array>> {
    return this.fit.level;
  }

  /** The same with some of it replaced. */
  with(change: Partial<ReferenceFit>): FamilyReferences {
    return new FamilyReferences({ ...this.fit, ...change });
  }

  /** LUT or FF of a design on training family `g` by its part costs. */
  modelled(parts: DatapathParts, g: number, target: CountTarget): number {
    const family = this.families[g];
    return predictPartCosts(
      family.costs[countKind(target, family.mapping)],
      this.fit.cache.features(parts, family.mapping),
      this.fit.scale,
    );
  }

  get width(): number {
    return this.names.length + SHARES;
  }

  /**
   * The row of a design under a mapping.
   */
  headRow(parts: DatapathParts, mapping: DesignMapping, target: CountTarget, options: RowOptions = {}): HeadRow {
    return this.rowOf(parts, mapping, countKind(target, mapping), options);
  }

  /** `headRow` of a kind of count. */
  rowOf(parts: DatapathParts, mapping: DesignMapping, kind: CountKind, options: RowOptions): HeadRow {
    const G = this.names.length,
      level = this.fit.level[kind];
    const { log, w, base, here, noise } = this.logCounts(parts, mapping, kind, options);
    const x = new Float64Array(this.width),
      centre = this.fit.centre[kind];
    for (let g = 0; g < G; g++) if (g !== options.without) x[g] = w[g] * (log[g] - base - level[g]);
    const mean = this.fit.meanCosts[kind];
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
  logCounts(
    parts: DatapathParts,
    mapping: DesignMapping,
    kind: CountKind,
    { known, costs: partCosts, without = -1 }: RowOptions,
  ): { log: Float64Array; w: Float64Array; base: number; here: Float64Array; noise: number } {
    const G = this.names.length,
      level = this.fit.level[kind],
      here = this.fit.cache.features(parts, mapping),
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
        const moved = Math.log(costOf(costs, here) / costOf(costs, this.fit.cache.features(parts, family.mapping)));
        log[g] = Math.log(Math.max(1, measured)) + moved;
        w[g] = 1 / (1 + (moved / MOVED_SCALE) ** 2);
      } else {
        const part = (partCosts?.[g] ?? family.costs)[kind];
        log[g] = Math.log(Math.max(1, predictPartCosts(part, here, this.fit.scale)));
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
