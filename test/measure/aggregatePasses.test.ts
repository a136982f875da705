import { describe, expect, it } from 'vitest';
import { aggregatePasses, halvesAgreement } from '../../src/measure/aggregatePasses.js';

describe('aggregatePasses', () => {
  it('gives the geometric mean, and no spread where passes differ by a factor only', () => {
    const passes = [
      [1, 2, 8],
      [1.5, 3, 12],
      [0.5, 1, 4],
    ];
    const rows = aggregatePasses(passes);
    expect(rows[0].value).toBeCloseTo(0.75 ** (1 / 3), 12);
    expect(rows[2].value / rows[0].value).toBeCloseTo(8, 12);
    for (const r of rows) expect(r).toMatchObject({ repeats: 3, spread: expect.closeTo(0, 12) });
  });

  it('shows what is left after the factor as spread of that workload', () => {
    const rows = aggregatePasses([
      [1, 2, 8],
      [1, 2, 8 * Math.E],
      [1, 2, 8 / Math.E],
    ]);
    expect(rows[0].spread).toBeCloseTo(0, 12);
    expect(rows[2].spread).toBeCloseTo(1, 12);
    expect(rows[2].value).toBeCloseTo(8, 12);
  });

  it('takes a single pass as it is', () => {
    expect(aggregatePasses([[1, 2]])).toEqual(
      [
        { value: 1, spread: 0, repeats: 1 },
        { value: 2, spread: 0, repeats: 1 },
      ].map((r) => ({ ...r, value: expect.closeTo(r.value, 12), spread: expect.closeTo(0, 12) })),
    );
  });
});

describe('halvesAgreement', () => {
  it('is the rank correlation between even and odd passes', () => {
    expect(
      halvesAgreement([
        [1, 2, 3],
        [2, 4, 6],
      ]),
    ).toBe(1);
    expect(
      halvesAgreement([
        [1, 2, 3],
        [3, 2, 1],
      ]),
    ).toBe(-1);
    expect(halvesAgreement([[1, 2, 3]])).toBeNaN();
  });
});
