import { listCache } from '../../core/listCache.js';
import type { Workload } from '../../graph/workload.js';
import { type TaskValues, taskWeights } from '../../surrogate/head/taskPrior.js';
import type { BaselineInput } from './baseline.js';

/**
 * One linear function per training task, relative to its mean: values [tasks][workloads].
 * `encode` gives the features, [workloads, width] row-major.
 */
export function trainedFunctions(
  input: BaselineInput,
  encode: (workloads: readonly Workload[]) => { X: Float64Array; width: number },
  limit = 2000,
): (workloads: readonly Workload[]) => Float64Array[] {
  const fits = input.tasks.map((task) => {
    const step = Math.max(1, Math.floor(task.rows.length / limit)),
      keep = Array.from(task.rows.keys()).filter((i) => i % step === 0);
    const { X, width } = encode(keep.map((i) => input.workloads[task.rows[i]]));
    const values: TaskValues = { rows: Int32Array.from(keep.keys()), values: Float64Array.from(keep, (i) => task.values[i]) };
    const weights = taskWeights(X, width, values);
    let along = 0;
    for (let i = 0; i < keep.length; i++) for (let j = 0; j < width; j++) along += (X[i * width + j] * weights[j]) / keep.length;
    return { weights, offset: 1 - along };
  });
  const cached = listCache<Workload, Float64Array[]>();
  return (workloads) =>
    cached(workloads, () => {
      const { X, width } = encode(workloads);
      return fits.map(({ weights, offset }) =>
        Float64Array.from(workloads, (_, i) => {
          let v = offset;
          for (let j = 0; j < width; j++) v += X[i * width + j] * weights[j];
          return v;
        }),
      );
    });
}
