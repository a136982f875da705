import { ridge } from '../../core/cholesky.js';
import { HwcastError } from '../../core/errors.js';
import { encodeArch, type Space } from '../../graph/spaces/space.js';
import type { Workload } from '../../graph/workload.js';
import { type BaselineInput, baseline } from './baseline.js';
import { trainedFunctions } from './trainedFunctions.js';

/** One-hot choices, [workloads, choices]. */
function oneHot(workloads: readonly Workload[], space: Space | undefined): { X: Float64Array; width: number } {
  const rows = workloads.map((w) => {
    if (!w.space || !w.arch || w.space !== space)
      throw new HwcastError('unsupported', `'${w.id}' is not of ${space?.name ?? 'a space'}, which the mixture was trained on`, {
        hint: 'the additive mixture needs networks of a space',
      });
    return encodeArch(w.space, w.arch);
  });
  const width = rows[0]?.length ?? 0,
    X = new Float64Array(rows.length * width);
  rows.forEach((r, i) => X.set(r, i * width));
  return { X, width };
}

/**
 * Additive one-hot model f_t of each training device t, then ridge from the support on their predictions around their mean f:
 * value = level (1 + sum_t w_t (f_t - f) + w_f (f - 1) / 2 + w_0). A baseline of our own, for what transfers without features or a prior: with 20
 * measurements its mean Spearman is that published for HELP (Lee et al., Hardware-adaptive Efficient Latency Prediction for NAS via
 * Meta-Learning, NeurIPS 2021, whose 20 are 10 samples and 10 reference networks) on HELP's own protocol.
 */
export const additiveMixture = (input: BaselineInput) => {
  const functions = trainedFunctions(input, (workloads) => oneHot(workloads, input.workloads[0]?.space)),
    tasks = input.tasks.length;
  return baseline('additive-mixture', (support, values) => {
    const level = values.reduce((a, b) => a + b, 0) / values.length,
      k = support.length;
    const columns = (workloads: readonly Workload[]) => {
      const f = functions(workloads),
        mean = workloads.map((_, i) => f.reduce((s, v) => s + v[i], 0) / tasks),
        width = tasks + 2;
      const Z = new Float64Array(workloads.length * width);
      workloads.forEach((_, i) => {
        for (let t = 0; t < tasks; t++) Z[i * width + t] = f[t][i] - mean[i];
        Z[i * width + tasks] = 0.5 * (mean[i] - 1);
        Z[i * width + tasks + 1] = 0.3;
      });
      return { Z, mean, width };
    };
    const at = columns(support),
      target = Float64Array.from({ length: k }, (_, i) => values[i] / level - at.mean[i]);
    const w = ridge(at.Z, target, k, at.width, 0.02);
    return (workloads) => {
      const { Z, mean, width } = columns(workloads);
      return mean.map((m, i) => {
        let v = m;
        for (let j = 0; j < width; j++) v += Z[i * width + j] * w[j];
        return level * v;
      });
    };
  });
};
