import { leaveOneOut } from '../../core/leaveOneOut.js';
import type { Task } from '../../dataset/dataset.js';
import { UNITS } from '../../graph/targets.js';
import type { Workload } from '../../graph/workload.js';
import { checkSupport } from '../../networks/checkSupport.js';
import type { TrainingTask } from '../../networks/closedForm.js';
import type { FeatureMap } from '../../networks/featureMap.js';
import { type FewShot, type Prediction, type SupportRow, singleTarget } from '../../surrogate/predictor.js';

/** What baselines learn from: the training tasks (rows are positions in `workloads`) and the feature map. */
export interface BaselineInput {
  map: FeatureMap;
  workloads: readonly Workload[];
  tasks: readonly TrainingTask[];
}

/** Standard deviations that a 90 % interval reaches, in the digits that published scores of the baselines were made with. */
const INTERVAL_WIDTH = 1.645;

/** A function of workloads fitted to a support set: relative or absolute values, one per workload. */
export type Fitted = (workloads: readonly Workload[]) => ArrayLike<number>;

/**
 * A few-shot predictor from a rule `fit(support, values) -> function`. Values stay positive (cut at 2 % of the mean measurement, with a warning);
 * the 90 % interval is a factor from the residuals on the support set, leave-one-out where `fit` is cheap enough to repeat.
 */
export function baseline(
  name: string,
  fit: (support: readonly Workload[], values: Float64Array, task: Task) => Fitted,
  repeatable = true,
): FewShot {
  return {
    name,
    adapt(support: readonly SupportRow[], task: Task) {
      checkSupport(support);
      const workloads = support.map((s) => s.workload),
        values = Float64Array.from(support, (s) => s.value);
      const fitted = fit(workloads, values, task),
        level = values.reduce((a, b) => a + b, 0) / values.length,
        floor = 0.02 * level;
      const predicted =
        repeatable && support.length > 2
          ? leaveOneOut(
              support,
              (others, left) =>
                fit(
                  others.map((s) => s.workload),
                  Float64Array.from(others, (s) => s.value),
                  task,
                )([left.workload])[0],
            )
          : fitted(workloads);
      const square = Array.from(predicted).reduce((sum, value, i) => sum + ((value - values[i]) / level) ** 2, 0);
      const half = INTERVAL_WIDTH * Math.sqrt(square / support.length + 1e-6) * Math.sqrt(1 + 2 / support.length) * level;
      return {
        name,
        predict: (queries: readonly Workload[]): Prediction[] =>
          Array.from(fitted(queries), (v) => {
            const value = Math.max(v, floor);
            return singleTarget(
              task.target,
              {
                value,
                low: Math.max(value - half, 0.1 * floor),
                high: value + half,
                unit: UNITS[task.target],
                provenance: 'adapted',
              },
              v < floor ? ['fell below 2 % of the mean measurement and was cut there'] : [],
            );
          }),
      };
    },
  };
}
