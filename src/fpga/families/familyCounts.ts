import type { Target } from '../../graph/targets.js';
import type { DatapathParts } from '../synth/datapathParts.js';
import type { DesignMapping } from './designFeatures.js';

/** Counts without an exact rule. */
export const COUNT_TARGETS = ['lut', 'ff'] as const satisfies readonly Target[];
export type CountTarget = (typeof COUNT_TARGETS)[number];
/** What a family counts; `bram` in its own blocks. */
export const FAMILY_TARGETS = [...COUNT_TARGETS, 'dsp', 'bram'] as const satisfies readonly Target[];
export type FamilyTarget = (typeof FAMILY_TARGETS)[number];
export interface FamilyCounts extends Record<FamilyTarget, number> {
  /** bits of adders in cells of their own, which `lut` does not count; 0 where LUTs hold the adders */
  adders?: number;
}

/** What is compared between families: registers, logic without its adders, logic with them. */
export const COUNT_KINDS = ['ff', 'logic', 'all'] as const;
export type CountKind = (typeof COUNT_KINDS)[number];
/** What a target is compared by under a mapping. */
export const countKind = (target: CountTarget, mapping: DesignMapping): CountKind =>
  target === 'ff' ? 'ff' : mapping.addersInLuts ? 'all' : 'logic';

/** A design as the family model knows it, with its counts on the training families that synthesised it. */
export interface KnownDesign {
  id: string;
  /** designs of one group are variants of each other and never on both sides of a split */
  group: string;
  parts: DatapathParts;
  counts: Readonly<Record<string, FamilyCounts>>;
}

export const byKind = <T>(make: (kind: CountKind) => T): Record<CountKind, T> => ({
  ff: make('ff'),
  logic: make('logic'),
  all: make('all'),
});

/** LUTs that are logic and not adders at least, where the adders are only known from other families. */
const LEAST_LOGIC = 0.2;

/**
 * A count of a design on a family that synthesised it. Adders that stand in its LUTs are those that other families have in cells of their own: the mean over the
 * families with the closest number of hard multipliers.
 */
export function countOf(design: KnownDesign, family: string, kind: CountKind): number {
  const counts = design.counts[family],
    adders = counts.adders ?? 0;
  if (kind === 'ff') return counts.ff;
  if (kind === 'all') return counts.lut + adders;
  if (adders > 0) return counts.lut;
  const others = Object.values(design.counts).filter((c) => c.adders),
    apart = (c: FamilyCounts) => Math.abs(c.dsp - counts.dsp),
    closest = Math.min(...others.map(apart));
  const near = others.filter((c) => apart(c) === closest);
  if (!near.length) return counts.lut;
  return Math.max(LEAST_LOGIC * counts.lut, counts.lut - near.reduce((sum, c) => sum + c.adders! / near.length, 0));
}
