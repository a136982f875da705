import { rowsTimesRows } from '../../core/rowProducts.js';
import { quantile } from '../../core/statistics.js';
import { adaptHead, predictHead } from './bayesianHead.js';
import { fitSettings, type SettingsFit } from './fitSettings.js';
import type { Setting } from './settings.js';
import type { TaskPrior } from './taskPrior.js';

/** Trials per support size that set the width of the intervals. */
const INTERVAL_TRIALS = 24;
/** Half width of a 90 % interval in standard deviations. */
export const Z90 = 1.6448536269514722;
/** Measurements that the width of intervals learned on the training tasks is worth against the support's own leave-one-out residuals. */
const WIDTH_PRIOR = 10;

/** A few-shot trial on a training task whose device was left out of `prior`: support, queries and their values, as the head sees them. */
export interface Trial {
  /** trials of one device are left out together */
  device: string;
  /** trials of one label also get intervals of their own */
  label: string;
  prior: TaskPrior;
  /** [k, width] and [k] */
  X: Float64Array;
  values: Float64Array;
  /** variance of each value relative to the noise of a setting, [k]; 1 where not given */
  noiseScale?: Float64Array;
  /** [queries, width] and [queries] */
  Q: Float64Array;
  truth: number[];
}

/** What was learned for one support size: log prior probability of each setting, and the factor that makes intervals of left-out training tasks cover 90 %. */
export interface Tuning {
  size: number;
  logPrior: Float64Array;
  interval: number;
  /** the same from the trials of one label, where there are several: energy is measured with more noise than latency */
  intervals: Record<string, number>;
}

/**
 * How errors on the training devices become a prior over settings. `mixture`: one component a device, so that a new device may be like one of them (a
 * noisy phone among quiet accelerators); `product`: their average. `uniform` is the share left for devices unlike them all.
 */
interface Rule {
  kind: 'mixture' | 'product';
  sharpness: number;
  uniform: number;
}

const RULES: readonly Rule[] = [
  ...[1, 2, 5, 10, 20].flatMap((sharpness) => [0.03, 0.1, 0.3].map((uniform): Rule => ({ kind: 'mixture', sharpness, uniform }))),
  { kind: 'product', sharpness: 5, uniform: 0.1 },
  { kind: 'product', sharpness: 20, uniform: 0.1 },
  { kind: 'mixture', sharpness: 0, uniform: 1 },
];
/** How sharply the nested leave-one-out score (mean log squared error) weighs the rules against each other. */
const RULE_SHARPNESS = 20;

/**
 * Prior over settings and width of intervals for one support size (docs/method.md 4 and 7), by nested leave-one-out over the training devices: a rule is scored on a device
 * with a prior learned on the others, so that nothing is tuned on a device it is judged on.
 */
export function tuneSettings(size: number, trials: readonly Trial[], group: Uint8Array, settings: readonly Setting[]): Tuning {
  const fits = trials.map((t) => {
    const fit = fitSettings(t.prior, group, t, settings);
    return { ...fit, logError: logMeanSquares(t, fit.weights, fit.scale) };
  });
  const errors = new Map<string, Float64Array>(),
    counts = new Map<string, number>();
  for (const t of trials) counts.set(t.device, (counts.get(t.device) ?? 0) + 1);
  trials.forEach((t, i) => {
    const sum = errors.get(t.device) ?? new Float64Array(settings.length),
      share = counts.get(t.device)!;
    errors.set(t.device, sum);
    fits[i].logError.forEach((e, s) => {
      sum[s] += e / share;
    });
  });
  const devices = [...errors.keys()];
  const byRule = (left?: string) => {
    const others = devices.filter((d) => d !== left).map((d) => errors.get(d)!);
    return RULES.map((rule) => settingsPrior(others, settings.length, rule));
  };
  const leftOut = new Map(devices.map((d) => [d, byRule(d)]));
  const score = RULES.map((_, r) =>
    trials.reduce((sum, t, i) => sum + logMeanSquares(t, averaged(fits[i], leftOut.get(t.device)![r]), fits[i].scale)[0], 0),
  ).map((s) => s / Math.max(1, trials.length));
  const best = Math.min(...score),
    share = score.map((s) => Math.exp(-RULE_SHARPNESS * (s - best))),
    shares = share.reduce((a, b) => a + b, 0);
  const stacked = (priors: Float64Array[]) =>
    Float64Array.from(settings, (_, s) => Math.log(priors.reduce((sum, p, r) => sum + (share[r] / shares) * p[s], 0)));
  const nested = new Map(devices.map((d) => [d, stacked(leftOut.get(d)!)]));

  const width = (some: readonly Trial[]): number => {
    const stride = Math.max(1, some.length / INTERVAL_TRIALS),
      each: number[] = [];
    for (let i = 0; i < some.length; i += stride) {
      const t = some[Math.floor(i)];
      each.push(reachOf(t, group, settings, nested.get(t.device)!));
    }
    // between the mean and the root mean square over trials: coverage on a device unlike the training devices is what counts
    const power = (q: number) => (each.reduce((a, b) => a + b ** q, 0) / each.length) ** (1 / q);
    return each.length ? Math.min(4, Math.max(0.5, (power(1) + power(2)) / 2)) : 1;
  };
  const labels = [...new Set(trials.map((t) => t.label))];
  return {
    size,
    logPrior: stacked(byRule()),
    interval: width(trials),
    intervals:
      labels.length > 1 ? Object.fromEntries(labels.map((label) => [label, width(trials.filter((t) => t.label === label))])) : {},
  };
}

/** Numbers of measurements at which averaging over settings and intervals are tuned on the training tasks. */
export const SUPPORT_SIZES = [5, 10, 20, 50] as const;

/** What was tuned at the number of measurements nearest to `k` (in ratio); of two equally near the first. */
export function nearestSize<T extends { size: number }>(tunings: readonly T[], k: number): T | undefined {
  const distance = (t: T) => Math.abs(Math.log(t.size / k));
  return tunings.reduce<T | undefined>((best, t) => (best === undefined || distance(t) < distance(best) ? t : best), undefined);
}

/** Factor on intervals from how the support's leave-one-out residuals compare with what the posterior expected of them, shrunk towards 1. */
export const supportWidth = (k: number, looSquare: number): number =>
  Math.sqrt((WIDTH_PRIOR + k * looSquare) / (WIDTH_PRIOR + k));

/** Prior probability of each setting from the log mean squared errors that it made on each training device. */
function settingsPrior(logErrors: readonly Float64Array[], count: number, rule: Rule): Float64Array {
  if (!logErrors.length) return new Float64Array(count).fill(1 / count);
  const out = new Float64Array(count),
    components =
      rule.kind === 'mixture'
        ? logErrors
        : [Float64Array.from({ length: count }, (_, s) => logErrors.reduce((a, e) => a + e[s], 0) / logErrors.length)];
  for (const errors of components) {
    const least = errors.reduce((a, b) => Math.min(a, b)),
      p = errors.map((e) => Math.exp(-rule.sharpness * (e - least))),
      sum = p.reduce((a, b) => a + b, 0);
    for (let s = 0; s < count; s++) out[s] += p[s] / sum / components.length;
  }
  return out.map((v) => (1 - rule.uniform) * v + rule.uniform / count);
}

/** Posterior weights averaged over settings by evidence x prior, [width + 1]. */
function averaged({ logEvidence, weights }: SettingsFit, prior: Float64Array): Float64Array {
  const score = logEvidence.map((e, s) => e + Math.log(prior[s])),
    top = score.reduce((a, b) => Math.max(a, b)),
    n = weights.length / score.length,
    w = new Float64Array(n);
  let sum = 0;
  for (let s = 0; s < score.length; s++) {
    const p = Math.exp(score[s] - top);
    if (p < 1e-4) continue;
    sum += p;
    for (let j = 0; j < n; j++) w[j] += p * weights[s * n + j];
  }
  return w.map((v) => v / sum);
}

/** Logarithm of the mean square of a trial's relative errors on its queries under each row of weights and offset, [rows, width + 1]. */
function logMeanSquares(t: Trial, weights: Float64Array, scale: number): Float64Array {
  const { width } = t.prior,
    n = width + 1,
    queries = t.truth.length;
  const predicted = rowsTimesRows(t.Q, width, weights, n, (row) => 1 + weights[row * n + width]);
  return Float64Array.from({ length: weights.length / n }, (_, row) => {
    let square = 0;
    for (let i = 0; i < queries; i++) square += (predicted[row * queries + i] - t.truth[i] / scale) ** 2;
    return Math.log(square / queries + 1e-6);
  });
}

/** The factor on a trial's standard deviations at which its 90 % intervals would hold. */
function reachOf(t: Trial, group: Uint8Array, settings: readonly Setting[], logPrior: Float64Array): number {
  const p = adaptHead(t.prior, group, t, settings, logPrior),
    { mean, deviation } = predictHead(p, t.Q);
  const reach = quantile(
    t.truth.map((v, i) => Math.abs(v - mean[i]) / (p.scale * deviation[i])),
    0.9,
  );
  return reach / Z90 / supportWidth(t.values.length, p.looSquare);
}
