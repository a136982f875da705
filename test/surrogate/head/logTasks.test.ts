import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.js';
import { mean } from '../../../src/core/statistics.js';
import { adaptLogTask, chooseLogRows, trainLogTasks } from '../../../src/surrogate/head/logTasks.js';
import { rowsOf } from '../../../src/surrogate/head/rowsOf.js';
import { madeUpLogTasks, WIDTH } from './madeUpLogTasks.js';

const error = (p: Float64Array, t: Float64Array) => mean(p.map((v, i) => Math.abs(Math.log(v / t[i]))));

describe('log tasks', () => {
  const tasks = madeUpLogTasks(8, 3),
    model = trainLogTasks(tasks.slice(1), WIDTH, createRandom(1)),
    [test] = tasks;
  const rows = chooseLogRows(model, test.X, 5),
    support = { X: rowsOf(test.X, WIDTH, rows), values: Float64Array.from(rows, (i) => test.values[i]) };

  it('learn from other tasks what five rows cannot say', () => {
    expect(error(adaptLogTask(model, support, test.X), test.values)).toBeLessThan(0.25);
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
