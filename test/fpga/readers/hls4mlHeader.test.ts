import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closestReuseFactor } from '../../../src/fpga/design/validReuseFactor.js';
import { askedReuse, type HeaderLayer } from '../../../src/fpga/readers/hls4mlHeader.js';

const matrix = (nIn: number, nOut: number, reuse: number): HeaderLayer =>
  ({ config: 'c', kind: 'dense', n_in: nIn, n_out: nOut, reuse_factor: reuse, strategy: 'Resource' }) as HeaderLayer;

describe('askedReuse', () => {
  it('is the least factor from the least of the matrices on that both would be snapped from', () => {
    const size = fc.integer({ min: 1, max: 24 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(size, size), { minLength: 1, maxLength: 2 }),
        fc.integer({ min: 1, max: 200 }),
        (sizes, asked) => {
          const all = sizes.map(([nIn, nOut]) => matrix(nIn, nOut, closestReuseFactor(nIn, nOut, asked)));
          const explains = (factor: number) => all.every((m) => closestReuseFactor(m.n_in!, m.n_out!, factor) === m.reuse_factor);
          let least = Math.min(...all.map((m) => m.reuse_factor!));
          while (least <= 600 && !explains(least)) least++;
          expect(askedReuse(all, undefined)).toBe(least);
          expect(askedReuse(all, asked)).toBe(asked);
        },
      ),
    );
  });

  it('is what was asked where nothing explains the matrices, however large their factors', () => {
    const absurd = [matrix(4, 6, 2 ** 40), matrix(4, 6, 2)];
    expect(askedReuse(absurd, 7)).toBe(7);
    expect(askedReuse(absurd, null)).toBeUndefined();
  });
});
