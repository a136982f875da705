import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseWorkload, type Workload } from '../../src/graph/workload.js';
import { carriedSupport, driftSince, withDrift } from '../../src/networks/drift.js';
import { estimateOf, type Predictor, type SupportRow, singleTarget } from '../../src/surrogate/predictor.js';

const TASK = { device: 'board', condition: '', target: 'latency' } as const;
const workload = (i: number): Workload => parseWorkload(`nasbench201:#${i}`);
/** Predicts a second for everything, within a factor of two. */
const old: Predictor = {
  name: 'old',
  predict: (workloads) =>
    workloads.map(() => singleTarget('latency', { value: 1, low: 0.5, high: 2, unit: 's', provenance: 'adapted' })),
};
const rows = (values: readonly number[], first = 0): SupportRow[] =>
  values.map((value, i) => ({ workload: workload(first + i), value }));
const SUPPORT = rows([1, 2, 3, 4]);
const before = { predictor: old, support: SUPPORT, task: TASK };
const scaled = (by: number) => SUPPORT.slice(0, 3).map((row) => ({ ...row, value: row.value * by }));

describe('driftSince', () => {
  it('is the expected change while nothing new is measured', () => {
    expect(driftSince(before, [])).toEqual({ ratio: 1, level: 0.05, own: 0.05, measured: 0 });
  });

  it('finds the common factor of what was measured again, the surer the more agree', () => {
    const one = driftSince(before, scaled(1.1).slice(0, 1)),
      three = driftSince(before, scaled(1.1));
    expect(one.ratio).toBeGreaterThan(1.03);
    expect(three.ratio).toBeGreaterThan(one.ratio);
    expect(three.ratio).toBeLessThan(1.1);
    expect(three.level).toBeLessThan(one.level);
    expect(three.own).toBeLessThan(0.05);
  });

  it('is drawn less by models of which only the old prediction is known, and takes its error for no change', () => {
    const known = driftSince(before, scaled(1.3)),
      predicted = driftSince(before, rows([1.3, 1.3, 1.3], 10));
    expect(Math.log(predicted.ratio)).toBeLessThan(0.2 * Math.log(known.ratio));
    expect(driftSince(before, rows([0.5, 2, 4], 10)).own).toBe(0.05);
  });

  it('says that single models changed where those measured again do not agree', () => {
    const [a, b, c] = SUPPORT;
    expect(driftSince(before, [{ ...a, value: 1.5 }, b, { ...c, value: 2 }]).own).toBeGreaterThan(0.15);
  });
});

describe('carriedSupport', () => {
  it('keeps new values as they are and old ones of other models times the ratio, marked, with the spread of the change', () => {
    const fresh = rows([1.2]);
    const carried = carriedSupport([{ ...SUPPORT[0] }, { ...SUPPORT[1], spread: 0.03 }], fresh, {
      ratio: 1.1,
      level: 0.01,
      own: 0.04,
      measured: 1,
    });
    expect(carried).toEqual([fresh[0], { workload: workload(1), value: 2 * 1.1, spread: 0.05, carried: true }]);
  });
});

it('withDrift widens every interval by at least the change, and keeps the value', () => {
  const deviation = fc.double({ min: 0.001, max: 1, noNaN: true });
  fc.assert(
    fc.property(deviation, deviation, (level, own) => {
      const wide = withDrift(old, TASK, { ratio: 1, level, own, measured: 0 });
      const { value, low, high, provenance } = estimateOf(wide.predict([workload(7)])[0], 'latency');
      expect([value, provenance]).toEqual([1, 'adapted']);
      const change = 1.6448536269514722 * Math.hypot(level, own);
      expect(Math.log(high!)).toBeCloseTo(Math.hypot(Math.log(2), change), 12);
      expect(Math.log(low!)).toBeCloseTo(-Math.hypot(Math.log(2), change), 12);
    }),
  );
});
