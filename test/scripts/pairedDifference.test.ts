import { describe, expect, it } from 'vitest';
import { pairedDifference } from '../../scripts/pairedDifference.js';

describe('pairedDifference', () => {
  it('is the mean of b - a with the 95 % interval of Student t', () => {
    // differences 1, 2, 3: standard deviation 1, t of two degrees of freedom 4.3
    const d = pairedDifference([
      [0, 1],
      [0, 2],
      [0, 3],
    ]);
    expect(d).toMatchObject({ pairs: 3, mean: 2, smaller: 0, verdict: 'same' });
    expect(d.half).toBeCloseTo(4.3 / Math.sqrt(3), 10);
  });

  it('says less or more only beyond the interval', () => {
    expect(
      pairedDifference([
        [2, 1],
        [3, 2],
        [4, 3.1],
      ]).verdict,
    ).toBe('less');
    expect(
      pairedDifference([
        [1, 2],
        [2, 3],
        [3.1, 4],
      ]).verdict,
    ).toBe('more');
    expect(
      pairedDifference([
        [1, 2],
        [2, 1],
      ]).verdict,
    ).toBe('same');
  });

  it('tells nothing from one pair', () => {
    expect(pairedDifference([[3, 1]])).toEqual({ pairs: 1, mean: -2, half: null, smaller: 1, verdict: 'unknown' });
  });
});
