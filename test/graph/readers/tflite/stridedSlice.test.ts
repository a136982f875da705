import { describe, expect, it } from 'vitest';
import { strided } from '../../../../src/graph/readers/tflite/stridedSlice.js';

const NONE = { begin: 0, end: 0, ellipsis: 0, newAxis: 0, shrink: 0, offset: false };

describe('strided', () => {
  it.each<[string, Parameters<typeof strided>, Partial<ReturnType<typeof strided>>]>([
    ['x[1:3]', [[5], { begin: [1], end: [3], step: [1], masks: NONE }], { begin: [1], sizes: [2], shape: [2] }],
    [
      'x[::2] of five',
      [[5], { begin: [9], end: [9], step: [2], masks: { ...NONE, begin: 1, end: 1 } }],
      { begin: [0], sizes: [3] },
    ],
    [
      'x[::-1]',
      [[5], { begin: [0], end: [0], step: [-1], masks: { ...NONE, begin: 1, end: 1 } }],
      { begin: [4], sizes: [5], step: [-1] },
    ],
    [
      'x[-1]',
      [[5, 2], { begin: [-1], end: [0], step: [1], masks: { ...NONE, shrink: 1 } }],
      { begin: [4, 0], sizes: [1, 2], shape: [2] },
    ],
    ['x[2:99]', [[5], { begin: [2], end: [99], step: [1], masks: NONE }], { sizes: [3] }],
    ['x[4:2]', [[5], { begin: [4], end: [2], step: [1], masks: NONE }], { sizes: [0], shape: [0] }],
    [
      'x[..., 1:2]',
      [[3, 4, 5], { begin: [0, 1], end: [0, 2], step: [1, 1], masks: { ...NONE, ellipsis: 1 } }],
      { begin: [0, 0, 1], sizes: [3, 4, 1] },
    ],
    [
      'x[newaxis, 1:]',
      [[3], { begin: [0, 1], end: [0, 0], step: [1, 1], masks: { ...NONE, newAxis: 1, end: 2 } }],
      { sizes: [2], shape: [1, 2] },
    ],
    ['x[1:1 + 2]', [[5], { begin: [1], end: [2], step: [1], masks: { ...NONE, offset: true } }], { begin: [1], sizes: [2] }],
  ])('%s', (_, [shape, asked], expected) => {
    expect(strided(shape, asked)).toMatchObject(expected);
  });

  it('refuses a step of 0', () => {
    expect(() => strided([5], { begin: [0], end: [5], step: [0], masks: NONE })).toThrow('steps by [0]');
  });
});
