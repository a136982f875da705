import { describe, expect, it } from 'vitest';
import { leaveOneOut } from '../../src/core/leaveOneOut.js';

describe('leaveOneOut', () => {
  it('says of each item what the others say of it, in order', () => {
    expect(leaveOneOut([1, 2, 4], (others, left) => [others.join(), left])).toEqual([
      ['2,4', 1],
      ['1,4', 2],
      ['1,2', 4],
    ]);
    expect(leaveOneOut([7], (others) => others.length)).toEqual([0]);
    expect(leaveOneOut([], () => 1)).toEqual([]);
  });

  it('leaves one of equal items out, not all', () => {
    expect(leaveOneOut([3, 3], (others) => others)).toEqual([[3], [3]]);
  });
});
