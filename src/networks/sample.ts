import { HwcastError } from '../core/errors.js';
import { createRandom } from '../core/random.js';
import { SPACES } from '../graph/spaces/index.js';
import type { Workload } from '../graph/workload.js';
import { population } from './featureMap.js';
import type { Model } from './model.js';
import { loadModel } from './modelFolder.js';

export interface SampleOptions {
  model: string | Model;
  n: number;
  /** networks to choose from; 800 drawn from the model's space unless told */
  candidates?: readonly Workload[];
  /** networks already measured: the choice completes them */
  measured?: readonly Workload[];
  seed?: number;
}

/** The networks to measure on a new device, most informative first. @throws HwcastError `bad-input` when there are fewer candidates than `n`. */
export async function sample(options: SampleOptions): Promise<Workload[]> {
  const model = typeof options.model === 'string' ? await loadModel(options.model) : options.model;
  const { n, measured = [] } = options,
    { domain } = model.info;
  if (!(Number.isInteger(n) && n > 0))
    throw new HwcastError('usage', `the number of networks must be a positive whole number, not ${n}`);
  const given =
    options.candidates ??
    (SPACES[domain] ? population(domain, createRandom(options.seed ?? 1).fork('candidates'), 800) : undefined);
  if (!given)
    throw new HwcastError('usage', `a model of ${domain} has no networks to draw from`, {
      hint: 'give candidates (--input FILE)',
    });
  const known = new Set(measured.map((w) => w.id));
  const unique = [...measured, ...new Map(given.filter((w) => !known.has(w.id)).map((w) => [w.id, w])).values()];
  if (unique.length - measured.length < n)
    throw new HwcastError('bad-input', `${unique.length - measured.length} different candidates for ${n} measurements`);
  return model
    .choose(
      unique,
      n,
      measured.map((_, i) => i),
    )
    .map((i) => unique[i]);
}
