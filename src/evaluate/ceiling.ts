import { createRandom } from '../core/random.js';
import { mean, median, spearman } from '../core/statistics.js';
import { taskWeights } from '../surrogate/head/taskPrior.js';

/** A task whose workloads can all be measured; positions count its workloads. */
export interface CeilingTask {
  /** columns of the features */
  readonly width: number;
  /** features of workloads, [positions, width] row-major */
  features(positions: readonly number[]): Float64Array;
  /** measured, of every workload */
  readonly values: ArrayLike<number>;
  /** positions that may be measured, and those that are predicted; the same ones, or pools apart */
  readonly supportPool: Int32Array;
  readonly queryPool: Int32Array;
  /** what its random numbers are drawn by */
  readonly seed: string;
}

/** Scores with many measurements of the very device; NaN where there are too few. */
export interface Ceiling {
  spearman: number;
  medianApe: number;
  /** of each draw */
  measurements: number;
  draws: number;
}

const DRAWS = 3;
/** Fewest measurements of each half that a penalty is chosen by. */
const LEAST_HALF = 20;
/** Share of the workloads that is measured where the rest of them is predicted. */
const MEASURED_SHARE = 0.75;
const LAMBDAS = [0.3, 1, 3, 10, 30, 100];
/** Penalty where no other is better. */
const USUAL_LAMBDA = 10;

/**
 * What the same features reach when the very device is measured `count` times: ridge, its penalty by two-fold validation inside those, mean over three
 * draws. The query is the task's query pool without the measured workloads. NaN where the task has too few.
 */
export function ceiling(task: CeilingTask, count = 900): Ceiling {
  const { supportPool, queryPool, values } = task,
    overlap = supportPool === queryPool || supportPool.some((position, i) => position === queryPool[i]);
  const most = overlap ? Math.floor(supportPool.length * MEASURED_SHARE) : supportPool.length,
    measurements = Math.min(count, most);
  if (measurements < 2 * LEAST_HALF) return { spearman: Number.NaN, medianApe: Number.NaN, measurements, draws: DRAWS };
  const scores = Array.from({ length: DRAWS }, (_, draw) => {
    const random = createRandom(`ceiling ${task.seed} ${draw}`),
      measured = random.sample(supportPool.length, measurements).map((i) => supportPool[i]),
      taken = new Set(measured);
    const query = Array.from(queryPool).filter((position) => !taken.has(position));
    const predicted = fit(task, measured, bestLambda(task, measured))(query),
      truth = query.map((position) => values[position]);
    return { spearman: spearman(predicted, truth), medianApe: median(predicted.map((v, i) => Math.abs(v / truth[i] - 1))) };
  });
  return {
    spearman: mean(scores.map((s) => s.spearman)),
    medianApe: mean(scores.map((s) => s.medianApe)),
    measurements,
    draws: DRAWS,
  };
}

/** Ridge on the features of the measured: value = level (1 + (x - mean x) w). */
function fit({ features, width, values }: CeilingTask, measured: readonly number[], lambda: number) {
  const X = features(measured),
    rows = { rows: Int32Array.from(measured.keys()), values: Float64Array.from(measured, (position) => values[position]) };
  const weights = taskWeights(X, width, rows, lambda),
    level = mean(rows.values);
  let centre = 0;
  for (let i = 0; i < measured.length; i++)
    for (let j = 0; j < width; j++) centre += (X[i * width + j] * weights[j]) / measured.length;
  return (query: readonly number[]): number[] => {
    const Q = features(query);
    return query.map((_, i) => {
      let relative = 1 - centre;
      for (let j = 0; j < width; j++) relative += Q[i * width + j] * weights[j];
      return level * relative;
    });
  };
}

/** The penalty with which each half of the measured predicts the other best. */
function bestLambda(task: CeilingTask, measured: readonly number[]): number {
  const half = measured.length >> 1,
    [a, b] = [measured.slice(0, half), measured.slice(half)];
  const squareError = (train: readonly number[], check: readonly number[], lambda: number) =>
    fit(task, train, lambda)(check).reduce((sum, v, i) => sum + (v - task.values[check[i]]) ** 2, 0);
  let best = { lambda: USUAL_LAMBDA, error: Number.POSITIVE_INFINITY };
  for (const lambda of LAMBDAS) {
    const error = squareError(a, b, lambda) + squareError(b, a, lambda);
    if (error < best.error) best = { lambda, error };
  }
  return best.lambda;
}
