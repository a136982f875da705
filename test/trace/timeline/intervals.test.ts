import { describe, expect, it } from 'vitest';
import { commonLength, lengthWithin, merged, unionLength } from '../../../src/trace/timeline/intervals.js';

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

describe('merged, lengthWithin and commonLength', () => {
  const a = merged([
    { start: 0, end: 2 },
    { start: 1, end: 3 },
    { start: 5, end: 6 },
  ]);

  it('joins what overlaps', () =>
    expect(a).toEqual([
      { start: 0, end: 3 },
      { start: 5, end: 6 },
    ]));

  it('measures what lies within', () => expect(lengthWithin(a, 2, 5.5)).toBe(1.5));

  it('measures what two lists share', () => expect(commonLength(a, [{ start: 2, end: 5.25 }])).toBe(1.25));
});
