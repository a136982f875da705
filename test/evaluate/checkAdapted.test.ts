import { describe, expect, it } from 'vitest';
import { checkAdapted, spreadOver } from '../../src/evaluate/checkAdapted.js';
import { parseWorkload } from '../../src/graph/workload.js';
import { type Predictor, singleTarget } from '../../src/surrogate/predictor.js';

const networks = [1, 2, 3, 4, 5, 6].map((i) => parseWorkload(`nasbench201:#${i}`));
const rows = networks.map((workload, i) => ({ workload, value: (i + 1) * 1e-3 }));
/** Ten percent too high. */
const high: Predictor = {
  name: 'high',
  predict: (workloads) =>
    workloads.map((w) => {
      const value = 1.1 * rows.find((r) => r.workload === w)!.value;
      return singleTarget('latency', { value, unit: 's', low: 0.5 * value, high: value, provenance: 'adapted' });
    }),
};
const task = { device: 'a', condition: '', target: 'latency' } as const;

describe('checkAdapted', () => {
  it('scores a predictor on measurements it has not seen, and FLOPs beside it', () => {
    const checked = checkAdapted(high, rows.slice(0, 2), rows.slice(2), task);
    expect(checked.scores.spearman).toBeCloseTo(1);
    expect(checked.scores.medianApe).toBeCloseTo(0.1);
    expect(checked.scores.coverage90).toBe(1);
    expect(checked.flops.medianApe).toBeGreaterThan(0.1);
    expect([...checked.truth]).toEqual([3e-3, 4e-3, 5e-3, 6e-3]);
  });

  it('refuses to check on the support, or on too little', () => {
    expect(() => checkAdapted(high, rows.slice(0, 2), rows.slice(1), task)).toThrow(/is in the support set and cannot check it$/);
    expect(() => checkAdapted(high, rows.slice(0, 2), rows.slice(2, 4), task)).toThrow(
      '2 networks are too few to check a predictor',
    );
  });
});

describe('spreadOver', () => {
  it('takes the least, the greatest and even steps between', () => {
    expect(spreadOver([5, 1, 4, 2, 3], 3)).toEqual([1, 4, 0]);
    expect(spreadOver([2, 1], 8)).toEqual([1, 0]);
  });
});
