import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.js';
import { mean } from '../../../src/core/statistics.js';
import { adaptLogTask, chooseLogRows, type LogTask, ridgeLogTask, trainLogTasks } from '../../../src/surrogate/head/logTasks.js';
import { rowsOf } from '../../../src/surrogate/head/rowsOf.js';

const WIDTH = 6;
/** log value = level + x . (shared + own), with noise. */
function tasksOf(count: number, seed: number): LogTask[] {
  const random = createRandom(seed),
    shared = [1, -0.5, 0.3, 0, 0.8, -0.2];
  return Array.from({ length: count }, (_, t): LogTask => {
    const own = shared.map((w) => w + 0.1 * random.normal());
    const X = Float64Array.from({ length: 80 * WIDTH }, () => random.normal());
    const values = Float64Array.from({ length: 80 }, (_, i) =>
      Math.exp(5 + t + own.reduce((a, w, j) => a + w * X[i * WIDTH + j], 0) + 0.05 * random.normal()),
    );
    return { id: `t${t}`, group: `g${t}`, X, values };
  });
}
const error = (p: Float64Array, t: Float64Array) => mean(p.map((v, i) => Math.abs(Math.log(v / t[i]))));

describe('log tasks', () => {
  const tasks = tasksOf(8, 3),
    model = trainLogTasks(tasks.slice(1), WIDTH, createRandom(1)),
    [test] = tasks;
  const rows = chooseLogRows(model, test.X, 5),
    support = { X: rowsOf(test.X, WIDTH, rows), values: Float64Array.from(rows, (i) => test.values[i]) };

  it('learn from other tasks what five rows cannot say', () => {
    const ours = error(adaptLogTask(model, support, test.X), test.values),
      ridge = error(ridgeLogTask(model, support, test.X), test.values);
    expect(ours).toBeLessThan(0.25);
    expect(ours).toBeLessThan(0.6 * ridge);
  });

  it('scale with the values, not with the rows asked for', () => {
    const all = adaptLogTask(model, support, test.X),
      scaled = adaptLogTask(model, { ...support, values: support.values.map((v) => 1000 * v) }, test.X);
    all.forEach((v, i) => expect(scaled[i] / v).toBeCloseTo(1000, 6));
    const one = adaptLogTask(model, support, rowsOf(test.X, WIDTH, [7]));
    expect(one[0]).toBeCloseTo(all[7], 9);
  });

  it('choose different rows, the same each time', () => {
    expect(new Set(rows).size).toBe(5);
    expect(chooseLogRows(model, test.X, 5)).toEqual(rows);
    expect(chooseLogRows(model, test.X, 3)).toEqual(rows.slice(0, 3));
  });
});
