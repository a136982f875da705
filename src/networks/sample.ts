import { HwcastError } from '../core/errors.js';
import { createRandom } from '../core/random.js';
import type { Workload } from '../graph/workload.js';
import { kindNamed } from '../surrogate/kind.js';
import { population } from './featureMap.js';
import type { Model } from './model.js';
import { loadModel } from './modelFolder.js';
import { asWorkloads } from './predict.js';

export interface SampleOptions {
  model: string | Model;
  n: number;
  /** networks to choose from, or a file of them; 800 drawn from the model's space unless told */
  candidates?: string | readonly (string | Workload)[];
  /** networks already measured, or a file of them: the choice completes them */
  measured?: string | readonly (string | Workload)[];
  seed?: number;
}

/** The networks to measure on a new device, most informative first. @throws HwcastError `bad-input` when there are fewer candidates than `n`. */
export async function sample(options: SampleOptions): Promise<Workload[]> {
  const model = typeof options.model === 'string' ? await loadModel(options.model) : options.model;
  const { n } = options,
    measured = (await asWorkloads(options.measured ?? [])).map((w) => w.workload),
    { domain } = model.info;
  if (!(Number.isInteger(n) && n > 0))
    throw new HwcastError('usage', `the number of networks must be a positive whole number, not ${n}`);
  const given =
    options.candidates !== undefined
      ? (await asWorkloads(options.candidates)).map((w) => w.workload)
      : kindNamed(domain).draw && population(domain, createRandom(options.seed ?? 1).fork('candidates'), 800);
  if (!given)
    throw new HwcastError('usage', `a model of ${domain} has no networks to draw from`, {
      hint: 'give candidates (--input FILE)',
    });
  const known = new Set(measured.map((w) => w.id));
  const unique = [...new Map(given.filter((w) => !known.has(w.id)).map((w) => [w.id, w])).values()];
  if (unique.length < n) throw new HwcastError('bad-input', `${unique.length} different candidates for ${n} measurements`);
  return model.learner.choose(unique, n, measured);
}
