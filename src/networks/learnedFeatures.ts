import { HwcastError } from '../core/errors.js';
import { spaceNamed } from '../graph/spaces/index.js';
import type { Arch } from '../graph/spaces/space.js';
import type { Workload } from '../graph/workload.js';
import { type FeatureConfig, type FeatureModel, featuresOf, loadFeatures } from '../surrogate/metaTraining/featureModel.js';
import type { MetaTask } from '../surrogate/metaTraining/metaTask.js';
import { type FeatureOptions, trainFeatures } from '../surrogate/metaTraining/trainFeatures.js';
import type { NamedArray } from '../tensor/parameters.js';
import type { TrainingTask } from './closedForm.js';
import type { LearnedFeatures } from './featureMap.js';

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

/** Trains an encoder over the tasks, on up to `networksPerTask` networks of each. */
export async function trainLearnedFeatures(
  domain: string,
  workloads: readonly Workload[],
  tasks: readonly TrainingTask[],
  networksPerTask: number,
  options: FeatureOptions,
): Promise<FeatureModel> {
  const space = spaceNamed(domain);
  const metaTasks = tasks.map((task): MetaTask => {
    const step = Math.max(1, Math.floor(task.rows.length / networksPerTask));
    const keep = Array.from(task.rows.keys())
      .filter((i) => i % step === 0)
      .slice(0, networksPerTask);
    return {
      id: task.id,
      space,
      archs: keep.map((i) => archOf(workloads[task.rows[i]])),
      values: Float64Array.from(keep, (i) => task.values[i]),
    };
  });
  return trainFeatures(metaTasks, options);
}

export const loadLearned = (config: FeatureConfig, arrays: readonly NamedArray[]) =>
  learnedFeatures(loadFeatures(config, arrays));
