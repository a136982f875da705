import { array, assert, double, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byEvidence, type Fit, likelyFits } from '../../src/networks/adaptedMultiTask.js';
import { DrawnTable } from '../../src/networks/drawnTable.js';

const fit = (table: object, evidence: number): Fit => ({ table, evidence }) as unknown as Fit;
const table = (evidence: number): Fit => fit({}, evidence);
const drawn = (evidence: number): Fit => fit(Object.create(DrawnTable.prototype), evidence);
const probabilities = (fits: readonly Fit[]): number[] => byEvidence(fits).map((f) => f.probability);

describe('probabilities of fits', () => {
  it('are as their evidence, to one', () => {
    const [a, b] = probabilities([table(Math.log(3)), table(0)]);
    expect(a).toBeCloseTo(0.75, 12);
    expect(b).toBeCloseTo(0.25, 12);
  });

  it('do not depend on how many machines were drawn', () => {
    assert(
      property(
        double({ min: -5, max: 5, noNaN: true }),
        array(double({ min: -5, max: 5, noNaN: true }), { minLength: 1, maxLength: 6 }),
        (own, others) => {
          const machines = others.map(drawn),
            [once] = probabilities([table(own), ...machines]),
            [thrice] = probabilities([table(own), ...machines, ...machines, ...machines]);
          expect(thrice).toBeCloseTo(once, 10);
        },
      ),
    );
  });

  it('are one for the only fit, whether drawn or not', () => {
    expect(probabilities([table(-400)])).toEqual([1]);
    expect(probabilities([drawn(-400)])).toEqual([1]);
  });

  it('are of sum one once machines that are hardly likely are left out, or means and variances of logs would be off', () => {
    const likely = likelyFits([table(0), table(-20), drawn(0), ...Array.from({ length: 60 }, () => drawn(-6))]);
    expect(likely).toHaveLength(3);
    expect(likely.reduce((sum, f) => sum + f.probability, 0)).toBeCloseTo(1, 12);
  });
});
