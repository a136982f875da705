import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countConstants } from '../../../src/fpga/design/constantCounts.js';

describe('countConstants', () => {
  test('by distinct products of an input, signs apart', () => {
    // input 0: 1, 3, 3, -3; input 1: 0, 11, 8, 11
    const w = [
      [1, 3, 3, -3],
      [0, 11, 8, 11],
    ];
    expect(countConstants(2, 4, (i, o) => w[i][o])).toEqual({ shiftAdd: 2, full: 1, distinct: 5, multiplied: 2 });
  });

  test('are none where a weight is no whole number of steps', () =>
    expect(
      [0.125, 600_000.4, Number.NaN, Number.POSITIVE_INFINITY].map((w) => countConstants(1, 2, (_, o) => [3, w][o])),
    ).toEqual([undefined, undefined, undefined, undefined]));

  test('do not depend on the order of outputs or inputs', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.integer({ min: -128, max: 127 }), { minLength: 3, maxLength: 3 }), { minLength: 1 }),
        (w) => {
          const counts = countConstants(w.length, 3, (i, o) => w[i][o])!;
          expect(countConstants(w.length, 3, (i, o) => w[w.length - 1 - i][2 - o])).toEqual(counts);
          expect(countConstants(w.length, 3, (i, o) => -2 * w[i][o])).toEqual(counts);
          expect(counts.shiftAdd + counts.full).toBeLessThanOrEqual(counts.distinct);
          expect(counts.full).toBeLessThanOrEqual(counts.multiplied);
        },
      ),
    );
  });
});
