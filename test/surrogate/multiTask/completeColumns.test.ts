import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.js';
import { completeColumns } from '../../../src/surrogate/multiTask/completeColumns.js';

/** level + effect of the column + effect of the workload + one interaction */
function table(columns: number, workloads: number, interaction: number): Float64Array {
  const random = createRandom('table');
  const a = Array.from({ length: columns }, () => random.normal()),
    b = Array.from({ length: workloads }, () => random.normal());
  const u = a.map(() => random.normal()),
    v = b.map(() => random.normal());
  return Float64Array.from({ length: columns * workloads }, (_, i) => {
    const c = Math.floor(i / workloads),
      m = i % workloads;
    return 2 + a[c] + b[m] + interaction * u[c] * v[m];
  });
}
function withGaps(values: Float64Array, share: number): { gaps: Float64Array; open: number[] } {
  const random = createRandom('gaps'),
    open = [...values.keys()].filter(() => random.next() < share);
  const gaps = values.slice();
  for (const i of open) gaps[i] = Number.NaN;
  return { gaps, open };
}

describe('completeColumns', () => {
  it('keeps what is known and leaves no gap', () => {
    const truth = table(8, 30, 0.3),
      { gaps, open } = withGaps(truth, 0.2),
      filled = completeColumns(gaps, 8, 30);
    expect(open.length).toBeGreaterThan(10);
    expect([...filled].every(Number.isFinite)).toBe(true);
    expect([...filled].filter((v, i) => !open.includes(i) && v !== truth[i])).toEqual([]);
  });

  it('is exact where devices differ by a factor only', () => {
    const truth = table(5, 20, 0),
      { gaps, open } = withGaps(truth, 0.2),
      filled = completeColumns(gaps, 5, 20);
    expect(Math.max(...open.map((i) => Math.abs(filled[i] - truth[i])))).toBeLessThan(0.02);
  });

  it('finds an interaction of low rank better than effects alone do', () => {
    const truth = table(12, 40, 0.5),
      { gaps, open } = withGaps(truth, 0.15),
      filled = completeColumns(gaps, 12, 40);
    const error = open.reduce((s, i) => s + Math.abs(filled[i] - truth[i]), 0) / open.length;
    // effects alone leave 0.5 E|u v|, about 0.32
    expect(error).toBeLessThan(0.22);
  });

  it('gives a single task its own values', () => {
    expect([...completeColumns(Float64Array.of(1, 2, 3), 1, 3)]).toEqual([1, 2, 3]);
  });
});
