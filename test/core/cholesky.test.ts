import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  backwardSolve,
  cholesky,
  forwardSolve,
  inverseFactor,
  inverseOf,
  precisionsOf,
  ridge,
  solveWithEvidence,
} from '../../src/core/cholesky.js';
import { columnOf, diagonal, invert, multiply, plus, transpose } from '../surrogate/head/dense.js';

const real = fc.double({ min: -3, max: 3, noNaN: true });

describe('cholesky', () => {
  it('is the factor found by hand', () => {
    // [[4, 2, 2], [2, 5, 3], [2, 3, 6]] = L L^T with L = [[2], [1, 2], [1, 1, 2]]
    const a = Float64Array.of(4, 2, 2, 2, 5, 3, 2, 3, 6);
    expect(cholesky(a, 3)).toBe(true);
    expect([a[0], a[3], a[4], a[6], a[7], a[8]]).toEqual([2, 1, 2, 1, 1, 2]);
  });

  it('says where a matrix is not positive definite', () => {
    expect(cholesky(Float64Array.of(1, 2, 2, 1), 2)).toBe(false);
    expect(cholesky(Float64Array.of(0), 1)).toBe(false);
    expect(cholesky(Float64Array.of(Number.NaN), 1)).toBe(false);
    expect(cholesky(Float64Array.of(1, 0, 0, 1), 2)).toBe(true);
  });

  it('solves by hand', () => {
    const l = Float64Array.of(2, 0, 1, 4);
    const b = Float64Array.of(6, 11);
    forwardSolve(l, 2, b);
    expect([...b]).toEqual([3, 2]);
    const c = Float64Array.of(8, 8);
    backwardSolve(l, 2, c);
    expect([...c]).toEqual([3, 2]);
  });
});

describe('solveWithEvidence', () => {
  it('is the solution and the log density of a Gaussian, found by hand', () => {
    // [[4, 2], [2, 5]] = L L^T with L = [[2], [1, 2]], of determinant 16
    const K = Float64Array.of(4, 2, 2, 5),
      b = Float64Array.of(8, 12);
    // x = [1, 2], b . x = 32
    expect(solveWithEvidence(K, 2, b)).toBeCloseTo(-0.5 * 32 - 0.5 * Math.log(16), 12);
    expect([...b]).toEqual([1, 2]);
    expect([K[0], K[2], K[3]]).toEqual([2, 1, 2]);
    // K^-1 = [[5, -2], [-2, 4]] / 16
    expect([...precisionsOf(K, 2)]).toEqual([5 / 16, 4 / 16]);
  });
});

describe('inverseOf', () => {
  it.each([1, 3, 4, 5, 9])('undoes a matrix of %i rows, as solving for each unit vector does', (n) => {
    const matrix = Float64Array.from(
        { length: n * n },
        (_, i) => 1 / (1 + Math.abs(Math.floor(i / n) - (i % n))) + (i % (n + 1) ? 0 : n),
      ),
      L = matrix.slice();
    expect(cholesky(L, n)).toBe(true);
    const half = inverseFactor(L, n),
      inverse = inverseOf(L, n);
    for (let i = 0; i < n; i++) {
      const e = new Float64Array(n);
      e[i] = 1;
      forwardSolve(L, n, e);
      expect(half.slice(i * n, (i + 1) * n)).toEqual(e);
      backwardSolve(L, n, e);
      expect(inverse.slice(i * n, (i + 1) * n)).toEqual(e);
      const row = Array.from({ length: n }, (_, j) =>
        matrix.slice(i * n, (i + 1) * n).reduce((sum, v, l) => sum + v * inverse[l * n + j], 0),
      );
      row.forEach((v, j) => {
        expect(v).toBeCloseTo(i === j ? 1 : 0, 12);
      });
    }
    expect.assertions(1 + n * (2 + n));
  });
});

describe('ridge', () => {
  it('by hand: (A^T A + lambda) w = A^T b', () => {
    // A = [[1, 0], [1, 1]], b = [1, 3]: A^T A + 1 = [[3, 1], [1, 2]], A^T b = [4, 3], w = [1, 1]
    const w = ridge(Float64Array.of(1, 0, 1, 1), Float64Array.of(1, 3), 2, 2, 1);
    expect(w[0]).toBeCloseTo(1, 12);
    expect(w[1]).toBeCloseTo(1, 12);
  });

  it('shrinks to zero as the penalty grows', () => {
    const A = Float64Array.of(1, 2, 3),
      b = Float64Array.of(2, 4, 6);
    expect(ridge(A, b, 3, 1, 1e-12)[0]).toBeCloseTo(2, 9);
    expect(ridge(A, b, 3, 1, 14)[0]).toBeCloseTo(1, 12);
    expect(ridge(A, b, 3, 1, 1e12)[0]).toBeCloseTo(0, 9);
  });

  it('is the dense solution, also with fewer rows than columns', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 6 }),
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        fc.array(real, { minLength: 42, maxLength: 42 }),
        (rows, n, lambda, values) => {
          const A = values.slice(0, rows * n),
            b = values.slice(36, 36 + rows);
          const dense = Array.from({ length: rows }, (_, i) => A.slice(i * n, (i + 1) * n));
          const normal = plus(multiply(transpose(dense), dense), diagonal(Array(n).fill(lambda)));
          const expected = multiply(invert(normal).inverse, multiply(transpose(dense), columnOf(b)));
          const weights = ridge(Float64Array.from(A), Float64Array.from(b), rows, n, lambda);
          expect(weights).toHaveLength(n);
          weights.forEach((w, j) => {
            expect(w).toBeCloseTo(expected[j][0], 6);
          });
        },
      ),
    );
  });
});
