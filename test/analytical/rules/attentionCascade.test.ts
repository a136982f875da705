import { describe, expect, it } from 'vitest';
import { attentionCascade, CASCADES, cascadeTraffic } from '../../../src/analytical/rules/attentionCascade.js';

/** One query, eight keys in two blocks, width two. */
const SMALL = { queries: 1, keys: 8, width: 2, block: 4 };

describe('attentionCascade', () => {
  it.each([
    ['three-pass', 3],
    ['two-pass', 2],
    ['one-pass', 1],
  ] as const)('%s visits the keys as often as it says', (cascade, passes) =>
    expect(attentionCascade(cascade, SMALL).passes).toBe(passes),
  );

  it('three passes: scores and the largest wait for the second, exponentials and their sum for the third', () => {
    const { waitingPerQuery, livePerQuery, operations } = attentionCascade('three-pass', SMALL);
    expect({ waitingPerQuery, livePerQuery }).toEqual({ waitingPerQuery: 9, livePerQuery: 9 + 4 });
    // 8 x 2 for scores and for values; one exponential, one subtraction, one sum, one division a key
    expect(operations).toEqual({ product: 32, max: 8, exp: 8, add: 16, multiply: 0, divide: 8 });
  });

  it('two passes: exponentials and a factor of each block wait; a division a block', () => {
    const { waitingPerQuery, operations } = attentionCascade('two-pass', SMALL);
    expect(waitingPerQuery).toBe(8 + 2);
    expect(operations).toEqual({ product: 32, max: 8 + 2, exp: 8 + 2, add: 16 + 2 + 2, multiply: 2 + 8, divide: 2 });
  });

  it('one pass: nothing waits; maximum, denominator and output are handed on, rescaled once a block', () => {
    const { waitingPerQuery, livePerQuery, operations } = attentionCascade('one-pass', SMALL);
    expect({ waitingPerQuery, livePerQuery }).toEqual({ waitingPerQuery: 0, livePerQuery: 1 + 1 + 2 + 4 });
    // a block: two exponentials' worth of factors, one product and sum of the denominator, two of the output
    expect(operations).toEqual({ product: 32, max: 8 + 2, exp: 8 + 2, add: 16 + 2 + 2 + 4, multiply: 2 + 4, divide: 2 });
  });

  it('what lives grows with the keys unless there is one pass', () => {
    const growth = CASCADES.map(
      (cascade) =>
        attentionCascade(cascade, { ...SMALL, keys: 8192 }).livePerQuery -
        attentionCascade(cascade, { ...SMALL, keys: 4096 }).livePerQuery,
    );
    expect(growth).toEqual([4096, 4096 + 1024, 0]);
  });
});

describe('cascadeTraffic', () => {
  const sizes = { queries: 100, keys: 100, width: 10, block: 10 };
  it('one pass on a chip that holds ten queries: keys and values ten times', () => {
    // a block of keys and values 200, a query 10 + (1 + 1 + 10) + 10
    expect(cascadeTraffic('one-pass', sizes, 200 + 10 * 32)).toEqual({ elements: 2000 + 10 * 2000, together: 10, spills: false });
  });
  it('three passes keep their scores where they fit, else write and read them twice', () => {
    expect(cascadeTraffic('three-pass', sizes, 1e6)).toEqual({ elements: 4000, together: 100, spills: false });
    // scores and exponentials, 100 each, and largest and sum, out and back
    expect(cascadeTraffic('three-pass', sizes, 200 + 5 * 20)).toEqual({
      elements: 2000 + 20 * 2000 + 100 * 2 * (100 + 1 + 100 + 1),
      together: 5,
      spills: true,
    });
  });
  it('a chip that holds no query beside a block is told', () => expect(cascadeTraffic('one-pass', sizes, 200)).toBeUndefined());
});
