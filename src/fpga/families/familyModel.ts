import { z } from 'zod';
import { HwcastError } from '../../core/errors.js';
import { kept } from '../../core/kept.js';
import { mean } from '../../core/statistics.js';
import type { HlsDesign } from '../design/hlsDesign.js';
import type { DatapathParts } from '../synth/datapathParts.js';
import { type AdaptedCounts, adaptCounts, type CountTunings, chooseRows, type Knowledge } from './adaptCounts.js';
import { type DesignMapping, PACKINGS, type Packing } from './designFeatures.js';
import { designParts, designRuleCounts } from './designParts.js';
import {
  COUNT_TARGETS,
  type CountTarget,
  FAMILY_TARGETS,
  type FamilyCounts,
  type FamilyTarget,
  type KnownDesign,
} from './familyCounts.js';
import type { FamilyReferences, HeadRow } from './familyReferences.js';
import { fitReferences } from './fitReferences.js';
import { type FittedNumbers, storedReferences } from './fittedReferences.js';
import {
  bestRules,
  type CountBelief,
  countBelief,
  LOGIC_RULES,
  type LogicRule,
  mappingOf,
  predictCount,
  RULE_TARGETS,
  type RuleCounts,
  RulePartition,
  type RuleTarget,
  rulePrior,
} from './mappingRules.js';
import { packingErrors } from './packingErrors.js';

/** A design to predict, or one that was measured. */
export interface FamilyDesign {
  id: string;
  design: HlsDesign;
  /** of its weights; absent: those of seed 0, which have the same distribution */
  seed?: number;
}
/** A design synthesised for a family. */
export interface FamilyRow extends FamilyDesign {
  family: string;
  counts: FamilyCounts;
}
/** A design measured on the new family. */
export interface FamilySupport extends FamilyDesign {
  counts: FamilyCounts;
}
export interface CountEstimate {
  value: number;
  /** 90 % interval */
  low: number;
  high: number;
}
export interface FamilyPrediction extends Record<FamilyTarget, CountEstimate> {
  id: string;
  /** `prior`: nothing of the family is known; `adapted`: from its measured designs */
  provenance: 'prior' | 'adapted';
  /** `seen`: training families synthesised the design; `unseen`: it is known from its parts only */
  knowledge: Knowledge;
}
/** A new family after adaptation. */
export interface AdaptedFamily {
  predict(designs: readonly FamilyDesign[]): FamilyPrediction[];
  /** the mapping rules that explain the support best */
  rules: ReturnType<typeof bestRules>;
}

/** Of the state of a model. */
export const FAMILY_MODEL_FORMAT = 1;
/** Rule information, nats, below which the next design is chosen for LUT and FF; share of the designs that rules may take. */
const RULE_INFORMATION = 0.05;
const RULE_SHARE = 0.5;

/** What is fitted to the designs: of the model, and of the model without each family. */
export interface FamilyFits {
  model: FittedNumbers;
  without: Readonly<Record<string, FittedNumbers>>;
}

export interface FamilyModelState {
  format: number;
  families: string[];
  designs: KnownDesign[];
  tuning: CountTunings;
}
const State = z.object({
  format: z.int(),
  families: z.array(z.string()).min(1),
  designs: z.array(z.custom<KnownDesign>((d) => typeof d === 'object' && d !== null && 'parts' in d && 'counts' in d)).min(1),
  tuning: z.custom<CountTunings>((t) => typeof t === 'object' && t !== null && COUNT_TARGETS.every((c) => c in t)),
});

/**
 * LUT, FF, DSP and BRAM of designs on a family of FPGAs that was never seen, from a few designs measured there: mapping rules by Bayesian inference over a grid, LUT
 * and FF by the hierarchical head over the training families' counts.
 */
export class FamilyModel {
  readonly references: FamilyReferences;
  private readonly numbers: FittedNumbers;
  /** the model without a family, made when it is asked for */
  private readonly leftOut = new Map<string, FamilyModel>();
  private readonly known: Map<string, KnownDesign>;
  private readonly priors: Record<RuleTarget, Float64Array>;
  /** probability of each way to count logic, by the training families that do so */
  private readonly logicPrior: readonly { rule: LogicRule; p: number }[];

  /** @param fits what was fitted to the designs before; fitted here unless given */
  constructor(
    private readonly state: FamilyModelState,
    private readonly fits: Partial<FamilyFits> = {},
  ) {
    const { families: names, designs } = state;
    if (fits.model) {
      this.numbers = fits.model;
      this.references = storedReferences(names, designs, fits.model);
    } else ({ numbers: this.numbers, references: this.references } = fitReferences(names, designs));
    this.known = new Map(state.designs.map((d) => [d.id, d]));
    const of = (t: RuleTarget) =>
      rulePrior(
        t,
        this.references.families.map((f) => f.rules[t]),
      );
    this.priors = { dsp: of('dsp'), bram: of('bram') };
    const { families } = this.references;
    this.logicPrior = LOGIC_RULES.map((rule) => {
      const like = families.filter((f) => f.logic.packing === rule.packing && f.logic.addersInLuts === rule.addersInLuts);
      return { rule, p: (like.length + 0.5) / (families.length + 0.5 * LOGIC_RULES.length) };
    });
  }

  get families(): readonly string[] {
    return this.state.families;
  }

  /** A training design by its id. */
  knownDesign(id: string): KnownDesign | undefined {
    return this.known.get(id);
  }

  parts({ design, seed }: FamilyDesign): DatapathParts {
    return designParts(design, seed);
  }

  /**
   * The model as if it had never seen a family: without its counts, and without the designs that no other family synthesised. What was tuned stays.
   */
  without(family: string): FamilyModel {
    return kept(this.leftOut, family, () => {
      const designs = this.state.designs.flatMap((d) => {
        const { [family]: _, ...counts } = d.counts;
        return Object.keys(counts).length ? [{ ...d, counts }] : [];
      });
      const families = this.families.filter((f) => f !== family);
      return new FamilyModel({ ...this.state, families, designs }, { model: this.fits.without?.[family] });
    });
  }

  /** What is fitted to the designs, for the model and for the model without each of its families. */
  fitted(): FamilyFits {
    const without = Object.fromEntries(this.families.map((f) => [f, this.fits.without?.[f] ?? this.without(f).numbers]));
    return { model: this.numbers, without };
  }

  /** Rows of designs under a mapping, as the head and the baselines see them. */
  rows(designs: readonly FamilyDesign[], mapping: DesignMapping, target: CountTarget): HeadRow[] {
    return designs.map((d) => this.references.headRow(this.parts(d), mapping, target, { known: this.known.get(d.id) }));
  }

  /** The most probable mapping before anything of a family is known. */
  priorMapping(): DesignMapping {
    const best = bestRules(this.priors);
    return mappingOf(best.dsp, best.bram, this.logicPrior.reduce((a, b) => (b.p > a.p ? b : a)).rule);
  }

  /** What the new family packs into multipliers: the most probable by the support's registers, whose deviations are as likely as those of the training families. */
  private packing(support: readonly FamilySupport[], { dsp, bram }: ReturnType<typeof bestRules>): Packing {
    const scale = mean(this.references.families.map((f) => f.packingError));
    const errors = packingErrors(
      PACKINGS.map((packing) => mappingOf(dsp, bram, { packing, addersInLuts: true })),
      support.map((s) => this.parts(s)),
      support.map((s) => s.counts.ff),
    );
    const log = PACKINGS.map((packing, i) => {
      const p = this.logicPrior.reduce((sum, l) => (l.rule.packing === packing ? sum + l.p : sum), 0);
      return Math.log(p) - (support.length ? (support.length * errors[i]) / scale : 0);
    });
    return PACKINGS[log.indexOf(Math.max(...log))];
  }

  /**
   * Positions of `k` candidates to measure on a new family, in the order to measure them: first those that tell the most of its mapping rules, then those whose LUT
   * counts are most uncertain.
   */
  choose(candidates: readonly FamilyDesign[], k: number): number[] {
    const counts = candidates.map((c) => designRuleCounts(this.parts(c))),
      partitions = RULE_TARGETS.map((t) => ({ t, p: new RulePartition(this.priors[t]) }));
    const chosen: number[] = [];
    while (chosen.length < Math.min(candidates.length, Math.ceil(RULE_SHARE * k))) {
      let best = -1,
        most = RULE_INFORMATION;
      candidates.forEach((_, i) => {
        if (chosen.includes(i)) return;
        const gain = partitions.reduce((s, { t, p }) => s + p.gain(counts[i][t]), 0);
        if (gain > most) {
          most = gain;
          best = i;
        }
      });
      if (best < 0) break;
      chosen.push(best);
      for (const { t, p } of partitions) p.split(counts[best][t]);
    }
    const rest = chooseRows(
      this.families.length,
      this.rows(candidates, this.priorMapping(), 'lut'),
      Math.max(0, Math.min(k, candidates.length) - chosen.length),
      chosen,
    );
    return [...chosen, ...rest];
  }

  /** @throws HwcastError `bad-input` for counts that are not whole numbers from 0 on, `unsupported` for designs that cannot be written as Verilog */
  adapt(support: readonly FamilySupport[]): AdaptedFamily {
    for (const s of support)
      for (const t of FAMILY_TARGETS)
        if (!Number.isInteger(s.counts[t]) || s.counts[t] < 0)
          throw new HwcastError('bad-input', `${t} of design '${s.id}' is ${s.counts[t]}`, {
            hint: 'counts are whole numbers from 0 on',
          });
    const counts = support.map((s) => designRuleCounts(this.parts(s)));
    const belief = Object.fromEntries(
      RULE_TARGETS.map((t) => [
        t,
        countBelief(
          this.priors[t],
          counts.map((c) => c[t]),
          support.map((s) => s.counts[t]),
          this.references.families.map((_, g) => support.map((s, i) => this.countOn(g, s, t, counts[i]))),
        ),
      ]),
    ) as Record<RuleTarget, CountBelief>;
    const rules = bestRules({ dsp: belief.dsp.rules, bram: belief.bram.rules });
    const head = (t: CountTarget, mapping: DesignMapping) =>
      adaptCounts(
        this.families.length,
        this.state.tuning[t],
        this.rows(support, mapping, t),
        support.map((s) => s.counts[t]),
      );
    const packing = this.packing(support, rules),
      addersInLuts = support.some((s) => s.counts.adders !== undefined) ? support.every((s) => !s.counts.adders) : undefined;
    const tried = this.logicPrior
      .filter(({ rule }) => rule.packing === packing && (addersInLuts === undefined || rule.addersInLuts === addersInLuts))
      .map(({ rule, p }) => {
        const mapping = mappingOf(rules.dsp, rules.bram, rule),
          lut = head('lut', mapping);
        return { mapping, lut, log: Math.log(p) + lut.logEvidence };
      });
    const { mapping, lut } = tried.reduce((a, b) => (b.log > a.log ? b : a));
    const adapted: Record<CountTarget, AdaptedCounts> = { lut, ff: head('ff', mapping) };
    return {
      rules,
      predict: (designs) => {
        const knowledge = designs.map((d): Knowledge => (this.known.has(d.id) ? 'seen' : 'unseen'));
        const estimate = (t: CountTarget): CountEstimate[] => {
          const rows = this.rows(designs, mapping, t),
            out: CountEstimate[] = new Array(rows.length);
          for (const kind of ['seen', 'unseen'] as const) {
            const at = knowledge.flatMap((k, i) => (k === kind ? [i] : []));
            adapted[t]
              .predict(
                at.map((i) => rows[i]),
                kind,
              )
              .forEach((p, j) => {
                out[at[j]] = p;
              });
          }
          return out;
        };
        const lut = estimate('lut'),
          ff = estimate('ff');
        return designs.map((d, i): FamilyPrediction => {
          const of = designRuleCounts(this.parts(d));
          return {
            id: d.id,
            lut: lut[i],
            ff: ff[i],
            dsp: predictCount(belief.dsp, of.dsp, this.countsOn(d, 'dsp', of)),
            bram: predictCount(belief.bram, of.bram, this.countsOn(d, 'bram', of)),
            provenance: support.length ? 'adapted' : 'prior',
            knowledge: knowledge[i],
          };
        });
      },
    };
  }

  /** Blocks of a design on training family `g`: measured, or by the family's most probable rule. */
  countOn(g: number, d: FamilyDesign, target: RuleTarget, counts: RuleCounts): number {
    const { name, likeliest } = this.references.families[g];
    return this.known.get(d.id)?.counts[name]?.[target] ?? counts[target][likeliest[target]];
  }

  private countsOn(d: FamilyDesign, target: RuleTarget, counts: RuleCounts): number[] {
    return this.references.families.map((_, g) => this.countOn(g, d, target, counts));
  }

  toJSON(): FamilyModelState {
    return this.state;
  }

  /** @throws HwcastError `newer-format`, `corrupt` */
  static fromJSON(value: unknown, where?: string): FamilyModel {
    return new FamilyModel(parseFamilyModelState(value, where));
  }
}

/** @throws HwcastError `newer-format`, `corrupt` */
export function parseFamilyModelState(value: unknown, where?: string): FamilyModelState {
  const parsed = State.safeParse(value);
  if (!parsed.success)
    throw new HwcastError('corrupt', `not a family model: ${z.prettifyError(parsed.error)}`, { where, cause: parsed.error });
  if (parsed.data.format > FAMILY_MODEL_FORMAT)
    throw new HwcastError(
      'newer-format',
      `a family model of format ${parsed.data.format}; this version reads up to ${FAMILY_MODEL_FORMAT}`,
      { where },
    );
  return parsed.data;
}
