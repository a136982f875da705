import { HwcastError } from '../../core/errors.js';
import { createRandom } from '../../core/random.js';
import { adamState, adamStep } from '../../tensor/adam.js';
import { Parameters } from '../../tensor/parameters.js';
import { valueAndGradient } from '../../tensor/parameterTensors.js';
import { restoreTraining } from '../../tensor/restoreTraining.js';
import { residualCalibration } from './calibrateResidual.js';
import { RESIDUAL_TARGETS } from './layerFeatures.js';
import { type ResidualLabels, residualLabels, residualLoss } from './residualLoss.js';
import type { ResidualModel } from './residualModel.js';
import { type ResidualConfig, type ResidualEncoder, residualSpecs } from './residualNetwork.js';
import { type PreparedRow, prepareRows, type ResidualRow } from './residualRow.js';
import { fitResidualScaler } from './residualScaler.js';
import { ruleIntervals } from './ruleIntervals.js';
import { seenKinds } from './seenKinds.js';

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
  const { encoder = 'mlp', members: count = 4, width = 32, seed = 0, resume } = options;
  const fold = foldsOf(prepared, count, seed);
  const config: ResidualConfig = {
    encoder,
    width,
    scaler: fitResidualScaler(prepared.map((r) => r.features)),
    cap: capsOf(prepared),
    kinds: [...new Set(prepared.flatMap((r) => r.features.kinds))].sort(),
  };
  const run: Run = { config, seed, count, rows: prepared, labels: residualLabels(prepared), options };
  const members = (resume?.finished ?? []).map((data, m) => initial(config, seed, m).with(data.slice()));
  for (let m = members.length; m < count; m++) {
    const learned = prepared.map((_, i) => i).filter((i) => fold[i] !== m);
    members.push(await trainMember(run, members, learned));
  }
  const rules = ruleIntervals(prepareRows(options.intervalRows ?? [])),
    calibration = { ...rules.calibration, ...residualCalibration(prepared, config, members, fold) };
  return { config, members, calibration, seen: { ...rules.seen, ...seenKinds(prepared) }, seed };
}

/** What the members of an ensemble share. */
interface Run {
  config: ResidualConfig;
  seed: number | string;
  count: number;
  rows: readonly PreparedRow[];
  labels: ResidualLabels;
  options: ResidualOptions;
}

/** Trains the member after those `finished` on the rows at `learned`. */
async function trainMember(run: Run, finished: readonly Parameters[], learned: readonly number[]): Promise<Parameters> {
  const { config, seed, count, rows, labels, options } = run;
  const { epochs = RESIDUAL_EPOCHS, batch = 96, rate = 0.015, weightDecay = 0.05, every = 20, resume } = options;
  const m = finished.length,
    parameters = initial(config, seed, m),
    adam = adamState(parameters.data.length),
    random = createRandom(`${seed}/member ${m}`),
    steps = Math.ceil(learned.length / batch);
  let done = 0;
  if (resume && m === resume.finished.length) {
    done = resume.epoch;
    restoreTraining(resume.arrays, parameters, adam, done * steps);
  }
  const state = (epoch: number): ResidualState => ({
    finished: finished.map((p) => p.data.slice()),
    epoch,
    arrays: { parameters: parameters.data.slice(), m: adam.m.slice(), v: adam.v.slice() },
  });
  for (let epoch = done + 1; epoch <= epochs; epoch++) {
    // the tensor operations are synchronous: let signals and timers in
    await new Promise((resolve) => setImmediate(resolve));
    if (options.signal?.aborted) {
      options.onCheckpoint?.(state(epoch - 1));
      throw new HwcastError(
        'interrupted',
        `training of the residual stopped in member ${m + 1} of ${count} after epoch ${epoch - 1} of ${epochs}`,
        { hint: 'resume it from the checkpoint' },
      );
    }
    const order = random.fork(`epoch ${epoch}`).shuffle([...learned]);
    let loss = 0;
    for (let step = 0; step < steps; step++) {
      const part = order.slice(step * batch, (step + 1) * batch);
      const { value, gradient } = valueAndGradient(parameters, (p) => residualLoss(p, rows, part, labels, config));
      if (!Number.isFinite(value))
        throw new HwcastError('quality-gate', `the loss became ${value} in epoch ${epoch}`, { hint: 'lower the rate' });
      const progress = ((epoch - 1) * steps + step) / (epochs * steps);
      adamStep(parameters.data, gradient, adam, { rate: rate * 0.5 * (1 + Math.cos(Math.PI * progress)), weightDecay });
      loss += (value * part.length) / learned.length;
    }
    options.onProgress?.({ member: m + 1, members: count, epoch, epochs, loss });
    if (epoch % every === 0 && epoch < epochs) options.onCheckpoint?.(state(epoch));
  }
  return parameters;
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
