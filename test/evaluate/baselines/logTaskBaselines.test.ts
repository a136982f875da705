import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.js';
import { mean } from '../../../src/core/statistics.js';
import { medianLogTask, ridgeLogTask } from '../../../src/evaluate/baselines/logTaskBaselines.js';
import { adaptLogTask, trainLogTasks } from '../../../src/surrogate/head/logTasks.js';
import { rowsOf } from '../../../src/surrogate/head/rowsOf.js';
import { madeUpLogTasks, WIDTH } from '../../surrogate/head/madeUpLogTasks.js';

const [test, ...others] = madeUpLogTasks(8, 3),
  model = trainLogTasks(others, WIDTH, createRandom(1));
const supportOf = (k: number) => {
  const rows = Array.from({ length: k }, (_, i) => i);
  return { X: rowsOf(test.X, WIDTH, rows), values: Float64Array.from(rows, (i) => test.values[i]) };
};
const error = (predicted: Float64Array) => mean(predicted.map((v, i) => Math.abs(Math.log(v / test.values[i]))));

describe('baselines of log tasks', () => {
  it('ridge learns from its rows alone: far behind the head with five, good with forty', () => {
    const few = error(ridgeLogTask(model, supportOf(5), test.X));
    expect(error(adaptLogTask(model, supportOf(5), test.X))).toBeLessThan(0.6 * few);
    expect(error(ridgeLogTask(model, supportOf(40), test.X))).toBeLessThan(0.4 * few);
  });

  it('the median is the same for every row', () => {
    expect([...medianLogTask({ values: Float64Array.of(1, 9, 4) }, 3)]).toEqual([4, 4, 4]);
  });
});
