import { describe, expect, it } from 'vitest';
import { linked } from '../../../src/surrogate/head/link.js';

describe('linked', () => {
  it('linear leaves values alone', () => {
    const { values, back } = linked([2e-3, 5e-3], 'linear');
    expect([...values]).toEqual([2e-3, 5e-3]);
    expect(back(3e-3)).toBe(3e-3);
  });

  it('log puts the geometric mean at 1 and a factor e at 2', () => {
    const { values, back } = linked([1e-3, 1e-3 * Math.E ** 2], 'log');
    expect(values[0]).toBeCloseTo(0, 12);
    expect(values[1]).toBeCloseTo(2, 12);
    expect(back(1)).toBeCloseTo(1e-3 * Math.E, 12);
    expect(back(values[1]) / (1e-3 * Math.E ** 2)).toBeCloseTo(1, 12);
  });
});
