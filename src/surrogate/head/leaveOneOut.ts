import { precisionsOf } from '../../core/cholesky.js';
import type { Setting } from './settings.js';
import { type Solution, scalesOf } from './solveSettings.js';

/** Settings and centres this far below the best in log probability carry nothing, with any one measurement left out. */
const NEGLIGIBLE = 12;

/**
 * Mean over the support of (leave-one-out residual)^2 / its variance. Leaving a measurement out also takes it out of the evidence that settings, centres and
 * scales are averaged by. Of one component: residual alpha_i / (K^-1)_ii, variance 1 / (K^-1)_ii, evidence without i = evidence / density of the residual
 * (Rasmussen and Williams, Gaussian Processes, eq. 5.10 to 5.12).
 * @param log log evidence + log prior probability of each setting, up to `top`
 */
export function looMeanSquare(
  settings: readonly Setting[],
  solved: readonly (Solution | undefined)[],
  log: readonly number[],
  top: number,
  k: number,
): number {
  const components = solved.flatMap((r, s) => {
    if (!r || log[s] < top - NEGLIGIBLE) return [];
    const variance = precisionsOf(r.L, k).map((precision) => 1 / precision);
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
