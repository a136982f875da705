import { describe, expect, it } from 'vitest';
import { TwoUnions, UnionLength, unionLength } from '../../../src/trace/timeline/intervals.js';

describe('unionLength', () => {
  it('counts overlaps once', () =>
    expect(
      unionLength([
        { start: 5, end: 7 },
        { start: 0, end: 3 },
        { start: 1, end: 2 },
        { start: 6, end: 9 },
      ]),
    ).toBe(7));
});

describe('UnionLength', () => {
  it('measures the union, what two cover, and what lies in windows', () => {
    const union = new UnionLength([
      { start: 0.5, end: 2 },
      { start: 2.5, end: 5.5 },
    ]);
    for (const [start, end] of [
      [0, 2],
      [1, 3],
      [1.5, 2.5],
      [5, 6],
    ])
      union.add(start, end);
    expect(union.length).toBe(4);
    expect(union.shared).toBe(1.5);
    expect(union.within).toBe(2.5);
  });
});

describe('TwoUnions', () => {
  it('measures each kind and what both cover', () => {
    const two = new TwoUnions();
    two.add(0, 0, 4);
    two.add(1, 3, 6);
    two.add(0, 5, 10);
    two.add(1, 5.5, 5.75);
    expect(two.lengths).toEqual([9, 3]);
    expect(two.common).toBe(2);
  });
});
