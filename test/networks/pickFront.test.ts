import { describe, expect, it } from 'vitest';
import { parseWorkload } from '../../src/graph/workload.js';
import type { Judged, Verdict } from '../../src/networks/pick.js';
import { pickFront } from '../../src/networks/pickFront.js';

const judged = (i: number, value: number, verdict: Verdict = 'yes'): Judged => ({
  workload: parseWorkload(`nasbench201:#${i}`),
  estimate: { value, low: value, high: value, unit: 's', provenance: 'adapted' },
  meets: 1,
  verdict,
  next: null,
  warnings: [],
  assumptions: [],
});
const ALL = [judged(0, 3), judged(1, 1), judged(2, 2), judged(3, 2), judged(4, 0.5, 'maybe'), judged(5, 4)];
const merit = (values: number[], lessIsBetter?: boolean) => ({
  name: 'accuracy',
  of: new Map(values.map((v, i) => [ALL[i].workload.id, v])),
  lessIsBetter,
});
const front = (values: number[], lessIsBetter?: boolean) =>
  pickFront(ALL, merit(values, lessIsBetter)).map((j) => ALL.indexOf(j));

describe('pickFront', () => {
  it('holds of those that surely meet the budget the ones that no other beats, from the least value', () => {
    expect(front([90, 70, 80, 85, 99, 89])).toEqual([1, 3, 0]);
  });

  it('turns around where less is better', () => {
    expect(front([90, 70, 80, 85, 1, 69], true)).toEqual([1, 5]);
  });

  it('leaves out what has no merit, and of equals all but one', () => {
    expect(front([70, 70, 70])).toEqual([1]);
    expect(front([])).toEqual([]);
  });
});
