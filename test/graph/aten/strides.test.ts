import { describe, expect, it } from 'vitest';
import { contiguousStrides, isContiguous, isViewable } from '../../../src/graph/aten/strides.js';

describe('strides', () => {
  it('say whether elements lie one after another', () => {
    expect(contiguousStrides([2, 3, 4])).toEqual([12, 4, 1]);
    expect(isContiguous([2, 3, 4], [12, 4, 1])).toBe(true);
    expect(isContiguous([2, 1, 4], [4, 99, 1])).toBe(true);
    expect(isContiguous([3, 2], [1, 3])).toBe(false);
    expect(isContiguous([3, 2])).toBe(true);
  });

  it('say whether another shape is a view', () => {
    // [2, 3, 4, 5] with the middle axes swapped: heads of attention
    const swapped = [60, 5, 15, 1];
    expect(isViewable([2, 3, 4, 5], swapped, [2, 12, 5])).toBe(false);
    expect(isViewable([2, 3, 4, 5], swapped, [2, 3, 4, 5, 1])).toBe(true);
    expect(isViewable([2, 3, 4, 5], swapped, [1, 2, 3, 4, 5])).toBe(true);
    // a transposition of the last two axes keeps what is before them
    expect(isViewable([2, 3, 5, 4], [60, 20, 1, 5], [6, 5, 4])).toBe(true);
    expect(isViewable([2, 3, 5, 4], [60, 20, 1, 5], [2, 3, 20])).toBe(false);
    // a broadcast axis cannot be merged with the next
    expect(isViewable([8, 6], [0, 1], [48])).toBe(false);
    expect(isViewable([8, 6], [0, 1], [8, 2, 3])).toBe(true);
  });
});
