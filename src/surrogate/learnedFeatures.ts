import { HwcastError } from '../errors.js';
import type { FeatureMap, LearnedFeatures } from '../features/featureMap.js';
import { spaceNamed } from '../graph/spaces/index.js';
import type { Arch } from '../graph/spaces/space.js';
import type { Workload } from '../graph/workload.js';
import type { NamedArray } from '../tensor/parameters.js';
import { taskWeights } from './bayes/taskPrior.js';
import type { TrainingTask } from './closedForm.js';
import { type FeatureConfig, type FeatureModel, featuresOf, loadFeatures, saveFeatures } from './metaTraining/featureModel.js';
import type { MetaTask } from './metaTraining/metaTask.js';
import { type FeatureOptions, trainFeatures } from './metaTraining/trainFeatures.js';

/** Features of a trained encoder, computed once per network. Needs a ready tensor backend. */
export function learnedFeatures(model: FeatureModel): LearnedFeatures & { model: FeatureModel } {
  const width = model.config.shares.length,
    cache = new Map<string, Float32Array>();
  return {
    model,
    width,
    of(workloads) {
      const fresh = workloads.filter((w) => !cache.has(w.id));
      if (fresh.length) {
        if (cache.size > 100_000) cache.clear();
        const { data } = featuresOf(model, fresh.map(archOf));
        fresh.forEach((w, i) => cache.set(w.id, data.slice(i * width, (i + 1) * width)));
      }
      const out = new Float64Array(workloads.length * width);
      workloads.forEach((w, i) => out.set(cache.get(w.id)!, i * width));
      return out;
    },
  };
}

function archOf(workload: Workload): Arch {
  if (!workload.arch)
    throw new HwcastError('unsupported', `'${workload.id}' is a free graph: the encoders read networks of a space`, {
      hint: 'train with --method closed-form',
    });
  return workload.arch;
}

/**
 * Trains an encoder over the tasks. With `map`, on what its linear features leave of each task (their ridge fit taken out), so that the encoder
 * spends itself on interactions; without, on the whole relative cost.
 */
export async function trainLearnedFeatures(
  domain: string,
  workloads: readonly Workload[],
  tasks: readonly TrainingTask[],
  map: FeatureMap | undefined,
  networksPerTask: number,
  options: FeatureOptions,
): Promise<FeatureModel> {
  const space = spaceNamed(domain);
  const metaTasks = tasks.map((task): MetaTask => {
    const step = Math.max(1, Math.floor(task.rows.length / networksPerTask)),
      keep = Array.from(task.rows.keys())
        .filter((i) => i % step === 0)
        .slice(0, networksPerTask);
    const own = keep.map((i) => workloads[task.rows[i]]),
      values = Float64Array.from(keep, (i) => task.values[i]);
    return { id: task.id, space, archs: own.map(archOf), values, offset: map && explained(map, own, values) };
  });
  return trainFeatures(metaTasks, options);
}

/** The ridge fit of value / mean - 1 on the features of `map`, [networks]. */
function explained(map: FeatureMap, workloads: readonly Workload[], values: Float64Array): Float64Array {
  const X = map.of(workloads),
    { width } = map,
    w = taskWeights(X, width, { rows: Int32Array.from(workloads.keys()), values });
  const fit = Float64Array.from(workloads, (_, i) => {
    let v = 0;
    for (let j = 0; j < width; j++) v += X[i * width + j] * w[j];
    return v;
  });
  const center = fit.reduce((a, b) => a + b, 0) / fit.length;
  return fit.map((v) => v - center);
}

export const saveLearned = (model: FeatureModel): { config: FeatureConfig; arrays: NamedArray[] } => saveFeatures(model);
export const loadLearned = (config: FeatureConfig, arrays: readonly NamedArray[]) =>
  learnedFeatures(loadFeatures(config, arrays));
