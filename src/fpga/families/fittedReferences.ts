import { z } from 'zod';
import { DESIGN_FEATURES, type DesignMapping, PACKINGS } from './designFeatures.js';
import { designRuleCounts } from './designParts.js';
import { byKind, COUNT_KINDS, type CountKind, countOf, type KnownDesign } from './familyCounts.js';
import { FamilyReferences, FeatureCache, type ReferenceFamily, SHARES } from './familyReferences.js';
import { bestRules, mappingOf, mostProbable, RULE_TARGETS, type RuleTarget, rulePosterior, rulePrior } from './mappingRules.js';
import { fitPartCosts, lazyPartCosts, type PlacedRows, placedRows } from './partCosts.js';

const Features = z.array(z.number()).length(DESIGN_FEATURES.length);
const ofKinds = <T extends z.ZodType>(schema: T) => z.strictObject(byKind(() => schema));

/** What `fitReferences` finds, plain data: with the designs it gives the references back. */
export const FittedNumbersSchema = z.strictObject({
  /** one a family: what it packs into multipliers, and how far its registers are from what that leaves */
  packing: z.array(z.strictObject({ packing: z.enum(PACKINGS), error: z.number() })),
  /** of the positions that part costs are corrected at, [DESIGN_FEATURES] */
  scale: Features,
  /** of the smooth correction of part costs; 0: none */
  lengthScale: ofKinds(z.number()),
  /** [families][DESIGN_FEATURES] */
  costs: ofKinds(z.array(Features)),
  /** cost of each feature over the families, [DESIGN_FEATURES] */
  meanCosts: ofKinds(Features),
  /** log count of a family over the mean of all, other things equal, [families] */
  level: ofKinds(z.array(z.number())),
  /** mean of the share columns over the designs, [SHARES] */
  centre: ofKinds(z.array(z.number()).length(SHARES)),
});
export type FittedNumbers = z.infer<typeof FittedNumbersSchema>;

/** Whether numbers are of as many families as there are. */
export const numbersFit = ({ packing, costs, level }: FittedNumbers, families: number): boolean =>
  packing.length === families && COUNT_KINDS.every((kind) => costs[kind].length === families && level[kind].length === families);

/** A family with the rules that its blocks follow, and the designs it synthesised. */
export interface RuledFamily {
  name: string;
  /** positions of the designs it synthesised */
  on: number[];
  rules: Record<RuleTarget, Float64Array>;
  addersInLuts: boolean;
}

/** The posterior of a family's mapping rules from all its designs. */
export function ruledFamily(name: string, designs: readonly KnownDesign[]): RuledFamily {
  const on = designs.flatMap((d, i) => (d.counts[name] ? [i] : []));
  const rules = Object.fromEntries(
    RULE_TARGETS.map((target) => [
      target,
      rulePosterior(
        rulePrior(target, []),
        on.map((i) => designRuleCounts(designs[i].parts)[target]),
        on.map((i) => designs[i].counts[name][target]),
      ),
    ]),
  ) as Record<RuleTarget, Float64Array>;
  return { name, on, rules, addersInLuts: on.every((i) => !designs[i].counts[name].adders) };
}

/** The mappings that a family may have, one a way of packing. */
export function packedMappings({ rules, addersInLuts }: RuledFamily): DesignMapping[] {
  const best = bestRules(rules);
  return PACKINGS.map((packing) => mappingOf(best.dsp, best.bram, { packing, addersInLuts }));
}

/** A family with its mapping. */
export interface MappedFamily extends RuledFamily {
  packing: FittedNumbers['packing'][number];
  mapping: DesignMapping;
}

/** References of families from the numbers that were fitted to their designs. */
export const storedReferences = (
  names: readonly string[],
  designs: readonly KnownDesign[],
  numbers: FittedNumbers,
): FamilyReferences =>
  referencesOf(
    names.map((name, g): MappedFamily => {
      const family = ruledFamily(name, designs),
        packing = numbers.packing[g];
      return { ...family, packing, mapping: packedMappings(family)[PACKINGS.indexOf(packing.packing)] };
    }),
    designs,
    numbers,
    new FeatureCache(),
  );

/**
 * References from what was fitted to their designs. The smooth correction of a family's part costs is solved the first time a design is asked about that the family did not
 * synthesise.
 */
export function referencesOf(
  mapped: readonly MappedFamily[],
  designs: readonly KnownDesign[],
  numbers: FittedNumbers,
  cache: FeatureCache,
): FamilyReferences {
  const families = mapped.map((family, g): ReferenceFamily => {
    const { name, rules, addersInLuts, packing, mapping } = family;
    let placed: PlacedRows | undefined;
    const corrected = (kind: CountKind) => {
      placed ??= placedRows(featuresOf(family, designs, cache), numbers.scale);
      const counts = countsOf(family, designs, kind);
      return fitPartCosts(placed, [...counts.keys()], counts, numbers.costs[kind][g], numbers.lengthScale[kind]).residual;
    };
    return {
      name,
      rules,
      likeliest: { dsp: mostProbable(rules.dsp), bram: mostProbable(rules.bram) },
      logic: { packing: packing.packing, addersInLuts },
      packingError: packing.error,
      mapping,
      costs: byKind((kind) => lazyPartCosts(numbers.costs[kind][g], () => corrected(kind))),
    };
  });
  return new FamilyReferences({
    names: mapped.map((family) => family.name),
    designs,
    families,
    scale: numbers.scale,
    meanCosts: numbers.meanCosts,
    level: byKind((kind) => Float64Array.from(numbers.level[kind])),
    centre: byKind((kind) => Float64Array.from(numbers.centre[kind])),
    cache,
  });
}

/** Features of the designs that a family synthesised under its mapping, [on][DESIGN_FEATURES]. */
export const featuresOf = (
  { on, mapping }: Pick<MappedFamily, 'on' | 'mapping'>,
  designs: readonly KnownDesign[],
  cache: FeatureCache,
): Float64Array[] => on.map((i) => cache.features(designs[i].parts, mapping));

/** Counts of the designs that a family synthesised, [on]. */
export const countsOf = ({ on, name }: RuledFamily, designs: readonly KnownDesign[], kind: CountKind): number[] =>
  on.map((i) => countOf(designs[i], name, kind));
