import { addRows, rowsTimes } from '../../core/rowProducts.js';
import { OFFSET_VARIANCE, type Setting } from './settings.js';
import type { Centre } from './solveSettings.js';
import type { TaskPrior } from './taskPrior.js';

/** Mean of the posterior weights (last entry: offset) under a setting and a prior mean, [width + 1], into `w`. `X` is the support, [k, width]. */
export function posteriorWeights(
  prior: TaskPrior,
  group: Uint8Array,
  X: Float64Array,
  s: Setting,
  { alpha, along: ahead, task }: Centre,
  w: Float64Array = new Float64Array(prior.width + 1),
): Float64Array {
  const { width, tasks, mean, deviations } = prior,
    { device } = s;
  const u = scratchOf(width);
  addRows(u, X, width, alpha);
  let along = 0;
  for (let j = 0; j < width; j++) along += mean[j] * u[j];
  for (let j = 0; j < width; j++) w[j] = ahead * mean[j] + s.group[group[j]] * u[j] + device * 0.5 * mean[j] * along;
  if (device !== 0) {
    const shares = rowsTimes(deviations, width, u);
    for (let t = 0; t < tasks; t++) shares[t] = device * shares[t];
    addRows(w, deviations, width, shares);
  }
  if (task >= 0) for (let j = 0; j < width; j++) w[j] += Math.sqrt(tasks) * deviations[task * width + j];
  w[width] = 0;
  for (let i = 0; i < alpha.length; i++) w[width] += OFFSET_VARIANCE * alpha[i];
  return w;
}

let scratch = new Float64Array(0);
/** Zeros, [width]; the same memory each time. */
function scratchOf(width: number): Float64Array {
  if (scratch.length === width) scratch.fill(0);
  else scratch = new Float64Array(width);
  return scratch;
}

/** Posterior weights averaged over the centres of a setting, [width + 1], into `w`, which holds zeros. */
export function settingWeights(
  prior: TaskPrior,
  group: Uint8Array,
  X: Float64Array,
  s: Setting,
  centres: readonly Centre[],
  w: Float64Array,
): void {
  if (centres.length === 1) {
    posteriorWeights(prior, group, X, s, centres[0], w);
    return;
  }
  const one = new Float64Array(w.length);
  for (const centre of centres) {
    posteriorWeights(prior, group, X, s, centre, one);
    for (let j = 0; j < w.length; j++) w[j] += centre.p * one[j];
  }
}
