import { HwcastError } from '../core/errors.js';
import { createRandom } from '../core/random.js';
import { modelTableOf } from '../graph/namedModel.js';
import type { Target } from '../graph/targets.js';
import type { Workload } from '../graph/workload.js';
import { kindNamed } from '../surrogate/kind.js';
import { population } from './featureMap.js';
import type { Model } from './model.js';
import { loadModel } from './modelFolder.js';
import { asWorkloads } from './predict.js';

export interface SampleOptions {
  model: string | Model;
  n: number;
  /** networks to choose from, or a file of them; unless told 800 drawn from the model's space, or the real models that it knows */
  candidates?: string | readonly (string | Workload)[];
  /** networks already measured, or a file of them: the choice completes them */
  measured?: string | readonly (string | Workload)[];
  /** table of real models to choose from, e.g. `ncnn`, where the model knows several */
  table?: string;
  seed?: number;
  /** what is to be known of the others, where the model knows several: its choice differs; latency unless told */
  target?: Target;
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
      : kindNamed(domain).draw
        ? population(domain, createRandom(options.seed ?? 1).fork('candidates'), 800)
        : model.known && ofTable(model.known, options.table);
  if (!given)
    throw new HwcastError('usage', `a model of ${domain} has no networks to draw from`, {
      hint: 'give candidates (--input FILE)',
    });
  const known = new Set(measured.map((w) => w.id));
  const unique = [...new Map(given.filter((w) => !known.has(w.id)).map((w) => [w.id, w])).values()];
  if (unique.length < n) throw new HwcastError('bad-input', `${unique.length} different candidates for ${n} measurements`);
  const targets = [...new Set(model.info.tasks.map((t) => t.target))];
  if (options.target && !targets.includes(options.target))
    throw new HwcastError('unsupported', `the model was not trained on ${options.target}`, {
      hint: `it knows ${targets.join(', ')}`,
    });
  return model.learner.choose(unique, n, measured, options.target);
}

/** The known models of one table. @throws HwcastError `usage` where it is left open, `not-found` for a table that the model does not know */
function ofTable(known: readonly Workload[], table: string | undefined): readonly Workload[] {
  const tables = [...new Set(known.map((w) => modelTableOf(w.id) ?? 'graphs'))],
    hint = `one of ${tables.join(', ')}`;
  const wanted = table ?? (tables.length === 1 ? tables[0] : undefined);
  if (wanted === undefined)
    throw new HwcastError('usage', 'which models can you measure? the model knows several tables', {
      hint: `give candidates (--input FILE), or --table, ${hint}`,
    });
  if (!tables.includes(wanted)) throw new HwcastError('not-found', `the model knows no table '${wanted}'`, { hint });
  return known.filter((w) => (modelTableOf(w.id) ?? 'graphs') === wanted);
}
