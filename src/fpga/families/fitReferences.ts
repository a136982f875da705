import { DESIGN_FEATURES, PACKINGS } from './designFeatures.js';
import { byKind, type CountKind, type KnownDesign } from './familyCounts.js';
import { type FamilyReferences, FeatureCache, SHARES } from './familyReferences.js';
import {
  countsOf,
  type FittedNumbers,
  featuresOf,
  type MappedFamily,
  packedMappings,
  type RuledFamily,
  referencesOf,
  ruledFamily,
} from './fittedReferences.js';
import { packingErrors } from './packingErrors.js';
import {
  fitCosts,
  fitPartCosts,
  type PartCosts,
  type PlacedRows,
  placedRows,
  positionScale,
  predictPartCosts,
} from './partCosts.js';

const FOLDS = 4;
/** Tried for the smooth correction of part costs; 0: none. */
const LENGTH_SCALES = [0, 1, 2];
const LEVEL_PASSES = 3;
/** Share of the error that more packing into multipliers must leave at most to be believed. */
const PACKED = 0.95;
/** Designs with a feature from which its cost is known. */
const LEAST_EXERCISED = 3;

/** What training families say of designs, the numbers that it follows from, and what tuning needs besides. */
export interface FittedReferences {
  references: FamilyReferences;
  numbers: FittedNumbers;
  /** of each design, whole groups */
  fold: Int32Array;
  /** [fold][families]: part costs fitted without the designs of the fold */
  foldCosts: readonly (readonly Record<CountKind, PartCosts>[])[];
}

/**
 * What training families say of designs: for each its mapping rules, how it packs registers into multipliers and what its parts cost, then how its counts stand
 * to those of the others. `referencesOf` gives the references of the numbers again without the work.
 * @param names of families, each with a count of at least one design
 */
export function fitReferences(names: readonly string[], designs: readonly KnownDesign[]): FittedReferences {
  const cache = new FeatureCache(),
    fold = foldsOf(designs);
  const mapped = names.map((name) => mappedFamily(ruledFamily(name, designs), designs));
  const X = mapped.map((family) => featuresOf(family, designs, cache));
  const scale = positionScale(X.flat()),
    placed = X.map((rows) => placedRows(rows, scale));
  const costs = byKind((kind) => costsOfKind(kind, mapped, placed, designs, fold, scale));
  const unlevelled: FittedNumbers = {
    packing: mapped.map(({ packing }) => packing),
    scale,
    lengthScale: byKind((kind) => costs[kind].lengthScale),
    costs: byKind((kind) => costs[kind].families),
    meanCosts: byKind((kind) => costs[kind].mean),
    level: byKind(() => names.map(() => 0)),
    centre: byKind(() => new Array<number>(SHARES).fill(0)),
  };
  const start = referencesOf(mapped, designs, unlevelled, cache);
  const level = byKind((kind) => levelsOf(start, kind));
  const levelled = start.with({ level });
  const centre = byKind((kind) => centreOf(levelled, kind));
  return {
    references: levelled.with({ centre }),
    numbers: { ...unlevelled, level: byKind((kind) => [...level[kind]]), centre: byKind((kind) => [...centre[kind]]) },
    fold,
    foldCosts: Array.from({ length: FOLDS }, (_, k) => names.map((_, g) => byKind((kind) => costs[kind].folds[g][k]))),
  };
}

/** A family with the mapping whose registers deviate least from those it counted. */
function mappedFamily(family: RuledFamily, designs: readonly KnownDesign[]): MappedFamily {
  const { name, on } = family,
    mappings = packedMappings(family);
  const errors = packingErrors(
    mappings,
    on.map((i) => designs[i].parts),
    on.map((i) => designs[i].counts[name].ff),
  );
  const least = Math.min(...errors),
    p = errors.findIndex((error) => error <= least / PACKED);
  return { ...family, packing: { packing: PACKINGS[p], error: errors[p] }, mapping: mappings[p] };
}

/** Costs of one kind of count. */
interface KindCosts {
  /** of their smooth correction */
  lengthScale: number;
  /** mean over the families, [DESIGN_FEATURES] */
  mean: number[];
  /** [families][DESIGN_FEATURES] */
  families: number[][];
  /** [family][fold]: fitted without the designs of the fold */
  folds: PartCosts[][];
}

/** Part costs of every family; the length scale of their correction is the one that left-out folds like best over all families. */
function costsOfKind(
  kind: CountKind,
  families: readonly MappedFamily[],
  placed: readonly PlacedRows[],
  designs: readonly KnownDesign[],
  fold: Int32Array,
  scale: readonly number[],
): KindCosts {
  const counts = families.map((family) => countsOf(family, designs, kind)),
    X = placed.map((rows) => rows.X);
  const mean = exercisedMean(
    X.map((rows, g) => fitCosts(rows, counts[g])),
    X,
  );
  /** [family][fold][length scale] */
  const apart = families.map(({ on }, g) =>
    Array.from({ length: FOLDS }, (_, left) => {
      const rows = on.flatMap((i, row) => (fold[i] === left ? [] : [row]));
      const costs = fitCosts(
        rows.map((row) => X[g][row]),
        rows.map((row) => counts[g][row]),
        mean,
      );
      return LENGTH_SCALES.map((lengthScale) => fitPartCosts(placed[g], rows, counts[g], costs, lengthScale));
    }),
  );
  const squaredError = (g: number, l: number): number =>
    families[g].on.reduce((sum, i, row) => {
      const predicted = predictPartCosts(apart[g][fold[i]][l], X[g][row], scale);
      return sum + Math.log(predicted / Math.max(1, counts[g][row])) ** 2;
    }, 0);
  const errors = LENGTH_SCALES.map((_, l) => families.reduce((sum, _, g) => sum + squaredError(g, l), 0));
  const best = errors.indexOf(Math.min(...errors));
  return {
    lengthScale: LENGTH_SCALES[best],
    mean,
    families: X.map((rows, g) => fitCosts(rows, counts[g], mean)),
    folds: apart.map((byFold) => byFold.map((byLengthScale) => byLengthScale[best])),
  };
}

/** Log count of each family over the mean of all, other things equal. */
function levelsOf(unlevelled: FamilyReferences, kind: CountKind): Float64Array {
  let references = unlevelled;
  for (let pass = 0; pass < LEVEL_PASSES; pass++)
    references = references.with({ level: { ...references.level, [kind]: meanResiduals(references, kind) } });
  return references.level[kind];
}

/** Mean residual of each family against the baseline that the present levels give, weighted by how far a count speaks of the mapping. */
function meanResiduals(references: FamilyReferences, kind: CountKind): Float64Array {
  const G = references.names.length,
    sum = new Float64Array(G),
    weight = new Float64Array(G);
  for (const known of references.designs)
    for (const { mapping } of references.families) {
      const { log, w, base } = references.logCounts(known.parts, mapping, kind, { known });
      for (let g = 0; g < G; g++) {
        sum[g] += w[g] * (log[g] - base);
        weight[g] += w[g];
      }
    }
  const residual = sum.map((s, g) => s / Math.max(weight[g], 1e-9)),
    mean = residual.reduce((a, b) => a + b, 0) / G;
  return residual.map((r) => r - mean);
}

/** Mean of the share columns over the training designs, each under the mapping of one family. */
function centreOf(references: FamilyReferences, kind: CountKind): Float64Array {
  const { designs, families } = references,
    G = families.length,
    centre = new Float64Array(SHARES);
  designs.forEach((known, i) => {
    const { x } = references.rowOf(known.parts, families[i % G].mapping, kind, { known });
    for (let s = 0; s < SHARES; s++) centre[s] += x[G + s] / designs.length;
  });
  return centre;
}

/** Mean cost of each feature over the families that have it. */
function exercisedMean(costs: readonly number[][], X: readonly (readonly Float64Array[])[]): number[] {
  return DESIGN_FEATURES.map((_, j) => {
    const having = costs.filter((_, g) => X[g].filter((x) => x[j] > 0).length >= LEAST_EXERCISED);
    return having.length ? having.reduce((s, c) => s + c[j], 0) / having.length : 0;
  });
}

/** Folds of whole groups, of about equal size, in the order of their names. */
function foldsOf(designs: readonly KnownDesign[]): Int32Array {
  const size = new Map<string, number>();
  for (const d of designs) size.set(d.group, (size.get(d.group) ?? 0) + 1);
  const load = new Array(FOLDS).fill(0),
    foldOf = new Map<string, number>();
  for (const [group, n] of [...size].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))) {
    const least = load.indexOf(Math.min(...load));
    load[least] += n;
    foldOf.set(group, least);
  }
  return Int32Array.from(designs, (d) => foldOf.get(d.group)!);
}
