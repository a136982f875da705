import { Explained } from './explained.js';
import { type Gram, gram, type Support } from './gram.js';
import { looMeanSquare } from './leaveOneOut.js';
import { posteriorWeights } from './posteriorWeights.js';
import { OFFSET_VARIANCE, type Setting } from './settings.js';
import { meanScale, type Solution, solveSettings } from './solveSettings.js';
import type { TaskPrior } from './taskPrior.js';

/** Posterior of one task: value(x) = scale (1 + x.weights + offset), with covariance [width + 1, width + 1] of (weights, offset) and noise variance, both relative. */
export interface Posterior {
  width: number;
  scale: number;
  weights: Float64Array;
  offset: number;
  covariance: Float64Array;
  noise: number;
  /** log marginal likelihood of the support under the whole prior, settings averaged */
  logEvidence: number;
  /** mean square of the leave-one-out residuals of the support over their predicted variance, settings averaged: above 1 where the support is explained worse than the posterior thinks */
  looSquare: number;
  /** posterior probability of each setting */
  probability: Float64Array;
}

/**
 * Posterior of a new task from its support set (docs/method.md 5), averaged over settings by evidence x prior probability (Bayesian model averaging, Hoeting et al.,
 * Statistical Science 1999). The covariance adds the spread between settings to the spread within each.
 */
export function adaptHead(
  prior: TaskPrior,
  group: Uint8Array,
  support: Support,
  settings: readonly Setting[],
  logPrior: ArrayLike<number>,
  withCovariance = true,
): Posterior {
  const { width, tasks } = prior,
    { X } = support;
  const g = gram(prior, group, support);
  const solved = solveSettings(g, settings, tasks);
  const evidence = averageEvidence(solved, logPrior);
  const used = usedSettings(settings, solved, evidence.probability);
  const components = used.flatMap(({ setting, solution, p }) =>
    solution.centres.map((c): Component => ({ p: p * c.p, weights: posteriorWeights(prior, group, X, setting, c) })),
  );
  const weights = new Float64Array(width + 1);
  for (const component of components) for (let j = 0; j <= width; j++) weights[j] += component.p * component.weights[j];
  let noise = 0;
  for (const { setting, solution, p } of used) noise += p * meanScale(setting, solution.centres) * setting.noise;
  const covariance = withCovariance ? withinSettings(prior, group, g, X, used) : new Float64Array();
  if (withCovariance) {
    addSpread(covariance, components, weights);
    mirrorLower(covariance, width + 1);
  }
  return {
    width,
    scale: g.scale,
    weights: weights.slice(0, width),
    offset: weights[width],
    covariance,
    noise,
    looSquare: looMeanSquare(settings, solved, evidence.log, evidence.top, g.k),
    logEvidence: evidence.logEvidence,
    probability: evidence.probability,
  };
}

/** The posterior weights of one setting under one of its centres, and their probability. */
interface Component {
  p: number;
  weights: Float64Array;
}

/** A setting that carries the posterior, with its share among those. */
interface UsedSetting {
  setting: Setting;
  solution: Solution;
  p: number;
}

/** Posterior probability of each setting, the log evidence + log prior probability that they come from, and the evidence of all. */
function averageEvidence(solved: readonly (Solution | undefined)[], logPrior: ArrayLike<number>) {
  const log = solved.map((r, i) => (r ? r.logEvidence + logPrior[i] : Number.NEGATIVE_INFINITY)),
    top = log.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const probability = Float64Array.from(log, (l) => Math.exp(l - top));
  let logPriorMass = 0;
  for (let i = 0; i < solved.length; i++) logPriorMass += Math.exp(logPrior[i]);
  const total = probability.reduce((a, b) => a + b, 0);
  for (let i = 0; i < probability.length; i++) probability[i] /= total;
  return { log, top, probability, logEvidence: top + Math.log(total / logPriorMass) };
}

/** Share of the posterior below which settings are left out. */
const CARRIED = 0.995;

/** The most probable settings, together `CARRIED` of the posterior. */
function usedSettings(
  settings: readonly Setting[],
  solved: readonly (Solution | undefined)[],
  probability: Float64Array,
): UsedSetting[] {
  const order = Array.from(settings.keys()).sort((a, b) => probability[b] - probability[a]);
  const used: UsedSetting[] = [];
  let carried = 0;
  for (const i of order) {
    const solution = solved[i];
    if (carried >= CARRIED) break;
    if (!solution) continue;
    carried += probability[i];
    used.push({ setting: settings[i], solution, p: probability[i] });
  }
  return used.map((u) => ({ ...u, p: u.p / carried }));
}

/** Covariance within the settings, averaged over them: C = P - (X P)^T K^-1 (X P), the lower triangle of [width + 1, width + 1]. */
function withinSettings(
  prior: TaskPrior,
  group: Uint8Array,
  g: Gram,
  X: Float64Array,
  used: readonly UsedSetting[],
): Float64Array {
  const { width, tasks, mean, deviations } = prior,
    n = width + 1,
    covariance = new Float64Array(n * n),
    explained = new Explained(prior, group, g, X);
  let device = 0,
    offsetVariance = 0;
  for (const { setting, solution, p } of used) {
    const share = p * meanScale(setting, solution.centres);
    for (let j = 0; j < width; j++) covariance[j * n + j] += share * setting.group[group[j]];
    device += share * setting.device;
    offsetVariance += share * OFFSET_VARIANCE;
    explained.add(setting, solution.L, share);
  }
  explained.subtractFrom(covariance);
  covariance[n * n - 1] += offsetVariance;
  for (let a = 0; a < width; a++)
    for (let b = 0; b <= a; b++) {
      let v = 0.5 * mean[a] * mean[b];
      for (let t = 0; t < tasks; t++) v += deviations[t * width + a] * deviations[t * width + b];
      covariance[a * n + b] += device * v;
    }
  return covariance;
}

/** Adds the spread of the components' weights around their mean to the lower triangle of `covariance`. */
function addSpread(covariance: Float64Array, components: readonly Component[], mean: Float64Array): void {
  const n = mean.length;
  for (const { p, weights } of components)
    for (let a = 0; a < n; a++)
      for (let b = 0; b <= a; b++) covariance[a * n + b] += p * (weights[a] - mean[a]) * (weights[b] - mean[b]);
}

function mirrorLower(matrix: Float64Array, n: number): void {
  for (let a = 0; a < n; a++) for (let b = 0; b < a; b++) matrix[b * n + a] = matrix[a * n + b];
}

/** Mean of the values (SI) and standard deviation relative to `scale`, for rows of `X` [rows, width]. The deviation includes the noise of one measurement. */
export function predictHead(
  p: Posterior,
  X: Float64Array,
  withDeviation = true,
): { mean: Float64Array; deviation: Float64Array } {
  const { width } = p,
    n = width + 1,
    rows = X.length / width;
  const mean = new Float64Array(rows),
    deviation = new Float64Array(withDeviation ? rows : 0),
    t = new Float64Array(n);
  for (let i = 0; i < rows; i++) {
    let m = 1 + p.offset;
    for (let j = 0; j < width; j++) m += X[i * width + j] * p.weights[j];
    mean[i] = p.scale * m;
    if (!withDeviation) continue;
    let v = p.covariance[n * n - 1];
    for (let a = 0; a < width; a++) t[a] = 2 * p.covariance[width * n + a];
    for (let a = 0; a < width; a++) {
      const x = X[i * width + a];
      if (x === 0) continue;
      let s = t[a] + x * p.covariance[a * n + a];
      for (let b = 0; b < a; b++) s += 2 * X[i * width + b] * p.covariance[a * n + b];
      v += x * s;
    }
    deviation[i] = Math.sqrt(Math.max(v, 0) + p.noise);
  }
  return { mean, deviation };
}
