import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { valueOfMeasuring } from '../../src/surrogate/valueOfMeasuring.js';

const pair = (correlation: number) => Float64Array.of(1, correlation, correlation, 1);

describe('valueOfMeasuring', () => {
  it('of one workload is the chance of judging it wrongly', () => {
    const [a, b] = valueOfMeasuring([0.3, 0.9], pair(0));
    expect(a).toBeCloseTo(0.3, 12);
    expect(b).toBeCloseTo(0.1, 12);
  });

  it('of workloads whose errors are the same is that of all of them', () => {
    for (const sign of [1, -1]) {
      const [a, b] = valueOfMeasuring([0.3, 0.9], pair(sign));
      expect(a).toBeCloseTo(0.4, 12);
      expect(b).toBeCloseTo(0.4, 12);
    }
  });

  it('agrees with measuring drawn values', () => {
    const correlation = 0.8,
      random = createRandom('value of measuring');
    // at the budget and 1.2816 deviations within it
    const [distance, meets] = [1.2815515655446004, [0.5, 0.9]];
    let wrong = 0;
    const trials = 40_000;
    for (let i = 0; i < trials; i++) {
      const first = random.normal(),
        second = correlation * first + Math.sqrt(1 - correlation ** 2) * random.normal();
      // judged by its mean after the first is known
      if (second <= distance !== correlation * first <= distance) wrong++;
    }
    const [worth] = valueOfMeasuring(meets, pair(correlation));
    expect(Math.abs(worth - (0.5 + 0.1 - wrong / trials))).toBeLessThan(0.006);
  });

  it('is at least what a workload is worth by itself, and at most all that can be wrong', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(share, share, fc.double({ min: -1, max: 1, noNaN: true }), (a, b, correlation) => {
        const [own, all] = [Math.min(a, 1 - a), Math.min(a, 1 - a) + Math.min(b, 1 - b)];
        const [worth] = valueOfMeasuring([a, b], pair(correlation));
        expect(worth).toBeGreaterThanOrEqual(own);
        expect(worth).toBeLessThanOrEqual(all + 1e-9);
      }),
    );
  });
});
