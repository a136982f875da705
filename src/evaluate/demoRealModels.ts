import { HwcastError } from '../core/errors.js';
import type { Random } from '../core/random.js';
import type { Dataset } from '../dataset/dataset.js';
import type { Workload } from '../graph/workload.js';
import { hardwareOf, trainMultiTask } from '../networks/trainMultiTask.js';
import { type IntervalEstimate, intervalsOf } from '../surrogate/predictor.js';
import { TABLE_BASELINES } from './baselines/tableBaselines.js';
import { modelTasks } from './protocols/tableCases.js';
import { type Scores, scores } from './scores.js';

export interface RealModelsOptions {
  device: string;
  condition: string;
  measurements: number;
  random: Random;
}

export interface RealModelsResult extends Pick<RealModelsOptions, 'device' | 'condition'> {
  /** how many other devices were learned from */
  hardware: number;
  chosen: readonly Workload[];
  workloads: readonly Workload[];
  /** seconds */
  truth: Float64Array;
  predictions: readonly IntervalEstimate[];
  scores: Scores;
  /** the other device that fits the same measurements best, times a factor */
  nearest: Scores;
}

/**
 * Real models on a device whose truth is known: everything that its hardware measured is left out, hwcast chooses which models to measure, predicts the
 * others, and is compared with what was measured.
 * @throws HwcastError `not-found` for a device and condition that are not in the dataset
 */
export function demoRealModels(data: Dataset, { device, condition, measurements, random }: RealModelsOptions): RealModelsResult {
  const tasks = modelTasks(data).filter((t) => t.target === 'latency'),
    left = tasks.find((t) => t.device === device && t.condition === condition);
  if (!left) throw new HwcastError('not-found', `no latencies of '${device}' under '${condition}' in ${data.card.name}`);
  const others = tasks.filter((t) => hardwareOf(t.device) !== hardwareOf(device)),
    learner = trainMultiTask(data.workloads, others, { random });
  const [table] = learner.state.tables;
  const values = new Map(Array.from(left.rows, (row, i) => [data.workloads[row], left.values[i]]));
  const known = [...values.keys()].filter((w) => table.position.has(w.id)),
    chosen = learner.choose(known, measurements),
    isChosen = new Set(chosen),
    workloads = known.filter((w) => !isChosen.has(w));
  const measuredValue = (w: Workload): number => values.get(w)!,
    truth = Float64Array.from(workloads, measuredValue);
  const support = chosen.map((workload) => ({ workload, value: measuredValue(workload) }));
  const predictions = intervalsOf(learner.adapt(support, left).predict(workloads), 'latency');
  const position = (w: Workload) => table.position.get(w.id)!;
  const nearest = TABLE_BASELINES['nearest-task'](
    table,
    chosen.map(position),
    Float64Array.from(chosen, (w) => Math.log(measuredValue(w))),
    workloads.map(position),
  );
  return {
    device,
    condition,
    hardware: new Set(others.map((t) => hardwareOf(t.device))).size,
    chosen,
    workloads,
    truth,
    predictions,
    scores: scores(predictions, truth),
    nearest: scores(
      Array.from(nearest, (v) => ({ value: Math.exp(v), low: Number.NaN, high: Number.NaN })),
      truth,
    ),
  };
}
