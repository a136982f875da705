import { closeNames, HwcastError } from '../../core/errors.js';
import { kept } from '../../core/kept.js';
import type { Target } from '../../graph/targets.js';
import type { Estimate, Prediction, Predictor, Provenance } from '../../surrogate/predictor.js';
import type { HlsDesign } from '../design/hlsDesign.js';
import { designEstimate, exactEstimate } from '../fpgaPredictor.js';
import type { LateStage } from '../supportLines.js';
import { type IntegerNetwork, integerNetwork } from '../synth/integerNetwork.js';
import { verilogNetwork } from '../synth/verilogNetwork.js';
import type { Knowledge } from './adaptCounts.js';
import { COUNT_TARGETS, type CountTarget, FAMILY_TARGETS, type FamilyCounts, type FamilyTarget } from './familyCounts.js';
import type { AdaptedFamily, CountEstimate, FamilyDesign, FamilyModel } from './familyModel.js';
import type { FpgaFamilies } from './familyModelFolder.js';
import { type BramUnit, bramUnitOf, type FamilySupportRow } from './familySupport.js';
import { type KnownDesigns, type SeededDesign, sameVerilog, seededDesign } from './seededDesign.js';

/**
 * What is predicted of hwcast's Verilog of a design on one family of FPGAs: block RAM is `bram18` where the family counts blocks of 18 Kb, else `bram`;
 * cycles stand there only where a rule tells them.
 */
export interface FamilyDesignPrediction extends Prediction {
  id: string;
  stage: LateStage;
  /** `unseen`: no training family synthesised the design, it is known from its parts only */
  knowledge: Knowledge;
}

/** Predicts designs on one family of FPGAs. */
export interface FamilyPredictor extends Predictor<HlsDesign> {
  readonly bram: BramUnit;
  readonly stage: LateStage;
  /**
   * @param options `seed`: of the weights
   * @throws HwcastError `unsupported`, `bad-input` naming design and layer, for what is not written as Verilog
   */
  predict(designs: readonly HlsDesign[], options?: { seed?: number }): FamilyDesignPrediction[];
}

/** The predictor of a family from what it was adapted to. Measured designs are as measured. */
export function familyPredictor(of: {
  name: string;
  adapted: AdaptedFamily;
  model: FamilyModel;
  designs: KnownDesigns;
  measured: readonly (SeededDesign & { counts: FamilyCounts })[];
  bram: BramUnit;
  stage: LateStage;
  provenance: Extract<Provenance, 'adapted' | 'surrogate'>;
}): FamilyPredictor {
  const most = largest(of.model),
    measured = new Map(of.measured.map((m) => [m.id, m]));
  return {
    name: of.name,
    bram: of.bram,
    stage: of.stage,
    predict(designs, { seed } = {}) {
      const asked = designs.map((d) => seededDesign(of.designs, d, seed));
      return of.adapted.predict(asked).map((p, i): FamilyDesignPrediction => {
        const have = measured.get(asked[i].id),
          counts = have && sameVerilog(have, asked[i]) ? have.counts : undefined;
        const estimate = (t: FamilyTarget): [Target, Estimate] => {
          const target = t === 'bram' ? of.bram : t;
          const { value, ...interval } = whole(p[t]);
          return [
            target,
            counts ? exactEstimate(target, counts[t], 'measured') : designEstimate(target, value, of.provenance, interval),
          ];
        };
        const network = integerNetwork(asked[i].design, asked[i].seed);
        const warnings: string[] = [];
        if (!counts && p.knowledge === 'unseen')
          warnings.push('no training family synthesised this design: it is known from the parts of its datapath only');
        for (const t of COUNT_TARGETS)
          if (!counts && p[t].value > most[t])
            warnings.push(
              `${Math.round(p[t].value)} ${t.toUpperCase()} is more than any training design has (${most[t]}): the interval may be too narrow`,
            );
        return {
          id: designs[i].id,
          stage: of.stage,
          targets: { ...Object.fromEntries(FAMILY_TARGETS.map(estimate)), ...cycles(network) },
          knowledge: p.knowledge,
          warnings,
          assumptions: network.assumptions,
        };
      });
    },
  };
}

/**
 * The predictor of a family that the model was trained on. Designs that it synthesised are as measured; those of other families follow from the model without the family, adapted to
 * all its designs; those of none have the family's own part costs, with the interval of the same adaptation around them (its errors are no smaller).
 * @throws HwcastError `not-found` naming the families of the model
 */
export function trainedFamily(families: FpgaFamilies, name: string): FamilyPredictor {
  return kept(
    kept(predictors, families.model, () => new Map<string, FamilyPredictor>()),
    name,
    () => predictorOfTrained(families, name),
  );
}

/** predictors made by this process, by model and family */
const predictors = new WeakMap<FamilyModel, Map<string, FamilyPredictor>>();

function predictorOfTrained({ model, designs }: FpgaFamilies, name: string): FamilyPredictor {
  if (!model.families.includes(name))
    throw new HwcastError('not-found', `the model has no family '${name}'`, {
      hint: `it has ${[...new Set([...closeNames(name, model.families), ...model.families])].join(', ')}; of another family, synthesise a few designs (hwcast fpga sample) and give --adapter`,
    });
  const measured = model
    .toJSON()
    .designs.flatMap(({ id, counts }) => (counts[name] ? [{ ...designs.get(id)!, counts: counts[name] }] : []));
  const without = model.without(name),
    adapted = without.adapt(measured),
    g = model.families.indexOf(name);
  const byParts = (d: FamilyDesign, t: CountTarget, { value, low, high }: CountEstimate): CountEstimate => {
    const cost = model.references.modelled(model.parts(d), g, t);
    return { value: cost, low: (cost * low) / value, high: (cost * high) / value };
  };
  return familyPredictor({
    name,
    adapted: {
      rules: adapted.rules,
      predict: (asked) =>
        adapted
          .predict(asked)
          .map((p, i) =>
            p.knowledge === 'seen' ? p : { ...p, lut: byParts(asked[i], 'lut', p.lut), ff: byParts(asked[i], 'ff', p.ff) },
          ),
    },
    model: without,
    designs,
    measured,
    bram: bramUnitOf(name),
    stage: 'vsynth',
    provenance: 'surrogate',
  });
}

/** Rows of a support that are filled in. @throws HwcastError `bad-input` without any */
export function measuredRows(rows: readonly FamilySupportRow[], where?: string): (SeededDesign & { counts: FamilyCounts })[] {
  const filled = rows.flatMap(({ counts, ...row }) => (counts ? [{ ...row, counts }] : []));
  if (!filled.length)
    throw new HwcastError(
      'bad-input',
      rows.length ? `none of the ${rows.length} designs is filled in` : 'the support set is empty',
      {
        where,
        hint: 'synthesise the designs and fill in lut, ff, dsp and bram; with Yosys: hwcast fpga synth --support FILE',
      },
    );
  return filled;
}

const whole = ({ value, low, high }: CountEstimate) => ({
  value: Math.round(value),
  low: Math.floor(low),
  high: Math.ceil(high),
});

/** Most LUT and FF of any training design. */
function largest(model: FamilyModel): Record<'lut' | 'ff', number> {
  const most = { lut: 0, ff: 0 };
  for (const { counts } of model.toJSON().designs)
    for (const c of Object.values(counts)) for (const t of COUNT_TARGETS) most[t] = Math.max(most[t], c[t]);
  return most;
}

/** Clock cycles of the Verilog; none for a chain with a convolution, whose cycles only a simulation tells. */
function cycles(network: IntegerNetwork): Prediction['targets'] {
  const { latency, interval } = verilogNetwork(network);
  const exact = (target: Target, value: number | null) =>
    value === null ? {} : { [target]: exactEstimate(target, value, 'analytical') };
  return { ...exact('cycles_min', latency), ...exact('cycles', latency), ...exact('ii_min', interval), ...exact('ii', interval) };
}
