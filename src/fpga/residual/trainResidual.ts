import { HwcastError } from '../../core/errors.js';
import { createRandom } from '../../core/random.js';
import { mean, standardDeviation, symmetricError, weightedQuantile } from '../../core/statistics.js';
import { adamState, adamStep } from '../../tensor/adam.js';
import { Parameters, valueAndGradient } from '../../tensor/parameters.js';
import { restoreTraining } from '../../tensor/restoreTraining.js';
import { tf } from '../../tensor/tf.js';
import type { HlsDesign, LabelStage } from '../design/hlsDesign.js';
import { analyseDesign, type DesignAnalysis } from '../rules/analyseDesign.js';
import { type DesignFeatures, fpgaLayerFeatures, RESIDUAL_TARGETS } from './layerFeatures.js';
import {
  applyResidual,
  CALIBRATED,
  type Calibration,
  ensembleForward,
  iiOf,
  type ResidualModel,
  strataOf,
} from './residualModel.js';
import {
  fitScaler,
  type ResidualConfig,
  type ResidualEncoder,
  residualBatch,
  residualForward,
  residualSpecs,
} from './residualNetwork.js';

/** A synthesised design to learn from. */
export interface ResidualRow {
  design: HlsDesign;
  stage: LabelStage;
  /** counts and cycles; absent where the tool gave none */
  labels: { lut?: number; ff?: number; dsp?: number; bram18?: number; latMax?: number; iiMax?: number };
  /** rows of one group are near-duplicates and are left out together: its model */
  group: string;
  /** false: a module of a larger design, without ports of its own */
  topLevel?: boolean;
}

export interface ResidualOptions {
  /** mlp unless told */
  encoder?: ResidualEncoder;
  /** networks of the ensemble, each trained without its share of the groups; 4 unless told */
  members?: number;
  /** designs that are not learned from: how far the rules are off on them is the interval of kinds that training does not have */
  intervalRows?: readonly ResidualRow[];
  /** passes over the designs; 200 unless told */
  epochs?: number;
  /** units of the hidden layers; 32 unless told */
  width?: number;
  /** designs a step; 96 unless told */
  batch?: number;
  /** rate of AdamW at the start, falling to 0 along a cosine; 0.015 unless told */
  rate?: number;
  /** decoupled weight decay; 0.05 unless told */
  weightDecay?: number;
  seed?: number | string;
  /** epochs between checkpoints; 20 unless told */
  every?: number;
  signal?: AbortSignal;
  onProgress?: (progress: { member: number; members: number; epoch: number; epochs: number; loss: number }) => void;
  /** called every `every` epochs and when interrupted; the state resumes the run exactly */
  onCheckpoint?: (state: ResidualState) => void;
  resume?: ResidualState;
}

/** Everything a run needs to go on; plain data. The random numbers of an epoch follow from seed, member and epoch. */
export interface ResidualState {
  /** members done, and epochs of the next one */
  finished: Float32Array[];
  epoch: number;
  arrays: { parameters: Float32Array; m: Float32Array; v: Float32Array };
}

/** Passes over the designs unless told. */
export const RESIDUAL_EPOCHS = 200;
const T = RESIDUAL_TARGETS.length;
/** Width of the parabola of the loss: below it a log ratio counts squared, beyond it by its size. */
const DELTA = 0.05;
/** Weight of the cross entropy of the heads that say whether the rule is off. */
const OFF_WEIGHT = 0.2;
/** Trust tried on left-out groups; a stratum needs so many rows and groups to have its own. */
const TRUSTS = [0, 0.25, 0.5, 0.75, 1],
  LEAST_ROWS = 8,
  LEAST_GROUPS = 3;
const COVERAGE = 0.9;

export interface PreparedRow extends ResidualRow {
  analysis: DesignAnalysis;
  features: DesignFeatures;
  /** [RESIDUAL_TARGETS]; NaN where the tool gave none */
  targets: Float64Array;
  strata: string[];
}

/** Rows with their analysis and features: once for many trainings on parts of them. */
export const prepareRows = (rows: readonly ResidualRow[]): PreparedRow[] =>
  rows.map((row) => {
    const analysis = analyseDesign(row.design, { topLevel: row.topLevel });
    const features = fpgaLayerFeatures(row.design, analysis, { stage: row.stage });
    const { lut, ff, dsp, bram18, latMax } = row.labels;
    return {
      ...row,
      analysis,
      features,
      targets: Float64Array.of(lut ?? NaN, ff ?? NaN, dsp ?? NaN, bram18 ?? NaN, latMax ?? NaN),
      strata: strataOf(row.design, features, row.stage),
    };
  });

/**
 * Trains what the analytical core leaves over: an ensemble of residual networks, each without a share of the groups, whose left-out predictions then tell
 * per stratum and target how far to trust the residual (not at all where it does not beat the rules by more than a standard error over groups) and how wide
 * an interval must be (split conformal, each model with the same weight, Vovk et al. 2005; left-out members see fewer designs than the ensemble, so it errs on the wide side).
 *
 * Loss: pseudo-Huber of log((y + 1) / (label + 1)), for counted targets only where the rule is off, and the cross entropy of whether it is off. A design
 * counts by 1 / sqrt(designs of its stratum). Needs a ready backend (`initBackend`). The same seed gives the same bytes.
 * @throws HwcastError `bad-input` for fewer than four groups, `interrupted` after a last checkpoint on abort.
 */
export async function trainResidual(rows: readonly ResidualRow[], options: ResidualOptions = {}): Promise<ResidualModel> {
  return trainPrepared(prepareRows(rows), options);
}

/** `trainResidual` of rows that are prepared. */
export async function trainPrepared(prepared: readonly PreparedRow[], options: ResidualOptions = {}): Promise<ResidualModel> {
  const {
    encoder = 'mlp',
    members: count = 4,
    epochs = RESIDUAL_EPOCHS,
    width = 32,
    batch = 96,
    rate = 0.015,
    weightDecay = 0.05,
    seed = 0,
    every = 20,
  } = options;
  const fold = foldsOf(prepared, count, seed);
  const config: ResidualConfig = {
    encoder,
    width,
    scaler: fitScaler(prepared.map((r) => r.features)),
    cap: capsOf(prepared),
    kinds: [...new Set(prepared.flatMap((r) => r.features.kinds))].sort(),
  };
  const targets = targetsOf(prepared);
  const members = (options.resume?.finished ?? []).map((data, m) => initial(config, seed, m).with(data.slice()));
  for (let m = members.length; m < count; m++) {
    const parameters = initial(config, seed, m),
      adam = adamState(parameters.data.length),
      root = createRandom(`${seed}/member ${m}`);
    const own = prepared.map((_, i) => i).filter((i) => fold[i] !== m),
      steps = Math.ceil(own.length / batch);
    let from = 0;
    if (options.resume && m === options.resume.finished.length) {
      from = options.resume.epoch;
      restoreTraining(options.resume.arrays, parameters, adam, from * steps);
    }
    const state = (epoch: number): ResidualState => ({
      finished: members.map((p) => p.data.slice()),
      epoch,
      arrays: { parameters: parameters.data.slice(), m: adam.m.slice(), v: adam.v.slice() },
    });
    for (let epoch = from + 1; epoch <= epochs; epoch++) {
      // the tensor operations are synchronous: let signals and timers in
      await new Promise((resolve) => setImmediate(resolve));
      if (options.signal?.aborted) {
        options.onCheckpoint?.(state(epoch - 1));
        throw new HwcastError(
          'interrupted',
          `training of the residual stopped in member ${m + 1} of ${count} after epoch ${epoch - 1} of ${epochs}`,
          {
            hint: 'resume it from the checkpoint',
          },
        );
      }
      const order = root.fork(`epoch ${epoch}`).shuffle([...own]);
      let loss = 0;
      for (let step = 0; step < steps; step++) {
        const part = order.slice(step * batch, (step + 1) * batch);
        const { value, gradient } = valueAndGradient(parameters, (p) => residualLoss(p, prepared, part, targets, config));
        if (!Number.isFinite(value))
          throw new HwcastError('quality-gate', `the loss became ${value} in epoch ${epoch}`, { hint: 'lower the rate' });
        const progress = ((epoch - 1) * steps + step) / (epochs * steps);
        adamStep(parameters.data, gradient, adam, { rate: rate * 0.5 * (1 + Math.cos(Math.PI * progress)), weightDecay });
        loss += (value * part.length) / own.length;
      }
      options.onProgress?.({ member: m + 1, members: count, epoch, epochs, loss });
      if (epoch % every === 0 && epoch < epochs) options.onCheckpoint?.(state(epoch));
    }
    members.push(parameters);
  }
  const calibration = {
    ...ruleCalibration(prepareRows(options.intervalRows ?? [])),
    ...calibrate(prepared, config, members, fold),
  };
  return { config, members, calibration, seed };
}

const initial = (config: ResidualConfig, seed: number | string, m: number): Parameters =>
  Parameters.create(residualSpecs(config), `${seed}/residual ${m}`);

/** Fold of each row: groups in turn, those of one stratum after each other, so that each fold has some of all. */
function foldsOf(rows: readonly PreparedRow[], count: number, seed: number | string): Int32Array {
  const stratum = new Map<string, string>();
  for (const { group, strata } of rows) if (!stratum.has(group)) stratum.set(group, strata[0]);
  if (stratum.size < Math.max(4, count))
    throw new HwcastError('bad-input', `${stratum.size} groups of designs: too few to leave some out`, {
      hint: 'a residual needs rows of at least four models',
    });
  const names = createRandom(`${seed}/folds`).shuffle([...stratum.keys()].sort());
  names.sort((a, b) => (stratum.get(a)! < stratum.get(b)! ? -1 : stratum.get(a)! > stratum.get(b)! ? 1 : 0));
  const fold = new Map(names.map((name, i) => [name, i % count]));
  return Int32Array.from(rows, (r) => fold.get(r.group)!);
}

/** Largest |log residual| seen, at least 5 % and at most a factor 400. */
function capsOf(rows: readonly PreparedRow[]): number[] {
  return RESIDUAL_TARGETS.map((_, t) => {
    let most = 0.05;
    for (const { targets, features } of rows) {
      const r = Math.abs(Math.log((targets[t] + 1) / (features.totals[t] + 1)));
      if (features.totals[t] > 0 && r > most) most = r;
    }
    return Math.min(6, most);
  });
}

interface Targets {
  /** [rows, T] each */
  label: Float32Array;
  weight: Float32Array;
  off: Float32Array;
  offWeight: Float32Array;
}

function targetsOf(rows: readonly PreparedRow[]): Targets {
  const size = new Map<string, number>();
  for (const { strata } of rows) size.set(strata[0], (size.get(strata[0]) ?? 0) + 1);
  const out = {
    label: new Float32Array(rows.length * T),
    weight: new Float32Array(rows.length * T),
    off: new Float32Array(rows.length * T),
    offWeight: new Float32Array(rows.length * T),
  };
  rows.forEach(({ targets, features, strata }, i) => {
    const w = 1 / Math.sqrt(size.get(strata[0])!);
    for (let t = 0; t < T; t++) {
      const y = targets[t],
        at = i * T + t;
      if (Number.isNaN(y)) continue;
      const off = y !== Math.round(features.totals[t]);
      out.label[at] = y;
      out.weight[at] = t < 2 || off ? w : 0;
      if (t < 2) continue;
      out.off[at] = off ? 1 : 0;
      out.offWeight[at] = w;
    }
  });
  return out;
}

function residualLoss(
  p: Record<string, tf.Tensor>,
  rows: readonly PreparedRow[],
  part: readonly number[],
  targets: Targets,
  config: ResidualConfig,
): tf.Scalar {
  const pick = (data: Float32Array): tf.Tensor2D => {
    const out = new Float32Array(part.length * T);
    part.forEach((row, i) => {
      out.set(data.subarray(row * T, (row + 1) * T), i * T);
    });
    return tf.tensor2d(out, [part.length, T]);
  };
  const { value, off } = residualForward(
    p,
    residualBatch(
      part.map((i) => rows[i].features),
      config,
    ),
    config,
  );
  const ratio = tf.sub(tf.log(tf.add(value, 1)), tf.log(tf.add(pick(targets.label), 1)));
  const huber = tf.sub(tf.sqrt(tf.add(tf.square(ratio), DELTA * DELTA)), DELTA),
    weight = pick(targets.weight);
  const isOff = pick(targets.off),
    offWeight = pick(targets.offWeight);
  // P(on) = exp(-off)
  const certain = tf.sub(1, tf.exp(tf.neg(tf.add(off, 1e-6))));
  const entropy = tf.add(tf.mul(isOff, tf.neg(tf.log(certain))), tf.mul(tf.sub(1, isOff), off));
  const averaged = (loss: tf.Tensor, w: tf.Tensor) => tf.div(tf.sum(tf.mul(loss, w)), tf.add(tf.sum(w), 1e-9));
  return tf.add(averaged(huber, weight), tf.mul(OFF_WEIGHT, averaged(entropy, offWeight))) as tf.Scalar;
}

interface LeftOut {
  group: string;
  label: number;
  analytical: number;
  value: number;
  differs: number;
}

/** Trust and interval of each stratum and target from predictions of rows by the member that did not see their group. */
function calibrate(
  rows: readonly PreparedRow[],
  config: ResidualConfig,
  members: readonly Parameters[],
  fold: Int32Array,
): ResidualModel['calibration'] {
  const forwards = members.map((m) => ensembleForward(config, [m]));
  return calibrationsOf(rows, (row, i, value, differs) => forwards[fold[i]](row.features, value, differs));
}

/** Intervals of the rules by stratum, trust 0, from designs that were not learned from. */
const ruleCalibration = (rows: readonly PreparedRow[]): ResidualModel['calibration'] =>
  calibrationsOf(rows, (row, _, value) => value.set(row.features.totals));

/** `predict` writes the values of a row and how probably the rule differs, [targets] each. */
function calibrationsOf(
  rows: readonly PreparedRow[],
  predict: (row: PreparedRow, i: number, value: Float64Array, differs: Float64Array) => void,
): ResidualModel['calibration'] {
  const found = new Map<string, LeftOut[][]>();
  const value = new Float64Array(T),
    differs = new Float64Array(T);
  rows.forEach((row, i) => {
    predict(row, i, value, differs);
    for (const stratum of row.strata) {
      let lists = found.get(stratum);
      if (!lists) {
        lists = CALIBRATED.map(() => []);
        found.set(stratum, lists);
      }
      for (let t = 0; t < T; t++)
        if (!Number.isNaN(row.targets[t]))
          lists[t].push({
            group: row.group,
            label: row.targets[t],
            analytical: row.features.totals[t],
            value: value[t],
            differs: differs[t],
          });
      const ii = row.labels.iiMax;
      if (ii !== undefined) lists[T].push({ group: row.group, label: ii, analytical: iiOf(row.analysis), value: 0, differs: 0 });
    }
  });
  const out: ResidualModel['calibration'] = {};
  for (const stratum of [...found.keys()].sort()) {
    const lists = found.get(stratum)!;
    CALIBRATED.forEach((target, t) => {
      const groups = new Set(lists[t].map((l) => l.group)).size;
      if (lists[t].length < LEAST_ROWS || groups < LEAST_GROUPS) return;
      out[stratum] = { ...out[stratum], [target]: calibrationFrom(t, lists[t], groups) };
    });
  }
  return out;
}

function calibrationFrom(t: number, list: readonly LeftOut[], groups: number): Calibration {
  const errors = (trust: number) =>
    list.map((l) => symmetricError(l.label, applyResidual(t, l.analytical, l.value, l.differs, trust)));
  const plain = errors(0),
    analytical = mean(plain);
  let trust = 0,
    learned = analytical;
  if (t < T)
    for (const candidate of TRUSTS.slice(1)) {
      const tried = errors(candidate),
        error = mean(tried);
      if (error < learned && analytical - error > standardError(list, plain, tried)) {
        trust = candidate;
        learned = error;
      }
    }
  const sizes = new Map<string, number>();
  for (const { group } of list) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  // a model counts once, however many variants it has: the next design is one of another model
  const weights = list.map((l) => 1 / (groups * sizes.get(l.group)!)),
    share = (COVERAGE * (groups + 1)) / groups;
  const width = (at: number) =>
    weightedQuantile(
      list.map((l) => Math.abs(Math.log((l.label + 1) / (applyResidual(t, l.analytical, l.value, l.differs, at) + 1)))),
      weights,
      share,
    );
  return { trust, halfWidth: width(trust), ruleHalfWidth: width(0), rows: list.length, groups, analytical, learned };
}

/** Standard error of the mean gain over groups. */
function standardError(list: readonly LeftOut[], plain: readonly number[], tried: readonly number[]): number {
  const gains = new Map<string, number[]>();
  list.forEach(({ group }, i) => {
    const gain = plain[i] - tried[i],
      known = gains.get(group);
    if (known) known.push(gain);
    else gains.set(group, [gain]);
  });
  const means = [...gains.values()].map(mean);
  return standardDeviation(means) / Math.sqrt(means.length - 1);
}
