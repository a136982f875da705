import { describe, expect, it } from 'vitest';
import { parseWorkload } from '../../src/graph/workload.js';
import type { AdaptedClosedForm } from '../../src/networks/closedForm.js';
import { AdaptedMixture } from '../../src/networks/mixture.js';
import { intervalsOf, type Prediction, singleTarget } from '../../src/surrogate/predictor.js';

const cell = parseWorkload('nasbench201:#9');
/** A member that gives one value for everything. */
const member = (logEvidence: number, value: number, warnings: string[] = []) =>
  ({
    posterior: { logEvidence },
    task: { device: 'd', condition: '', target: 'latency' },
    predict: (w: readonly unknown[]) =>
      w.map(
        (): Prediction =>
          singleTarget('latency', { value, low: value / 2, high: value * 2, unit: 's', provenance: 'adapted' }, warnings),
      ),
  }) as unknown as AdaptedClosedForm;

describe('AdaptedMixture', () => {
  it('averages its heads by their evidence', () => {
    const mixture = new AdaptedMixture('m', [member(-500, 1), member(-500 + Math.log(3), 2)]);
    expect(mixture.probability[0]).toBeCloseTo(0.25, 12);
    expect(mixture.probability[1]).toBeCloseTo(0.75, 12);
    const [p] = intervalsOf(mixture.predict([cell]), 'latency');
    expect(p.value).toBeCloseTo(1.75, 12);
    expect([p.low, p.high]).toEqual([expect.closeTo(0.875, 12), expect.closeTo(3.5, 12)]);
  });

  it('leaves out a head that the measurements speak against', () => {
    const broken = { ...member(-900, 7), predict: () => expect.fail('was asked') } as unknown as AdaptedClosedForm;
    const mixture = new AdaptedMixture('m', [broken, member(-10, 2)]);
    expect(intervalsOf(mixture.predict([cell, cell]), 'latency').map((p) => p.value)).toEqual([2, 2]);
  });

  it('gives every warning once', () => {
    const mixture = new AdaptedMixture('m', [member(0, 1, ['a', 'b']), member(0, 1, ['b', 'c'])]);
    expect(mixture.predict([cell])[0].warnings).toEqual(['a', 'b', 'c']);
  });

  it('of one head is that head', () => {
    expect(new AdaptedMixture('m', [member(-3, 5)]).predict([cell])).toEqual(member(-3, 5).predict([cell]));
  });
});
