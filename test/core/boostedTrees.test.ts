import { describe, expect, it } from 'vitest';
import { boostTrees } from '../../src/core/boostedTrees.js';
import { createRandom } from '../../src/core/random.js';

const ONE = { trees: 1, rate: 1, leaves: 2, least: 1, ridge: 0, clip: 100 };

describe('boostTrees', () => {
  it('divides where squares are least: two columns of four rows by hand', () => {
    // the second column tells 1, 1 from 5, 7; means 1 and 6
    const tree = boostTrees(Float64Array.of(9, 0, 8, 1, 9, 4, 8, 5), Float64Array.of(1, 1, 5, 7), 2, ONE);
    expect([tree([9, 0]), tree([8, 1]), tree([9, 4]), tree([0, 99])]).toEqual([1, 1, 6, 6]);
    // between 1 and 4: the nearer side
    expect([tree([0, 2.4]), tree([0, 2.6])]).toEqual([1, 6]);
  });

  it('shrinks by rate and ridge, clips residuals, keeps leaves of the least size', () => {
    const data = Float64Array.of(0, 1, 2, 3),
      values = Float64Array.of(2, 2, 8, 8);
    expect(boostTrees(data, values, 1, { ...ONE, rate: 0.5 })([0])).toBe(1);
    // 4 of two rows and two of zero
    expect(boostTrees(data, values, 1, { ...ONE, ridge: 2 })([0])).toBe(1);
    expect(boostTrees(data, values, 1, { ...ONE, clip: 3 })([3])).toBe(3);
    expect(boostTrees(data, values, 1, { ...ONE, least: 3 })([3])).toBe(5);
  });

  it('takes up with further trees what the first leave', () => {
    const data = Float64Array.of(0, 1, 2, 3),
      values = Float64Array.of(0, 1, 2, 3);
    const made = (trees: number) => boostTrees(data, values, 1, { ...ONE, trees });
    expect([0, 1, 2, 3].map((v) => made(1)([v]))).toEqual([0.5, 0.5, 2.5, 2.5]);
    const [zero, three] = [made(20)([0]), made(20)([3])];
    expect(zero).toBeCloseTo(0, 2);
    expect(three).toBeCloseTo(3, 2);
  });

  it('finds an interaction of columns in noise', () => {
    const random = createRandom(1),
      data = Float64Array.from({ length: 4000 }, () => random.next());
    const truth = (a: number, b: number) => (a > 0.5 === b > 0.3 ? 1 : -1);
    const values = Float64Array.from({ length: 2000 }, (_, i) => truth(data[2 * i], data[2 * i + 1]) + 0.3 * random.normal());
    const trees = boostTrees(data, values, 2, { trees: 40, rate: 0.2, leaves: 8, least: 20, ridge: 1, clip: 2 });
    for (const [a, b] of [
      [0.1, 0.1],
      [0.1, 0.9],
      [0.9, 0.1],
      [0.9, 0.9],
    ])
      expect(Math.abs(trees([a, b]) - truth(a, b))).toBeLessThan(0.2);
  });
});
