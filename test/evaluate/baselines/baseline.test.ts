import { describe, expect, it } from 'vitest';
import { baseline } from '../../../src/evaluate/baselines/baseline.js';
import { parseWorkload } from '../../../src/graph/workload.js';
import { intervalsOf, type Predictor } from '../../../src/surrogate/predictor.js';

const networks = Array.from({ length: 6 }, (_, i) => parseWorkload(`nasbench201:#${i}`));
const support = (...values: number[]) => values.map((value, i) => ({ workload: networks[i], value }));
const task = { device: 'd', condition: '', target: 'latency' } as const;
/** Latency of a network that was not measured. */
const unmeasured = (predictor: Predictor) => intervalsOf(predictor.predict([networks[5]]), 'latency')[0];
const mean = baseline('mean', (_, values) => (w) => w.map(() => values.reduce((a, b) => a + b, 0) / values.length));

describe('baseline', () => {
  it('predicts what the rule gives, in the unit of the target', () => {
    const [p] = mean.adapt(support(1, 2, 3), task).predict([networks[5]]);
    expect(p).toMatchObject({ targets: { latency: { value: 2, unit: 's', provenance: 'adapted' } }, warnings: [] });
    const [energy] = mean.adapt(support(1, 2, 3), { ...task, target: 'energy' }).predict([networks[5]]);
    expect(Object.entries(energy.targets)).toEqual([['energy', expect.objectContaining({ value: 2, unit: 'J' })]]);
  });

  it('the interval is the error of each measurement predicted from the others', () => {
    // left out: 1 -> 2.5, 2 -> 2, 3 -> 1.5; relative to the mean 2: .75, 0, -.75
    const p = unmeasured(mean.adapt(support(1, 2, 3), task));
    const half = 1.645 * Math.sqrt((2 * 0.75 ** 2) / 3 + 1e-6) * Math.sqrt(1 + 2 / 3) * 2;
    expect(p.high - p.value).toBeCloseTo(half, 9);
    expect(p.low).toBeCloseTo(Math.max(2 - half, 0.004), 9);
  });

  it('or the error of the fit, where fitting again is dear or there are two', () => {
    const p = unmeasured(mean.adapt(support(1, 3), task));
    expect(p.high - p.value).toBeCloseTo(1.645 * Math.sqrt(0.25 + 1e-6) * Math.sqrt(2) * 2, 9);
    let fits = 0;
    const once = baseline(
      'once',
      () => {
        fits++;
        return (w) => w.map(() => 1);
      },
      false,
    );
    once.adapt(support(1, 1, 1, 1), task).predict([networks[5]]);
    expect(fits).toBe(1);
  });

  it('cuts at 2 % of the mean measurement, with a warning', () => {
    const negative = baseline('negative', () => (w) => w.map((_, i) => (i ? -5 : 5)));
    const [good, cut] = negative.adapt(support(1, 2, 3), task).predict([networks[4], networks[5]]);
    expect(good.warnings).toEqual([]);
    const [{ value, low }] = intervalsOf([cut], 'latency');
    expect(value).toBeCloseTo(0.04, 12);
    expect(low).toBeGreaterThan(0);
    expect(cut.warnings).toEqual(['fell below 2 % of the mean measurement and was cut there']);
  });

  it('tells the rule the task, and refuses a bad support set', () => {
    const seen: string[] = [];
    const spy = baseline('spy', (_, values, t) => {
      seen.push(t.device);
      return (w) => w.map(() => values[0]);
    });
    spy.adapt(support(1), task);
    expect(new Set(seen)).toEqual(new Set(['d']));
    for (const bad of [[], support(1, -1), [...support(1), ...support(2)]])
      expect(() => spy.adapt(bad, task)).toThrow(expect.objectContaining({ code: 'bad-input' }));
  });
});
