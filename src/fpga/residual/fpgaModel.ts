import { HwcastError } from '../../core/errors.js';
import { type FpgaPart, fpgaPartNamed } from '../../device/fpgaParts.js';
import type { ModelParts } from '../../surrogate/modelFolder.js';
import type { Estimate } from '../../surrogate/predictor.js';
import { Parameters } from '../../tensor/parameters.js';
import type { HlsDesign, LabelStage } from '../design/hlsDesign.js';
import { hasBlockDesign } from '../design/modelledTool.js';
import { withSparsity } from '../design/sparsity.js';
import { isTrained } from '../design/trainedNetwork.js';
import { DESIGN_TARGETS, type DesignTarget } from '../designTargets.js';
import { type DesignOptions, type DesignPrediction, type DesignPredictor, designEstimate } from '../fpgaPredictor.js';
import { analyseDesign } from '../rules/analyseDesign.js';
import { dspLimit } from '../rules/dspLimit.js';
import { laterCounts } from '../rules/laterCounts.js';
import { kindsFound } from './kindsFound.js';
import { fpgaLayerFeatures, RESIDUAL_TARGETS } from './layerFeatures.js';
import {
  applyResidual,
  type Calibrated,
  calibrationOf,
  ensembleForward,
  intervalOf,
  type ResidualModel,
  strataOf,
} from './residualModel.js';
import { type ResidualConfig, residualSpecs } from './residualNetwork.js';
import { ingredientsOf, weightWidthsOf } from './seenKinds.js';

const T = RESIDUAL_TARGETS.length;
const CALIBRATED_AS: Record<DesignTarget, Calibrated | undefined> = {
  lut: 'lut',
  ff: 'ff',
  dsp: 'dsp',
  bram18: 'bram18',
  uram: undefined,
  cycles_min: 'lat',
  cycles: 'lat',
  ii_min: 'ii',
  ii: 'ii',
};
/** What a chain of saturating sums may not need, by target. */
const CHAINED = { lut: 'lut', ff: 'ff', lat: 'cycles', ii: 'ii' } as const;
const FORMAT = 1;

/** Share of zero weights at which an interval begins where zeros are not known: that of the pruned network in hls4ml's tutorial, part 7. */
const PRUNED = 0.75;

/** Block RAM that the block design around a placed design may take beside it: twice that of the one that is known, hls4ml's tutorial, part 7a, where 14 are placed and the tables of the design are 4. */
const BLOCK_DESIGN_BRAM18 = 20;

/** What was found of a design, for its warnings. */
interface FoundFor {
  strata: readonly string[];
  kinds: readonly string[];
  found: Record<Calibrated, ReturnType<typeof calibrationOf>>;
  partial: boolean;
  /** kinds of layers that were seen with another tool or io type only */
  elsewhere: readonly string[];
}

/**
 * The analytical core with its learned residual: values of a stage with 90 % intervals. A target of a kind of designs whose residual did not prove itself on
 * left-out models is the rule's value, and says so (`analytical`). Pure and synchronous; a design is predicted the same alone and in a batch.
 */
export class FpgaModel implements DesignPredictor {
  readonly name: string;
  readonly #forward: ReturnType<typeof ensembleForward>;
  readonly #kinds: Set<string>;
  readonly #parts = new Map<string, FpgaPart>();

  constructor(readonly residual: ResidualModel) {
    this.name = `residual-${residual.config.encoder}`;
    this.#forward = ensembleForward(residual.config, residual.members);
    this.#kinds = new Set(residual.config.kinds);
  }

  /** @throws HwcastError `not-found` for a part that is named but not known. */
  predict(
    designs: readonly HlsDesign[],
    options: DesignOptions & { topLevel?: boolean } = { stage: 'csynth' },
  ): DesignPrediction[] {
    return designs.map((design) => this.#one(design, options));
  }

  #one(design: HlsDesign, { stage, part: given, topLevel }: DesignOptions & { topLevel?: boolean }): DesignPrediction {
    const part = given ?? this.#partOf(design);
    const analysis = analyseDesign(design, { part, topLevel }),
      { total } = analysis;
    const features = fpgaLayerFeatures(design, analysis, { stage, part }),
      strata = strataOf(design, features, stage),
      made = { kinds: ingredientsOf(design, topLevel), widths: weightWidthsOf(design) },
      partial = analysis.layers.some((l) => l.kind === 'opaque');
    const found = {} as Record<Calibrated, ReturnType<typeof calibrationOf>>;
    const near = (target: Calibrated) =>
      topLevel === false ? undefined : kindsFound(this.residual, design, analysis.layers, stage, target);
    let trusted = false;
    for (const target of RESIDUAL_TARGETS) {
      found[target] = calibrationOf(this.residual, strata, target, made, near(target));
      if (found[target]?.trust) trusted = true;
    }
    found.ii = calibrationOf(this.residual, strata, 'ii', made, near('ii'));
    const value = new Float64Array(T),
      differs = new Float64Array(T);
    if (trusted) this.#forward(features, value, differs);

    const zeros =
        found.lut && found.lut.of !== 'same' && !partial ? withZeros(design, analysis, { stage, part, topLevel }) : undefined,
      // of the networks collected with known zeros half have 40 % or more
      sparse = isTrained(design) ? zeros : undefined;
    const targets = {} as DesignPrediction['targets'];
    for (const target of DESIGN_TARGETS) {
      const as = CALIBRATED_AS[target],
        calibration = as && found[as],
        t = as && as !== 'ii' ? RESIDUAL_TARGETS.indexOf(as) : -1;
      const rule = t >= 0 ? features.totals[t] : target === 'ii_min' ? total.iiMin : target === 'ii' ? total.iiMax : total.uram;
      const trust = t >= 0 ? (calibration?.trust ?? 0) : 0;
      let v = t >= 0 && trust > 0 ? applyResidual(t, rule, value[t], differs[t], trust) : Math.round(rule);
      // the best case keeps its ratio to the worst
      if (target === 'cycles_min' && total.latencyMax > 0) v = Math.round((v * total.latencyMin) / total.latencyMax);
      targets[target] = designEstimate(
        target,
        v,
        trust > 0 ? 'surrogate' : 'analytical',
        partial || !calibration
          ? undefined
          : atLeast(intervalOf(v, calibration.halfWidth, calibration.exact), as === 'ii' ? 1 : 0),
      );
      const sparser = calibration && calibration.of !== 'same' ? sparse?.[target] : undefined;
      if (sparser !== undefined)
        reaching(targets[target], atLeast(intervalOf(sparser, calibration!.halfWidth), as === 'ii' ? 1 : 0));
      if (target === 'ff' && stage !== 'csynth') raised(targets.ff, analysis.kept.beyond?.ffMost);
      if (target === 'lut') raised(targets.lut, analysis.rounded?.more);
      if (target === 'bram18' && stage === 'impl' && hasBlockDesign(design)) raised(targets.bram18, BLOCK_DESIGN_BRAM18);
      const chained = analysis.rounded && (as && as in CHAINED ? analysis.rounded[CHAINED[as as keyof typeof CHAINED]] : 0);
      if (chained && calibration)
        lowered(targets[target], Math.max(as === 'ii' ? 1 : 0, intervalOf(Math.max(0, v - chained), calibration.halfWidth).low));
      if (target === 'dsp') capped(targets.dsp, dspLimit(design, analysis, part));
    }
    const elsewhere = near('lut')?.elsewhere ?? [];
    const warnings = this.#warnings(design, stage, { strata, kinds: made.kinds, found, partial, elsewhere }, analysis.warnings);
    if (zeros) warnings.push(zerosLine(zeros, stage, sparse !== undefined));
    return { stage, targets, analysis, warnings, assumptions: [...design.assumptions], ...(partial ? { partial } : {}) };
  }

  /** Looking a part up takes longer than predicting. */
  #partOf(design: HlsDesign): FpgaPart | undefined {
    if (design.part === undefined) return undefined;
    let part = this.#parts.get(design.part);
    if (!part) {
      part = fpgaPartNamed(design.part);
      this.#parts.set(design.part, part);
    }
    return part;
  }

  #warnings(
    design: HlsDesign,
    stage: string,
    { strata, kinds, found, partial, elsewhere }: FoundFor,
    from: readonly string[],
  ): string[] {
    const warnings = [...from];
    const { calibration, seen } = this.residual;
    const known = strata.slice(0, 2).find((s) => calibration[s]);
    if (partial)
      warnings.push(
        'totals are lower bounds: what a layer costs is not counted, so there is no interval; of DSP and BRAM logic synthesis may leave fewer',
      );
    else if (!calibration[strata[strata.length - 1]])
      warnings.push(`no design of stage ${stage} was in training: values are those of the rules, without interval`);
    else if (!found.lut) {
      const unseen = known
        ? kinds.filter((k) => !seen?.[known]?.includes(k))
        : kinds.filter((k) => k.startsWith('io_') && !Object.keys(calibration).some((key) => key.endsWith(`/${k}`)));
      const what = unseen.length ? `with ${unseen.join(', ')}` : `of kind ${strata[1]}`;
      warnings.push(`no or too few designs ${what} were collected: values are those of the rules, without interval`);
    } else if (found.lut.of === 'kinds')
      warnings.push(
        `no design of this kind, tool version and part was in training: values are those of the rules, intervals how far these were off on whole designs with such layers${elsewhere.length ? `; ${elsewhere.join(', ')} only with another tool or io type, or only layers that work alike, so wider` : ''}`,
      );
    else if (found.lut.of === 'elsewhere')
      warnings.push(
        `too few designs of this kind, tool version and part were in training: values are those of the rules, intervals of ${known} with other tools, versions or parts`,
      );
    if (!partial && found.dsp?.halfWidth === Number.POSITIVE_INFINITY)
      warnings.push(
        `no design of this kind with ${weightWidthsOf(design).join(', ')} was collected: DSP anything up to what all products would take`,
      );
    const untrained = [...new Set(design.layers.map((l) => l.kind))].filter(
      (kind) => kind !== 'opaque' && !this.#kinds.has(kind),
    );
    if (untrained.length)
      warnings.push(`no ${untrained.join(', ')} was in training: costs of such layers are those of the rules`);
    return warnings;
  }
}

/** An interval from `least` on. */
const atLeast = ({ low, high }: { low: number; high: number }, least: number): { low: number; high: number } => ({
  low: Math.max(low, least),
  high,
});

/** Counts of a design whose weights were taken as dense with as many zeros as pruning leaves: its zeros are not known, so an interval begins there. */
function withZeros(
  design: HlsDesign,
  { takenDense }: { takenDense: readonly string[] },
  { stage, part, topLevel }: DesignOptions & { topLevel?: boolean },
): Partial<Record<DesignTarget, number>> | undefined {
  if (!takenDense.length) return undefined;
  const { total, kept } = analyseDesign(withSparsity(design, PRUNED), { part, topLevel }),
    { lut, ff, dsp } = laterCounts(total, kept, stage);
  return { lut, ff, dsp, cycles_min: total.latencyMin, cycles: total.latencyMax, ii_min: total.iiMin, ii: total.iiMax };
}

/** What a design whose weights were taken as dense would be with as many zeros as pruning leaves. */
function zerosLine({ lut, ff, dsp }: Partial<Record<DesignTarget, number>>, stage: LabelStage, within: boolean): string {
  const counts = [lut, ff, dsp].map((count) => Math.round(count ?? 0));
  return `with ${100 * PRUNED} % of these weights zero ${stage} would have LUT ${counts[0]}, FF ${counts[1]}, DSP ${counts[2]}; ${within ? 'intervals reach so low' : 'intervals are those of dense weights'}`;
}

/** An interval that reaches to the ends of another: fewer multipliers that are shared take more turns. */
function reaching(estimate: Estimate, { low, high }: { low: number; high: number }): void {
  if (estimate.high === null) return;
  lowered(estimate, low);
  estimate.high = Math.max(estimate.high, high);
}

function lowered(estimate: Estimate, low: number): void {
  if (estimate.low !== null) estimate.low = Math.min(estimate.low, low);
}

/** An interval that reaches higher by `more`. */
function raised(estimate: Estimate, more = 0): void {
  if (estimate.high !== null) estimate.high += more;
}

/** An interval ends at what all products would take. */
function capped(dsp: Estimate, most: number): void {
  if (dsp.high !== null) dsp.high = Math.max(dsp.value, Math.min(dsp.high, most));
}

/** What a model file holds. */
export function residualToParts({ config, members, calibration, seen, seed }: ResidualModel): ModelParts {
  const { scaler, ...network } = config;
  return {
    parts: { format: FORMAT, network, calibration, ...(seen ? { seen } : {}), seed, members: members.length },
    scaler,
    tensors: Object.fromEntries(
      members.flatMap((member, m) => member.named().map(({ name, shape, data }) => [`member${m}.${name}`, { shape, data }])),
    ),
  };
}

/** @throws HwcastError `newer-format`, or `corrupt` where tensors are missing or have other shapes than the network. */
export function residualFromParts({ parts, scaler, tensors }: ModelParts, where?: string): ResidualModel {
  const p = parts as {
    format?: number;
    network?: Omit<ResidualConfig, 'scaler'>;
    calibration?: ResidualModel['calibration'];
    seen?: ResidualModel['seen'];
    seed?: number | string;
    members?: number;
  };
  if (p?.format !== FORMAT)
    throw new HwcastError(
      typeof p?.format === 'number' && p.format > FORMAT ? 'newer-format' : 'corrupt',
      `residual of format ${p?.format}, this version reads ${FORMAT}`,
      { where },
    );
  if (!p.network || !p.calibration || !p.members || !scaler)
    throw new HwcastError('corrupt', 'the residual lacks network, calibration or members', { where });
  const config: ResidualConfig = { ...p.network, scaler: scaler as ResidualConfig['scaler'] };
  const members = Array.from({ length: p.members }, (_, m) =>
    Parameters.fromNamed(
      residualSpecs(config).map(({ name, shape }) => {
        const tensor = tensors[`member${m}.${name}`];
        if (!tensor || !(tensor.data instanceof Float32Array) || String(tensor.shape) !== String(shape))
          throw new HwcastError(
            'corrupt',
            `tensor 'member${m}.${name}' of shape [${shape}] is ${tensor ? `[${tensor.shape}]` : 'missing'}`,
            { where, hint: 'the model was made by another version: train it again' },
          );
        return { name, shape, data: tensor.data };
      }),
    ),
  );
  return { config, members, calibration: p.calibration, ...(p.seen ? { seen: p.seen } : {}), seed: p.seed ?? 0 };
}
