import { createRandom } from '../core/random.js';
import { mean as average, median, spearman } from '../core/statistics.js';
import type { FeatureMap } from '../networks/featureMap.js';
import { taskWeights } from '../surrogate/head/taskPrior.js';
import type { NetworkSplit, TestTask } from './protocols/networkSplit.js';

/**
 * What the same features reach when the very device is measured `count` times (ridge, penalty by two-fold validation inside those): mean over
 * three draws. The query is the task's query pool without the measured networks. NaN where the task has too few networks.
 */
export function ceiling(
  map: FeatureMap,
  c: NetworkSplit,
  test: TestTask,
  count = 900,
): { spearman: number; medianApe: number; measurements: number } {
  const { width } = map,
    own = test.supportPool === test.queryPool || test.supportPool.some((v, i) => v === test.queryPool[i]);
  const n = Math.min(count, own ? Math.floor(test.supportPool.length * 0.75) : test.supportPool.length);
  if (n < 2 * 20) return { spearman: Number.NaN, medianApe: Number.NaN, measurements: n };
  const at = (positions: readonly number[]) => map.of(positions.map((i) => c.workloads[test.rows[i]]));
  const fit = (positions: readonly number[], lambda: number) => {
    const X = at(positions),
      task = { rows: Int32Array.from(positions.keys()), values: Float64Array.from(positions, (i) => test.values[i]) };
    const w = taskWeights(X, width, task, lambda),
      level = average(task.values);
    let along = 0;
    for (let i = 0; i < positions.length; i++)
      for (let j = 0; j < width; j++) along += (X[i * width + j] * w[j]) / positions.length;
    return (query: readonly number[]) => {
      const Q = at(query);
      return query.map((_, i) => {
        let v = 1 - along;
        for (let j = 0; j < width; j++) v += Q[i * width + j] * w[j];
        return level * v;
      });
    };
  };
  const results = [0, 1, 2].map((draw) => {
    const random = createRandom(`ceiling ${test.device} ${test.target} ${draw}`);
    const measured = random.sample(test.supportPool.length, n).map((i) => test.supportPool[i]),
      taken = new Set(measured);
    const query = Array.from(test.queryPool).filter((i) => !taken.has(i)),
      half = n >> 1;
    const [a, b] = [measured.slice(0, half), measured.slice(half)];
    let best = { lambda: 10, error: Number.POSITIVE_INFINITY };
    for (const lambda of [0.3, 1, 3, 10, 30, 100]) {
      const error = [
        [a, b],
        [b, a],
      ].reduce(
        (s, [train, check]) => s + fit(train, lambda)(check).reduce((e, v, i) => e + (v - test.values[check[i]]) ** 2, 0),
        0,
      );
      if (error < best.error) best = { lambda, error };
    }
    const predicted = fit(measured, best.lambda)(query),
      truth = query.map((i) => test.values[i]);
    return { spearman: spearman(predicted, truth), medianApe: median(predicted.map((v, i) => Math.abs(v / truth[i] - 1))) };
  });
  return {
    spearman: average(results.map((r) => r.spearman)),
    medianApe: average(results.map((r) => r.medianApe)),
    measurements: n,
  };
}
