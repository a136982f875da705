import { backwardSolve, cholesky, forwardSolve } from '../../core/cholesky.js';
import type { Gram } from './gram.js';
import { OFFSET_VARIANCE, type Setting } from './settings.js';

/** A prior mean of the weights that a setting allows: `along` x mean of the training tasks, or the weights of training task `task`. */
export interface Centre {
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
export interface Solution {
  L: Float64Array;
  centres: Centre[];
  logEvidence: number;
}

export const scalesOf = (s: Setting): readonly number[] => s.scales ?? [1];

/** Posterior mean of the scale of a setting's covariance. */
export const meanScale = (s: Setting, centres: readonly Centre[]): number =>
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
export function solveSettings(g: Gram, settings: readonly Setting[], tasks: number): (Solution | undefined)[] {
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
