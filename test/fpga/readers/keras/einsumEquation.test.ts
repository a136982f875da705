import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { einsumSizes } from '../../../../src/fpga/readers/keras/einsumEquation.js';

describe('einsumSizes', () => {
  test('weights whose sizes the result states', () => {
    expect(einsumSizes('abc,cd->abd', [8, 16], undefined, [8, 5])).toEqual({
      inPlace: 1,
      free: [8, 5],
      contracted: 16,
      outShape: [8, 5],
    });
    // weights of their own for each of 4 heads
    expect(einsumSizes('bhc,hcd->bhd', [4, 6], undefined, [null, 3])).toEqual({
      inPlace: 4,
      free: [1, 3],
      contracted: 6,
      outShape: [4, 3],
    });
    expect(einsumSizes('...x,xy->...y', [8, 16], undefined, [8, 5])?.free).toEqual([8, 5]);
  });

  test('two tensors: products of a head are summed over its width', () => {
    expect(einsumSizes('bqhd,bkhd->bhqk', [8, 2, 4], [6, 2, 4])).toEqual({
      inPlace: 2,
      free: [8, 6],
      contracted: 4,
      outShape: [2, 8, 6],
    });
  });

  test.each(['abc->ab', 'abc,cd->abe', 'abc,cd->ad', 'abc,cd->bad', '', 'abc,cd,de->abe'])('not an equation of two: %s', (text) =>
    expect(einsumSizes(text, [8, 16], undefined, [8, 5])).toBeUndefined(),
  );

  test('the products are those of all letters but the batch', () => {
    const size = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(size, size, size, size, (h, q, k, d) => {
        const of = einsumSizes('bqhd,bkhd->bqkh', [q, h, d], [k, h, d])!;
        expect(of.inPlace * of.free[0] * of.free[1] * of.contracted).toBe(h * q * k * d);
        expect(of.outShape).toEqual([q, k, h]);
      }),
    );
  });
});
