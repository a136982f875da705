import { describe, expect, it } from 'vitest';
import { pythonShuffle } from '../../../src/graph/spaces/pythonShuffle.js';

const shuffled = (n: number, seed: number) =>
  pythonShuffle(
    Array.from({ length: n }, (_, i) => i),
    seed,
  );

describe('pythonShuffle', () => {
  // printed by CPython: import random; x = list(range(n)); random.seed(seed); random.shuffle(x)
  it.each([
    [10, 88, [8, 2, 9, 4, 0, 7, 1, 5, 3, 6]],
    [5, 1, [2, 3, 4, 0, 1]],
    [20, 0, [10, 18, 16, 14, 0, 17, 11, 2, 3, 9, 5, 7, 4, 19, 6, 15, 8, 1, 13, 12]],
  ])('%i items with seed %i', (n, seed, order) => {
    expect(shuffled(n, seed)).toEqual(order);
  });

  it('agrees with CPython past the first 624 numbers of the generator', () => {
    expect(shuffled(1000, 12345).slice(0, 20)).toEqual([
      669, 944, 291, 633, 922, 752, 781, 258, 657, 615, 606, 688, 288, 704, 819, 232, 312, 145, 660, 187,
    ]);
  });

  it('keeps every item, also of an empty list and of one', () => {
    expect(shuffled(100, 7).sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(shuffled(0, 7)).toEqual([]);
    expect(shuffled(1, 7)).toEqual([0]);
  });
});
