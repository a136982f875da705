import { gram, type Support } from './gram.js';
import { settingWeights } from './posteriorWeights.js';
import type { Setting } from './settings.js';
import { solveSettings } from './solveSettings.js';
import type { TaskPrior } from './taskPrior.js';

/** What each setting makes of a support set, before they are averaged. */
export interface SettingsFit {
  /** -Infinity where a setting's covariance is not positive definite */
  logEvidence: Float64Array;
  /** posterior weights and offset, [settings, width + 1] row-major */
  weights: Float64Array;
  /** mean value of the support */
  scale: number;
}

/** Evidence and posterior weights of every setting. */
export function fitSettings(prior: TaskPrior, group: Uint8Array, support: Support, settings: readonly Setting[]): SettingsFit {
  const g = gram(prior, group, support),
    logEvidence = new Float64Array(settings.length),
    n = prior.width + 1,
    weights = new Float64Array(settings.length * n);
  solveSettings(g, settings, prior.tasks).forEach((r, i) => {
    logEvidence[i] = r?.logEvidence ?? Number.NEGATIVE_INFINITY;
    if (r) settingWeights(prior, group, support.X, settings[i], r.centres, weights.subarray(i * n, (i + 1) * n));
  });
  return { logEvidence, weights, scale: g.scale };
}
