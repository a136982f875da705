import { describe, expect, it } from 'vitest';
import { predictiveWidth, student95 } from '../../../src/fpga/residual/predictiveWidth.js';

const whole = (...errors: number[]) => errors.map((error) => ({ error, share: 1 }));

describe('predictiveWidth', () => {
  it('knows the quantiles of Student', () => {
    expect(student95(4)).toBeCloseTo(2.132, 1);
    expect(student95(10)).toBeCloseTo(1.812, 2);
    expect(student95(1000)).toBeCloseTo(1.646, 2);
  });

  it('is that of other kinds where nothing was seen, and follows what was', () => {
    const prior = { scale: 0.1, weight: 3 };
    expect(predictiveWidth([], prior)).toBeCloseTo(student95(3) * 0.1, 12);
    expect(predictiveWidth(whole(0.01, 0.01, 0.01, 0.01, 0.01, 0.01), prior)).toBeLessThan(0.12);
    // one large error: wider than itself
    expect(predictiveWidth(whole(0.5), prior)).toBeGreaterThan(0.5);
    // an error in designs that are the kind's by a tenth tells a tenth
    expect(predictiveWidth([{ error: 0.5, share: 0.1 }], prior)).toBeCloseTo(
      student95(3.1) * Math.sqrt((3 * 0.1 ** 2 + 0.1 * 0.5 ** 2) / 3.1),
      12,
    );
  });
});
