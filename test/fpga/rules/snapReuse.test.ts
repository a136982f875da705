import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { closestReuseFactor } from '../../../src/fpga/design/validReuseFactor.js';
import { snapReuse } from '../../../src/fpga/rules/snapReuse.js';

describe('snapReuse', () => {
  test('takes the closest valid factor, the smaller of two, where the strategy needs one', () => {
    expect(snapReuse(104, 48, 1024, 'resource')).toBe(832);
    expect(snapReuse(48, 104, 1024, 'resource')).toBe(1248);
    expect(snapReuse(6, 360, 30, 'resource')).toBe(30);
    expect(snapReuse(3, 384, 30, 'resource')).toBe(24);
  });

  test('takes no 1 where hls4ml is before 0.6, but for a single weight', () => {
    expect(snapReuse(75, 8, 2, 'resource')).toBe(1);
    expect(snapReuse(75, 8, 2, 'resource', true)).toBe(3);
    expect(snapReuse(75, 16, 4, 'resource', true)).toBe(3);
    expect(snapReuse(75, 8, 1, 'resource', true)).toBe(3);
    expect(snapReuse(1, 1, 1, 'resource', true)).toBe(1);
    expect(snapReuse(75, 8, 1, 'latency', true)).toBe(1);
  });

  test('unrolled takes all but the largest', () => {
    // of 4 x 6: 1, 2, 4, 8, 12, 24
    expect([snapReuse(4, 6, 24, 'resource'), snapReuse(4, 6, 24, 'unrolled'), snapReuse(4, 6, 10, 'unrolled')]).toEqual([
      24, 12, 8,
    ]);
    expect(snapReuse(1, 1, 5, 'unrolled')).toBe(1);
  });

  test('leaves the factor to the latency strategy, no larger than the products', () => {
    expect(snapReuse(10, 5, 37, 'latency')).toBe(37);
    expect(snapReuse(10, 5, 100, 'latency')).toBe(50);
  });

  test('is the closest valid factor for any layer', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 90_000 }),
        (a, b, rf) => {
          expect(snapReuse(a, b, rf, 'resource')).toBe(closestReuseFactor(a, b, rf));
        },
      ),
    );
  });
});
