import { describe, expect, it } from 'vitest';
import { taskPrior, taskWeights } from '../../../src/surrogate/head/taskPrior.js';

describe('taskWeights', () => {
  // value = 10 (1 + 0.2 x0 - 0.1 x1) on centred features
  const X = Float64Array.of(1, 1, 1, -1, -1, 1, -1, -1, 100, 100);
  const values = Float64Array.of(11, 13, 7, 9);
  const rows = Int32Array.of(0, 1, 2, 3);

  it('are relative to the mean value, so that seconds and milliseconds give the same', () => {
    const w = taskWeights(X, 2, { rows, values }, 1e-9);
    expect(w[0]).toBeCloseTo(0.2, 9);
    expect(w[1]).toBeCloseTo(-0.1, 9);
    const ms = taskWeights(X, 2, { rows, values: values.map((v) => v * 1e-3) }, 1e-9);
    ms.forEach((v, j) => {
      expect(v).toBeCloseTo(w[j], 12);
    });
  });

  it('do not see where the features are centred', () => {
    const moved = X.map((v, i) => v + (i % 2 ? 7 : -3));
    const [first, second] = taskWeights(X, 2, { rows, values }, 1);
    expect([...taskWeights(moved, 2, { rows, values }, 1)]).toEqual([expect.closeTo(first, 12), expect.closeTo(second, 12)]);
  });

  it('shrink with the penalty: x^T x = 4 against lambda', () => {
    expect(taskWeights(X, 2, { rows, values }, 4)[0]).toBeCloseTo(0.1, 12);
  });
});

describe('taskPrior', () => {
  it('is mean and covariance of the weights', () => {
    const prior = taskPrior([Float64Array.of(1, 4), Float64Array.of(3, 0)], 2);
    expect([...prior.mean]).toEqual([2, 2]);
    // covariance = D^T D = [[1, -2], [-2, 4]]
    const D = prior.deviations,
      covariance = [0, 1].map((a) => [0, 1].map((b) => D[a] * D[b] + D[2 + a] * D[2 + b]));
    expect(covariance[0][0]).toBeCloseTo(1, 12);
    expect(covariance[0][1]).toBeCloseTo(-2, 12);
    expect(covariance[1][1]).toBeCloseTo(4, 12);
  });

  it('of one task has no spread', () => {
    const prior = taskPrior([Float64Array.of(1, -2)], 2);
    expect([...prior.deviations]).toEqual([0, 0]);
    expect([...prior.mean]).toEqual([1, -2]);
  });
});
