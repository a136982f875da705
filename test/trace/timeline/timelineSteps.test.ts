import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shortestPeriod } from '../../../src/trace/timeline/timelineSteps.js';

const periodOf = (sequence: readonly unknown[]) => shortestPeriod(sequence.length, (i, j) => sequence[i] === sequence[j]);

describe('shortestPeriod', () => {
  it('is the shortest unit that makes up the sequence', () => {
    expect(periodOf([...'abab'])).toBe(2);
    expect(periodOf([...'aaaa'])).toBe(1);
    expect(periodOf([...'hllltlll'])).toBe(8);
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 4 }),
        (unit, n) => {
          const sequence = Array.from({ length: n }, () => unit).flat(),
            p = periodOf(sequence);
          expect(p).toBeLessThanOrEqual(unit.length);
          expect(sequence.every((s, i) => s === sequence[i % p])).toBe(true);
        },
      ),
    );
  });
});
