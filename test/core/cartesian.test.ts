import { describe, expect, it } from 'vitest';
import { cartesian } from '../../src/core/cartesian.js';

describe('cartesian', () => {
  it('gives every combination, the last axis fastest', () => {
    expect(cartesian({ a: [1, 2], b: ['x', 'y'] })).toEqual([
      { a: 1, b: 'x' },
      { a: 1, b: 'y' },
      { a: 2, b: 'x' },
      { a: 2, b: 'y' },
    ]);
  });

  it('of no axis is one empty row, of an empty axis none', () => {
    expect(cartesian({})).toEqual([{}]);
    expect(cartesian({ a: [1], b: [] })).toEqual([]);
  });
});
