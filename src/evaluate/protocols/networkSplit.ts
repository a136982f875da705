import type { Task } from '../../dataset/dataset.js';
import type { Workload } from '../../graph/workload.js';
import type { TrainingTask } from '../../networks/closedForm.js';
import type { FeatureMap } from '../../networks/featureMap.js';
import { type Ceiling, ceiling } from '../ceiling.js';

/** One task left out: what it is tested on. Positions are rows of `NetworkSplit.workloads`. */
export interface TestTask extends Task {
  /** every measured network of the task and its value (SI) */
  rows: Int32Array;
  values: Float64Array;
  /** positions in `rows` that may be measured */
  supportPool: Int32Array;
  /** positions in `rows` that are predicted (those measured are taken out) */
  queryPool: Int32Array;
}

/** A split of a protocol: the tasks to train on and the tasks left out. */
export interface NetworkSplit {
  protocol: string;
  space: string;
  /** name of the split, e.g. `N1` */
  task: string;
  workloads: readonly Workload[];
  train: readonly TrainingTask[];
  test: readonly TestTask[];
  /** positions of HELP's reference networks */
  references: readonly number[];
  /** tasks that long trainings may choose their checkpoint by; never trained on */
  validation?: readonly TrainingTask[];
  /** values of the reference networks (SI) by device */
  referenceValues?: ReadonlyMap<string, Float64Array>;
  /** networks per training task that may be learned from */
  networksPerTask: number;
  /** what the protocol wanted and the data does not have */
  missing: readonly string[];
}

export const everyPosition = (n: number): Int32Array => Int32Array.from({ length: n }, (_, i) => i);

/** What `map` reaches when the very device of the task is measured often. */
export const networkCeiling = (map: FeatureMap, { workloads }: Pick<NetworkSplit, 'workloads'>, test: TestTask): Ceiling =>
  ceiling({
    width: map.width,
    features: (positions) => map.of(positions.map((position) => workloads[test.rows[position]])),
    values: test.values,
    supportPool: test.supportPool,
    queryPool: test.queryPool,
    seed: `${test.device} ${test.target}`,
  });
