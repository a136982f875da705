import { describe, expect, it } from 'vitest';
import {
  nearestBaseline,
  ridgeBaseline,
  rulesBaseline,
  unscaledRules,
} from '../../../src/evaluate/baselines/residualBaselines.js';
import { prepareRows } from '../../../src/fpga/residual/residualRow.js';
import { madeUpRows } from '../../fpga/residual/residualRows.js';

describe('baselines of the residual', () => {
  const rows = prepareRows(madeUpRows()),
    train = rows.filter((r) => r.group !== '16x8'),
    test = rows.filter((r) => r.group === '16x8');
  it('nearest: the value of a training design, of itself where it is there', () => {
    expect(test).not.toHaveLength(0);
    expect(nearestBaseline(rows, test)).toEqual(test.map((r) => Array.from(r.targets)));
    const values = nearestBaseline(train, test);
    expect(values).toHaveLength(test.length);
    values.forEach((v) => expect(train.some((r) => String(Array.from(r.targets)) === String(v))).toBe(true));
  });
  it('ridge: near where sizes vary smoothly', () => {
    const values = ridgeBaseline(train, test);
    expect(test).not.toHaveLength(0);
    expect(values).toHaveLength(test.length);
    test.forEach((r, i) => expect(Math.abs(Math.log(values[i][0] / r.targets[0]))).toBeLessThan(0.4));
  });
  it('the rules give II besides, and are the same at csynth whether scaled or not', () => {
    expect(test.every((r) => r.stage === 'csynth')).toBe(true);
    expect(unscaledRules(train, test)).toHaveLength(test.length);
    expect(unscaledRules(train, test).every((values) => values.length === 6 && values.every(Number.isFinite))).toBe(true);
    expect(rulesBaseline(train, test).map((values) => values[5])).toEqual(test.map((r) => r.analysis.total.iiMax));
  });
});
