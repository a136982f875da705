import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { signedDigits } from '../../../src/fpga/design/signedDigits.js';

describe('signedDigits', () => {
  test('counts the fewest powers of two', () => {
    expect([0, 1, 2, 3, 5, 7, 11, 15, 23, 43].map((n) => signedDigits(n).length)).toEqual([0, 1, 1, 2, 2, 2, 3, 2, 3, 4]);
    expect(signedDigits(-7).length).toBe(2);
  });

  test('writes any integer as signed digits, no two of them neighbours', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 20), max: 2 ** 20 }), (value) => {
        const digits = signedDigits(value);
        expect(digits.reduce((sum, d) => sum + d.sign * 2 ** d.shift, 0)).toBe(value);
        for (let i = 1; i < digits.length; i++) expect(digits[i].shift - digits[i - 1].shift).toBeGreaterThan(1);
      }),
    );
  });
});
