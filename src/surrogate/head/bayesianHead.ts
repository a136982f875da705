import { backwardSolve, cholesky, forwardSolve, inverseFactor } from '../../core/cholesky.js';
import { Explained } from './explained.js';
import { type Gram, gram, type Support } from './gram.js';
import { OFFSET_VARIANCE, type Setting } from './settings.js';
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

/** A prior mean of the weights that a setting allows: `along` x mean of the training tasks, or the weights of training task `task`. */
interface Centre {
  /** posterior probability among the centres of the setting */
  p: number;
  along: 0 | 1;
  /** -1: none */
  task: number;
  /** K^-1 residual, [k] */
  alpha: Float64Array;
  /** posterior probability of each scale of the setting */
  atScale: number[];
}

/** Factor of the support's covariance under a setting, its centres, and the log evidence averaged over them. */
interface Solution {
  L: Float64Array;
  centres: Centre[];
  logEvidence: number;
}

const scalesOf = (s: Setting): readonly number[] => s.scales ?? [1];

/** Posterior mean of the scale of a setting's covariance. */
const meanScale = (s: Setting, centres: readonly Centre[]): number =>
  centres.reduce((sum, c) => sum + c.p * scalesOf(s).reduce((a, scale, j) => a + c.atScale[j] * scale, 0), 0);

/** Cholesky factor of the support's covariance under a setting, and half the logarithm of its determinant; undefined where it is not positive definite. */
interface Factor {
  L: Float64Array;
  halfLogDet: number;
}

function factorise(g: Gram, s: Setting): Factor | undefined {
  const { k } = g,
    L = new Float64Array(k * k);
  // the lower triangle
  for (let i = 0; i < k; i++) for (let c = i * k; c <= i * k + i; c++) L[c] = OFFSET_VARIANCE + s.device * g.device[c];
  g.groups.forEach((products, j) => {
    const variance = s.group[j];
    if (variance) for (let i = 0; i < k; i++) for (let c = i * k; c <= i * k + i; c++) L[c] += variance * products[c];
  });
  for (let i = 0; i < k; i++) L[i * k + i] += s.noise * g.noiseScale[i];
  if (!cholesky(L, k)) return undefined;
  let halfLogDet = 0;
  for (let i = 0; i < k; i++) halfLogDet += Math.log(L[i * k + i]);
  return { L, halfLogDet };
}

const sameCovariance = (a: Setting, b: Setting): boolean =>
  a.device === b.device && a.noise === b.noise && a.group.every((v, j) => v === b.group[j]);

/** The solution of every setting; neighbours that differ in their prior mean alone share a factor. */
function solveAll(g: Gram, settings: readonly Setting[], tasks: number): (Solution | undefined)[] {
  let factor: Factor | undefined;
  return settings.map((s, i) => {
    if (i === 0 || !sameCovariance(s, settings[i - 1])) factor = factorise(g, s);
    return factor && solve(g, s, tasks, factor);
  });
}

function solve(g: Gram, s: Setting, tasks: number, { L, halfLogDet }: Factor): Solution {
  const { k } = g,
    scales = scalesOf(s);
  const centre = (along: 0 | 1, task: number): Centre => {
    const alpha = new Float64Array(k),
      root = Math.sqrt(tasks);
    let square = 0;
    for (let i = 0; i < k; i++)
      alpha[i] = g.residual[i] - (task < 0 ? along * g.atMean[i] : g.atMean[i] + root * g.atDeviations[i * tasks + task]);
    forwardSolve(L, k, alpha);
    for (let i = 0; i < k; i++) square += alpha[i] * alpha[i];
    backwardSolve(L, k, alpha);
    const log = scales.map((v) => -halfLogDet - 0.5 * k * Math.log(v) - (0.5 * square) / v),
      most = log.reduce((a, b) => Math.max(a, b)),
      share = log.map((l) => Math.exp(l - most)),
      sum = share.reduce((a, b) => a + b, 0);
    return { p: most + Math.log(sum / scales.length), along, task, alpha, atScale: share.map((v) => v / sum) };
  };
  if (s.mean !== 'tasks') {
    const one = centre(s.mean, -1),
      logEvidence = one.p;
    return { L, centres: [{ ...one, p: 1 }], logEvidence };
  }
  const all = Array.from({ length: tasks }, (_, t) => centre(1, t)),
    top = all.reduce((a, c) => Math.max(a, c.p), Number.NEGATIVE_INFINITY),
    total = all.reduce((a, c) => a + Math.exp(c.p - top), 0);
  const kept = all.map((c) => ({ ...c, p: Math.exp(c.p - top) / total })).filter((c) => c.p > 1e-3),
    sum = kept.reduce((a, c) => a + c.p, 0);
  return { L, centres: kept.map((c) => ({ ...c, p: c.p / sum })), logEvidence: top + Math.log(total / tasks) };
}

/** Posterior weights averaged over the centres of a setting, [width + 1]. */
function settingWeights(
  prior: TaskPrior,
  group: Uint8Array,
  X: Float64Array,
  s: Setting,
  centres: readonly Centre[],
): Float64Array {
  const w = new Float64Array(prior.width + 1);
  for (const c of centres)
    posteriorWeights(prior, group, X, s, c).forEach((v, j) => {
      w[j] += c.p * v;
    });
  return w;
}

/** Mean of the posterior weights (last entry: offset) under a setting and a prior mean. */
function posteriorWeights(
  prior: TaskPrior,
  group: Uint8Array,
  X: Float64Array,
  s: Setting,
  { alpha, along: ahead, task }: Centre,
): Float64Array {
  const { width, tasks, mean, deviations } = prior,
    k = alpha.length;
  const u = new Float64Array(width),
    w = new Float64Array(width + 1);
  for (let i = 0; i < k; i++) for (let j = 0; j < width; j++) u[j] += X[i * width + j] * alpha[i];
  let along = 0;
  for (let j = 0; j < width; j++) along += mean[j] * u[j];
  for (let j = 0; j < width; j++) w[j] = ahead * mean[j] + s.group[group[j]] * u[j] + s.device * 0.5 * mean[j] * along;
  for (let t = 0; t < tasks; t++) {
    let c = 0;
    for (let j = 0; j < width; j++) c += deviations[t * width + j] * u[j];
    for (let j = 0; j < width; j++) w[j] += s.device * c * deviations[t * width + j];
  }
  if (task >= 0) for (let j = 0; j < width; j++) w[j] += Math.sqrt(tasks) * deviations[task * width + j];
  for (const a of alpha) w[width] += OFFSET_VARIANCE * a;
  return w;
}

/** Evidence and posterior weights of every setting, [settings, width + 1]; a setting whose covariance is not positive definite gets -Infinity. */
export function fitSettings(
  prior: TaskPrior,
  group: Uint8Array,
  support: Support,
  settings: readonly Setting[],
): { logEvidence: Float64Array; weights: Float64Array[]; scale: number } {
  const g = gram(prior, group, support),
    logEvidence = new Float64Array(settings.length),
    weights: Float64Array[] = [];
  solveAll(g, settings, prior.tasks).forEach((r, i) => {
    logEvidence[i] = r?.logEvidence ?? Number.NEGATIVE_INFINITY;
    weights.push(r ? settingWeights(prior, group, support.X, settings[i], r.centres) : new Float64Array(prior.width + 1));
  });
  return { logEvidence, weights, scale: g.scale };
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
  const { width, tasks, mean, deviations } = prior,
    { X } = support,
    n = width + 1;
  const g = gram(prior, group, support),
    k = g.k;
  const solved = solveAll(g, settings, tasks);
  const log = solved.map((r, i) => (r ? r.logEvidence + logPrior[i] : Number.NEGATIVE_INFINITY)),
    top = log.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const probability = Float64Array.from(log, (l) => Math.exp(l - top));
  let logPriorMass = 0;
  for (let i = 0; i < settings.length; i++) logPriorMass += Math.exp(logPrior[i]);
  const total = probability.reduce((a, b) => a + b, 0);
  for (let i = 0; i < probability.length; i++) probability[i] /= total;

  // the settings that carry the posterior; the rest is below half a percent
  const order = Array.from(settings.keys()).sort((a, b) => probability[b] - probability[a]);
  let kept = 0;
  const used = order.filter((i) => {
    const wanted = kept < 0.995 && solved[i] !== undefined;
    if (wanted) kept += probability[i];
    return wanted;
  });
  const weights = new Float64Array(n);
  const covariance = withCovariance ? new Float64Array(n * n) : new Float64Array();
  const each: { p: number; w: Float64Array }[] = [];
  let noise = 0,
    device = 0,
    offsetVariance = 0;
  const explained = withCovariance ? new Explained(prior, group, g, X) : undefined;
  const looSquare = looMeanSquare(settings, solved, log, top, k);
  for (const i of used) {
    const s = settings[i],
      r = solved[i]!,
      p = probability[i] / kept;
    for (const c of r.centres) {
      const w = posteriorWeights(prior, group, X, s, c);
      each.push({ p: p * c.p, w });
      for (let j = 0; j < n; j++) weights[j] += p * c.p * w[j];
    }
    const spread = meanScale(s, r.centres);
    noise += p * spread * s.noise;
    if (!explained) continue;
    // C = P - (X P)^T K^-1 (X P): here the diagonal of P and the shares of K^-1, the rest below
    for (let j = 0; j < width; j++) covariance[j * n + j] += p * spread * s.group[group[j]];
    device += p * spread * s.device;
    offsetVariance += p * spread * OFFSET_VARIANCE;
    explained.add(s, r.L, p * spread);
  }
  if (explained) {
    explained.subtractFrom(covariance);
    covariance[n * n - 1] += offsetVariance;
    for (let a = 0; a < width; a++)
      for (let b = 0; b <= a; b++) {
        let v = 0.5 * mean[a] * mean[b];
        for (let t = 0; t < tasks; t++) v += deviations[t * width + a] * deviations[t * width + b];
        covariance[a * n + b] += device * v;
      }
    for (const { p, w } of each)
      for (let a = 0; a < n; a++)
        for (let b = 0; b <= a; b++) covariance[a * n + b] += p * (w[a] - weights[a]) * (w[b] - weights[b]);
    for (let a = 0; a < n; a++) for (let b = 0; b < a; b++) covariance[b * n + a] = covariance[a * n + b];
  }
  return {
    width,
    scale: g.scale,
    weights: weights.slice(0, width),
    offset: weights[width],
    covariance,
    noise,
    looSquare,
    logEvidence: top + Math.log(total / logPriorMass),
    probability,
  };
}

/** Settings and centres this far below the best in log probability carry nothing, with any one measurement left out. */
const NEGLIGIBLE = 12;

/**
 * Mean over the support of (leave-one-out residual)^2 / its variance. Leaving a measurement out also takes it out of the evidence that settings, centres and
 * scales are averaged by. Of one component: residual alpha_i / (K^-1)_ii, variance 1 / (K^-1)_ii, evidence without i = evidence / density of the residual
 * (Rasmussen and Williams, Gaussian Processes, eq. 5.10 to 5.12).
 * @param log log evidence + log prior probability of each setting, up to `top`
 */
function looMeanSquare(
  settings: readonly Setting[],
  solved: readonly (Solution | undefined)[],
  log: readonly number[],
  top: number,
  k: number,
): number {
  const components = solved.flatMap((r, s) => {
    if (!r || log[s] < top - NEGLIGIBLE) return [];
    const variance = leaveOneOutVariance(r.L, k);
    return r.centres.flatMap((c) => {
      const residual = c.alpha.map((a, i) => a * variance[i]);
      return scalesOf(settings[s]).map((scale, j) => ({ log: log[s] + Math.log(c.p * c.atScale[j]), residual, variance, scale }));
    });
  });
  let sum = 0;
  for (let i = 0; i < k; i++) {
    const without = components.map((c) => {
      const v = c.scale * c.variance[i];
      return c.log + 0.5 * Math.log(v) + (0.5 * c.residual[i] ** 2) / v;
    });
    const most = without.reduce((a, b) => Math.max(a, b));
    let total = 0,
      mean = 0,
      square = 0;
    components.forEach((c, j) => {
      const w = Math.exp(without[j] - most);
      total += w;
      mean += w * c.residual[i];
      square += w * (c.scale * c.variance[i] + c.residual[i] ** 2);
    });
    mean /= total;
    sum += mean ** 2 / (square / total - mean ** 2) / k;
  }
  return sum;
}

/** 1 / (K^-1)_ii from the factor of K, [k]. */
function leaveOneOutVariance(L: Float64Array, k: number): Float64Array {
  const inverse = inverseFactor(L, k),
    variance = new Float64Array(k);
  for (let i = 0; i < k; i++) {
    for (let a = i; a < k; a++) variance[i] += inverse[i * k + a] * inverse[i * k + a];
    variance[i] = 1 / variance[i];
  }
  return variance;
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
