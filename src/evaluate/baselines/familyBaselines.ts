import { COUNT_TARGETS, FAMILY_TARGETS, type FamilyTarget } from '../../fpga/families/familyCounts.js';
import type { FamilyDesign, FamilyModel, FamilySupport } from '../../fpga/families/familyModel.js';
import { ruleCounts } from '../../fpga/families/mappingRules.js';
import { ridgePredict } from './ridgePredict.js';

/** A simpler way to the counts of a new family, from the same designs and training families. */
export interface FamilyBaseline {
  readonly name: string;
  /** fewest measured designs it says something from */
  readonly least: number;
  predict(support: readonly FamilySupport[], designs: readonly FamilyDesign[]): Record<FamilyTarget, number>[];
}

/** 0 of no values. */
const mean = (v: readonly number[]): number => v.reduce((a, b) => a + b, 0) / Math.max(1, v.length);
const log = (count: number): number => Math.log(Math.max(1, count));

/** Count of a design on training family `g`: measured, or by the family's own rules and part costs. */
function countOn(model: FamilyModel, g: number, d: FamilyDesign, target: FamilyTarget): number {
  const { references } = model,
    family = references.families[g];
  if (target === 'dsp' || target === 'bram') return model.countOn(g, d, target, ruleCounts(model.parts(d)));
  return model.knownDesign(d.id)?.counts[family.name]?.[target] ?? references.modelled(model.parts(d), g, target);
}

/** The training family that explains the support best: its counts, LUT and FF times the mean ratio. Without support, the first family as it is. */
const nearestFamily = (model: FamilyModel): FamilyBaseline => ({
  name: 'nearest family',
  least: 1,
  predict(support, designs) {
    const best = Object.fromEntries(
      FAMILY_TARGETS.map((t) => {
        const scaled = t === 'lut' || t === 'ff';
        const each = model.families.map((_, g) => {
          const residual = support.map((s) => log(s.counts[t]) - log(countOn(model, g, s, t))),
            level = scaled ? mean(residual) : 0;
          const error = scaled
            ? mean(residual.map((r) => Math.abs(r - level)))
            : -mean(support.map((s) => (s.counts[t] === countOn(model, g, s, t) ? 1 : 0)));
          return { g, level, error };
        });
        return [t, each.reduce((a, b) => (b.error < a.error ? b : a))];
      }),
    ) as unknown as Record<FamilyTarget, { g: number; level: number }>;
    return designs.map(
      (d) =>
        Object.fromEntries(FAMILY_TARGETS.map((t) => [t, countOn(model, best[t].g, d, t) * Math.exp(best[t].level)])) as Record<
          FamilyTarget,
          number
        >,
    );
  },
});

/** Mean of the training families times the mean ratio over the support. */
const meanRatio = (model: FamilyModel): FamilyBaseline => ({
  name: 'mean ratio',
  least: 0,
  predict(support, designs) {
    const typical = (d: FamilyDesign, t: FamilyTarget): number => {
      const counts = model.families.map((_, g) => countOn(model, g, d, t));
      return t === 'lut' || t === 'ff' ? Math.exp(mean(counts.map(log))) : mean(counts);
    };
    const ratio = Object.fromEntries(
      FAMILY_TARGETS.map((t) => {
        if (t === 'lut' || t === 'ff') return [t, Math.exp(mean(support.map((s) => log(s.counts[t]) - Math.log(typical(s, t)))))];
        const all = support.reduce((sum, s) => sum + typical(s, t), 0);
        return [t, all > 0 ? support.reduce((sum, s) => sum + s.counts[t], 0) / all : 1];
      }),
    ) as Record<FamilyTarget, number>;
    return designs.map((d) => rounded((t) => typical(d, t) * ratio[t]));
  },
});

const rounded = (value: (t: FamilyTarget) => number): Record<FamilyTarget, number> =>
  Object.fromEntries(
    FAMILY_TARGETS.map((t) => [t, t === 'dsp' || t === 'bram' ? Math.round(Math.max(0, value(t))) : Math.max(1, value(t))]),
  ) as Record<FamilyTarget, number>;

/**
 * Ridge regression on the support alone, its penalty by leave-one-out. LUT and FF: log(count / baseline) on the columns of the head (training families' counts and shares of
 * parts). DSP and BRAM: counts on numbers and bits of multipliers and memories and the mean of the training families.
 */
const familyRidge = (model: FamilyModel): FamilyBaseline => ({
  name: 'ridge',
  least: 1,
  predict(support, designs) {
    const mapping = model.priorMapping();
    const out = {} as Record<FamilyTarget, number[]>;
    for (const t of COUNT_TARGETS) {
      const a = model.rows(support, mapping, t),
        b = model.rows(designs, mapping, t);
      const fitted = ridgePredict(
        a.map((r) => [...r.x]),
        support.map((s, i) => log(s.counts[t]) - a[i].base),
        b.map((r) => [...r.x]),
      );
      out[t] = fitted.map((v, i) => Math.exp(v + b[i].base));
    }
    const plain = (d: FamilyDesign, t: 'dsp' | 'bram'): number[] => {
      const { multipliers, memories } = model.parts(d);
      const onFamilies = mean(model.families.map((_, g) => countOn(model, g, d, t)));
      return t === 'dsp'
        ? [
            onFamilies,
            sum(multipliers, (m) => m.count),
            sum(multipliers, (m) => m.count * (m.x + m.w)),
            sum(multipliers, (m) => (m.constant ? m.count : 0)),
          ]
        : [
            onFamilies,
            ...(['rom', 'lines'] as const).flatMap((k) => {
              const ofKind = memories.filter((m) => m.kind === k);
              return [sum(ofKind, (m) => m.depth * m.width) / 1000, sum(ofKind, (m) => m.width)];
            }),
          ];
    };
    for (const t of ['dsp', 'bram'] as const)
      out[t] = ridgePredict(
        support.map((s) => plain(s, t)),
        support.map((s) => s.counts[t]),
        designs.map((d) => plain(d, t)),
      );
    return designs.map((_, i) => rounded((t) => out[t][i]));
  },
});

const sum = <T>(items: readonly T[], value: (item: T) => number): number => items.reduce((s, item) => s + value(item), 0);

/** All of them, as the protocol shows them. */
export const familyBaselines = (model: FamilyModel): FamilyBaseline[] => [
  nearestFamily(model),
  familyRidge(model),
  meanRatio(model),
];
