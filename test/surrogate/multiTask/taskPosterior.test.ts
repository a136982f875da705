import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.js';
import {
  type KernelParts,
  predictTask,
  type SeenWorkloads,
  taskPosterior,
  weightHypotheses,
} from '../../../src/surrogate/multiTask/taskPosterior.js';

const COLUMNS = 4,
  KINDS = ['cpu', 'cpu', 'gpu', 'gpu'];
const random = createRandom('posterior');
const table = Float64Array.from({ length: 40 * COLUMNS }, () => random.normal());
const seen = (rows: readonly number[]): SeenWorkloads => ({
  at: Float64Array.from(rows.flatMap((r) => [...table.subarray(r * COLUMNS, (r + 1) * COLUMNS)])),
  noise: new Float64Array(rows.length),
});
/** No workload is like another. */
const unlike = (a: readonly number[], b: readonly number[]): KernelParts => {
  const same = Float64Array.from(a.flatMap((i) => b.map((j) => (i === j ? 1 : 0))));
  return { linear: same, smooth: same, words: same };
};
const ones = (n: number): KernelParts => {
  const one = new Float64Array(n).fill(1);
  return { linear: one, smooth: one, words: one };
};
const SUPPORT = [0, 3, 5, 8, 13, 21, 27, 31, 34, 38],
  QUERY = [1, 2, 4, 6, 7, 9, 10];
/** What a new task says: the third task, half as fast again. */
const valuesOf = (rows: readonly number[], level = 0) => Float64Array.from(rows, (r) => table[r * COLUMNS + 2] + 0.4 + level);
const predicted = (support: readonly number[], query: readonly number[], values = valuesOf(support)) =>
  predictTask(
    taskPosterior(table, KINDS, seen(support), values, unlike(support, support)),
    seen(query),
    unlike(query, support),
    ones(query.length),
  );

describe('taskPosterior and predictTask', () => {
  it('recognises a task that is one of the others up to a factor', () => {
    const { mean, deviation } = predicted(SUPPORT, QUERY),
      truth = valuesOf(QUERY);
    const errors = [...mean].map((m, i) => Math.abs(m - truth[i]));
    expect(Math.max(...errors)).toBeLessThan(0.7);
    expect(errors.reduce((a, e) => a + e, 0) / errors.length).toBeLessThan(0.3);
    expect([...deviation].every((d) => d > 0)).toBe(true);
  });

  it('moves with the unit of the values', () => {
    const a = predicted(SUPPORT, QUERY),
      b = predicted(SUPPORT, QUERY, valuesOf(SUPPORT, 0.5));
    expect(Math.max(...[...a.mean].map((m, i) => Math.abs(b.mean[i] - m - 0.5)))).toBeLessThan(0.01);
  });

  it('does not depend on the order of the support or of the asked', () => {
    const a = predicted(SUPPORT, QUERY),
      b = predicted([...SUPPORT].reverse(), [...QUERY].reverse());
    expect(Math.max(...[...a.mean].map((m, i) => Math.abs(b.mean[QUERY.length - 1 - i] - m)))).toBeLessThan(1e-9);
  });

  it('says what each measurement differs from what the others say of it', () => {
    const values = valuesOf(SUPPORT);
    values[4] += 5;
    const { leftOut } = taskPosterior(table, KINDS, seen(SUPPORT), values, unlike(SUPPORT, SUPPORT));
    const worst = leftOut.residual.indexOf(Math.max(...leftOut.residual));
    expect(worst).toBe(4);
    expect(leftOut.residual[4]).toBeGreaterThan(3);
  });

  it('knows less of what was predicted from its description', () => {
    const posterior = taskPosterior(table, KINDS, seen(SUPPORT), valuesOf(SUPPORT), unlike(SUPPORT, SUPPORT));
    const sure = seen([1]),
      unsure = { ...seen([1]), noise: Float64Array.of(0.5) };
    const widths = [sure, unsure].map((s) => predictTask(posterior, s, unlike([1], SUPPORT), ones(1)).deviation[0]);
    expect(widths[1] ** 2 - widths[0] ** 2).toBeCloseTo(0.5, 6);
  });
});

describe('weightHypotheses', () => {
  it('has all tasks alike, each kind, and those that agree with the support', () => {
    const weights = weightHypotheses(KINDS, seen(SUPPORT).at, valuesOf(SUPPORT));
    expect(weights.map((w) => w.length)).toEqual([4, 4, 4, 4, 4]);
    expect([...weights[0]]).toEqual([1, 1, 1, 1]);
    expect([...weights[1]]).toEqual([10, 10, 1, 1]);
    expect([weights[3], weights[4]].map((w) => w.indexOf(Math.max(...w)))).toEqual([2, 2]);
  });
});
