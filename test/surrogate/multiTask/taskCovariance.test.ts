import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.js';
import { taskCovariance } from '../../../src/surrogate/multiTask/taskCovariance.js';
import { type KernelParts, predictTask, taskPosterior } from '../../../src/surrogate/multiTask/taskPosterior.js';

const COLUMNS = 3,
  KINDS = ['cpu', 'cpu', 'gpu'];
const random = createRandom('covariance');
const table = Float64Array.from({ length: 20 * COLUMNS }, () => random.normal());
const seen = (rows: readonly number[]) => ({
  at: Float64Array.from(rows.flatMap((r) => [...table.subarray(r * COLUMNS, (r + 1) * COLUMNS)])),
  noise: Float64Array.from(rows, (r) => 0.01 * r),
});
/** The nearer their numbers, the more alike. */
const alike = (a: readonly number[], b: readonly number[]): KernelParts => {
  const near = Float64Array.from(a.flatMap((i) => b.map((j) => Math.exp(-0.5 * (i - j) ** 2))));
  return { linear: near, smooth: near, words: near };
};
const SUPPORT = [0, 4, 9, 13, 17],
  ASKED = [1, 2, 3, 12];
const posterior = taskPosterior(
  table,
  KINDS,
  seen(SUPPORT),
  Float64Array.from(SUPPORT, (r) => table[r * COLUMNS] + 0.1 * r),
  alike(SUPPORT, SUPPORT),
);
const { mean, covariance } = taskCovariance(posterior, seen(ASKED), alike(ASKED, SUPPORT), alike(ASKED, ASKED));

describe('taskCovariance', () => {
  it('has the means and the variances of predictTask', () => {
    const ones = new Float64Array(ASKED.length).fill(1);
    const said = predictTask(posterior, seen(ASKED), alike(ASKED, SUPPORT), { linear: ones, smooth: ones, words: ones });
    expect(Math.max(...[...mean].map((m, i) => Math.abs(m - said.mean[i])))).toBeLessThan(1e-9);
    const deviation = ASKED.map((_, i) => Math.sqrt(covariance[i * ASKED.length + i]));
    expect(Math.max(...deviation.map((d, i) => Math.abs(d - said.deviation[i])))).toBeLessThan(1e-6);
  });

  it('is symmetric, and a covariance: what is alike moves together', () => {
    const n = ASKED.length,
      at = (i: number, j: number) => covariance[i * n + j];
    expect([at(0, 1), at(2, 3)]).toEqual([at(1, 0), at(3, 2)]);
    expect(at(0, 1)).toBeGreaterThan(0);
    expect(at(0, 1) ** 2).toBeLessThan(at(0, 0) * at(1, 1));
  });
});
