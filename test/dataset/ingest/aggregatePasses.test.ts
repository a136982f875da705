import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.js';
import { aggregatePasses, type Pass } from '../../../src/dataset/ingest/aggregatePasses.js';

const pass = (workload: number, run: string, value: number): Pass => ({ workload, run, value });

describe('aggregatePasses', () => {
  it('takes one factor per run out: the value is the geometric mean around the middle of the runs', () => {
    const passes = [1, 2, 3, 4].flatMap((w) => [pass(w, 'calm', w), pass(w, 'busy', 4 * w)]);
    const { values, runFactors, noise } = aggregatePasses(passes);
    expect(values.map((v) => v.value)).toEqual([2, 4, 6, 8].map((v) => expect.closeTo(v, 9)));
    expect(values.every((v) => v.spread < 1e-9 && v.repeats === 2)).toBe(true);
    expect(runFactors.busy).toBeCloseTo(Math.log(2), 9);
    expect(runFactors.calm + runFactors.busy).toBeCloseTo(0, 12);
    expect(noise).toMatchObject({ halves: expect.closeTo(1, 12), ofMean: expect.closeTo(1, 12), passes: 2 });
  });

  it('keeps the drift of a run out of workloads that only the other run measured', () => {
    const both = Array.from({ length: 9 }, (_, w) => [pass(w, 'a', w + 1), pass(w, 'b', 2 * (w + 1))]).flat();
    const { values } = aggregatePasses([...both, pass(100, 'a', 5), pass(101, 'b', 10)]);
    const of = (w: number) => values.find((v) => v.workload === w)!.value;
    expect(of(100)).toBeCloseTo(of(101), 9);
  });

  it('spread is the median absolute deviation of the logs, repeats the passes', () => {
    const { values } = aggregatePasses([1, 2, 4, 8, 1024].map((v) => pass(1, '', v)));
    expect(values).toEqual([
      { workload: 1, value: expect.closeTo(2 ** 3.2, 9), spread: expect.closeTo(Math.log(2), 9), repeats: 5 },
    ]);
  });

  it('adds counters up: arithmetic mean, no factor', () => {
    const { values, runFactors } = aggregatePasses([pass(1, 'a', 1), pass(1, 'b', 3)], { mean: 'arithmetic' });
    expect(values[0].value).toBe(2);
    expect(runFactors).toEqual({ a: 0, b: 0 });
  });

  it('judges noise by every other pass, over workloads with the usual number of passes', () => {
    const order = [3, 1, 2, 4];
    const passes = order.flatMap((v, w) => [pass(w, '', v), pass(w, '', v === 1 ? 2.5 : v)]);
    const { noise } = aggregatePasses([...passes, pass(9, '', 1)]);
    // halves rank (3,1,2,4) and (3,2,1,4): Spearman 1 - 6*2/(4*15) = .8
    expect(noise!.halves).toBeCloseTo(0.8, 12);
    expect(noise!.ofMean).toBeCloseTo(1.6 / 1.8, 12);
    expect(noise!.passes).toBe(2);
    expect(noise!.medianDifference).toBe(0);
  });

  it('has no noise to report without passes to compare', () => {
    expect(aggregatePasses([pass(1, '', 1), pass(2, '', 2), pass(3, '', 3)]).noise).toBeNull();
    expect(aggregatePasses([]).values).toEqual([]);
  });

  it('does not care for the scale of a run', () => {
    const random = createRandom('scale');
    const base = Array.from({ length: 60 }, (_, i) =>
      pass(i % 20, `r${Math.floor(i / 20)}`, (1 + (i % 20)) * Math.exp(0.1 * random.normal())),
    );
    const shape = (passes: Pass[]) => {
      const { values } = aggregatePasses(passes);
      return values.map((v) => Math.log(v.value / values[0].value));
    };
    const expected = shape(base);
    fc.assert(
      fc.property(fc.double({ min: 0.2, max: 5, noNaN: true }), (factor) => {
        const scaled = shape(base.map((p) => (p.run === 'r1' ? { ...p, value: p.value * factor } : p)));
        expect(scaled).toHaveLength(20);
        scaled.forEach((v, i) => expect(v).toBeCloseTo(expected[i], 6));
      }),
      { numRuns: 50 },
    );
  });
});
