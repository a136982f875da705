import { FEATURE_GROUPS } from '../../features/physicalFeatures.js';
import { backwardSolve, cholesky, forwardSolve } from './cholesky.js';
import { OFFSET_VARIANCE, type Setting } from './settings.js';
import type { TaskPrior } from './taskPrior.js';

/** Support set as the head sees it: features [k, width] row-major and values in SI. */
export interface Support {
  X: Float64Array;
  values: Float64Array;
  /** variance of each value relative to the noise of a setting, 1 where unknown */
  noiseScale?: Float64Array;
}

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
 * Inner products of the support that every setting shares: Gram matrices per feature group, of the task deviations and of the prior mean.
 */
export interface Gram {
  k: number;
  scale: number;
  residual: Float64Array;
  /** X mean, [k] */
  atMean: Float64Array;
  /** X deviations^T, [k, tasks] */
  atDeviations: Float64Array;
  device: Float64Array;
  groups: Float64Array[];
  noiseScale: Float64Array;
}

export function gram(prior: TaskPrior, group: Uint8Array, support: Support): Gram {
  const { width, tasks, mean, deviations } = prior,
    k = support.values.length,
    { X } = support;
  let scale = 0;
  for (const v of support.values) scale += v / k;
  const residual = support.values.map((v) => v / scale - 1);
  const atMean = new Float64Array(k),
    atDeviations = new Float64Array(k * tasks),
    device = new Float64Array(k * k);
  const groups = FEATURE_GROUPS.map(() => new Float64Array(k * k));
  for (let i = 0; i < k; i++) {
    for (let j = 0; j < width; j++) atMean[i] += X[i * width + j] * mean[j];
    for (let t = 0; t < tasks; t++) {
      let s = 0;
      for (let j = 0; j < width; j++) s += X[i * width + j] * deviations[t * width + j];
      atDeviations[i * tasks + t] = s;
    }
    for (let i2 = 0; i2 <= i; i2++) {
      let s = 0.5 * atMean[i] * atMean[i2];
      for (let t = 0; t < tasks; t++) s += atDeviations[i * tasks + t] * atDeviations[i2 * tasks + t];
      device[i * k + i2] = device[i2 * k + i] = s;
      for (let j = 0; j < width; j++) groups[group[j]][i * k + i2] += X[i * width + j] * X[i2 * width + j];
      for (const g of groups) g[i2 * k + i] = g[i * k + i2];
    }
  }
  return {
    k,
    scale,
    residual,
    atMean,
    atDeviations,
    device,
    groups,
    noiseScale: support.noiseScale ?? new Float64Array(k).fill(1),
  };
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
}

/** Factor of the support's covariance under a setting, its centres, and the log evidence averaged over them. */
interface Solution {
  L: Float64Array;
  centres: Centre[];
  logEvidence: number;
}

function solve(g: Gram, s: Setting, tasks: number): Solution | undefined {
  const { k } = g,
    L = new Float64Array(k * k);
  for (let i = 0; i < k * k; i++) {
    let v = OFFSET_VARIANCE + s.device * g.device[i];
    for (let j = 0; j < g.groups.length; j++) if (s.group[j]) v += s.group[j] * g.groups[j][i];
    L[i] = v;
  }
  for (let i = 0; i < k; i++) L[i * k + i] += s.noise * g.noiseScale[i];
  if (!cholesky(L, k)) return undefined;
  let halfLogDet = 0;
  for (let i = 0; i < k; i++) halfLogDet += Math.log(L[i * k + i]);
  const centre = (along: 0 | 1, task: number): Centre => {
    const alpha = new Float64Array(k),
      root = Math.sqrt(tasks);
    let log = -halfLogDet;
    for (let i = 0; i < k; i++)
      alpha[i] = g.residual[i] - (task < 0 ? along * g.atMean[i] : g.atMean[i] + root * g.atDeviations[i * tasks + task]);
    forwardSolve(L, k, alpha);
    for (let i = 0; i < k; i++) log -= 0.5 * alpha[i] * alpha[i];
    backwardSolve(L, k, alpha);
    return { p: log, along, task, alpha };
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
  { alpha, along: ahead, task }: Pick<Centre, 'alpha' | 'along' | 'task'>,
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
  settings.forEach((s, i) => {
    const r = solve(g, s, prior.tasks);
    logEvidence[i] = r?.logEvidence ?? Number.NEGATIVE_INFINITY;
    weights.push(r ? settingWeights(prior, group, support.X, s, r.centres) : new Float64Array(prior.width + 1));
  });
  return { logEvidence, weights, scale: g.scale };
}

/**
 * Posterior of a new task from its support set, averaged over settings by evidence x prior probability (Bayesian model averaging, Hoeting et al.,
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
  const solved = settings.map((s) => solve(g, s, tasks));
  let top = Number.NEGATIVE_INFINITY;
  solved.forEach((r, i) => {
    if (r) top = Math.max(top, r.logEvidence + logPrior[i]);
  });
  const probability = Float64Array.from(solved, (r, i) => (r ? Math.exp(r.logEvidence + logPrior[i] - top) : 0));
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
    looSquare = 0;
  for (const i of used) {
    const s = settings[i],
      r = solved[i]!,
      p = probability[i] / kept;
    for (const c of r.centres) {
      const w = posteriorWeights(prior, group, X, s, c);
      each.push({ p: p * c.p, w });
      for (let j = 0; j < n; j++) weights[j] += p * c.p * w[j];
      looSquare += p * c.p * looMeanSquare(r.L, c.alpha);
    }
    noise += p * s.noise;
    if (!withCovariance) continue;
    // C = P - (L^-1 X P)^T (L^-1 X P): here the diagonal of P and the part explained by the support, the low-rank part of P below
    for (let j = 0; j < width; j++) covariance[j * n + j] += p * s.group[group[j]];
    device += p * s.device;
    const V = new Float64Array(k * n),
      e = new Float64Array(k),
      root = Math.sqrt(p);
    for (let a = 0; a < k; a++) {
      e.fill(0);
      e[a] = 1;
      V.set(posteriorWeights(prior, group, X, s, { alpha: e, along: 0, task: -1 }), a * n);
      for (let c = 0; c < a; c++) {
        const l = r.L[a * k + c];
        for (let j = 0; j < n; j++) V[a * n + j] -= l * V[c * n + j];
      }
      for (let j = 0; j < n; j++) V[a * n + j] /= r.L[a * k + a];
    }
    for (let a = 0; a < k; a++) subtractOuter(covariance, V.subarray(a * n, (a + 1) * n), root);
  }
  if (withCovariance) {
    covariance[n * n - 1] += OFFSET_VARIANCE;
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

/** Mean over the support of (leave-one-out residual)^2 / its variance = alpha_i^2 / (K^-1)_ii (Rasmussen and Williams, Gaussian Processes, eq. 5.12). */
function looMeanSquare(L: Float64Array, alpha: Float64Array): number {
  const k = alpha.length,
    inverse = new Float64Array(k),
    e = new Float64Array(k);
  for (let i = 0; i < k; i++) {
    e.fill(0);
    e[i] = 1;
    forwardSolve(L, k, e);
    for (let a = i; a < k; a++) inverse[i] += e[a] * e[a];
  }
  let sum = 0;
  for (let i = 0; i < k; i++) sum += (alpha[i] * alpha[i]) / inverse[i] / k;
  return sum;
}

/** Lower triangle of A -= (root v)(root v)^T. */
function subtractOuter(A: Float64Array, v: Float64Array, root: number): void {
  const n = v.length;
  for (let a = 0; a < n; a++) {
    const va = root * root * v[a];
    if (va !== 0) for (let b = 0; b <= a; b++) A[a * n + b] -= va * v[b];
  }
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
