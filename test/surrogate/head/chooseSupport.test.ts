import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.js';
import { chooseForAll, chooseSupport } from '../../../src/surrogate/head/chooseSupport.js';
import { taskPrior } from '../../../src/surrogate/head/taskPrior.js';
import { diagonal, invert, type Matrix, multiply, plus, scaled, transpose } from './dense.js';

const WIDTH = 3,
  group = Uint8Array.of(0, 0, 1);
const variance = [0.05, 0.01, 0, 0, 0],
  device = 0.4,
  noise = 0.02,
  offset = 0.03;

/** Greedy choice recomputed from scratch at each step: the largest variance given the noisy values of those chosen. */
function naive(covariance: Matrix, k: number, fixed: number[]): { chosen: number[]; margins: number[] } {
  const known = [...fixed],
    margins: number[] = [];
  while (known.length < fixed.length + k) {
    const left = covariance.map((row, i) => {
      if (known.includes(i)) return Number.NEGATIVE_INFINITY;
      if (!known.length) return row[i];
      const K = invert(known.map((a) => known.map((b) => covariance[a][b] + (a === b ? noise : 0)))).inverse;
      const c = known.map((a) => [row[a]]);
      return row[i] - multiply(multiply(transpose(c), K), c)[0][0];
    });
    const order = [...left.keys()].sort((a, b) => left[b] - left[a]);
    margins.push(left[order[0]] - (left[order[1]] ?? Number.NEGATIVE_INFINITY));
    known.push(order[0]);
  }
  return { chosen: known.slice(fixed.length), margins };
}

/** A prior of two tasks, candidates, and the covariance of their values, by the textbook. */
function drawn(seed: number, rows: number) {
  const random = createRandom(seed),
    normals = (n: number) => Float64Array.from({ length: n }, () => random.normal());
  const prior = taskPrior([normals(WIDTH), normals(WIDTH)], WIDTH),
    X = normals(rows * WIDTH);
  const dense = Array.from({ length: rows }, (_, i) => [...X.subarray(i * WIDTH, (i + 1) * WIDTH)]);
  const D = [0, 1].map((t) => [...prior.deviations.subarray(t * WIDTH, (t + 1) * WIDTH)]);
  const P = plus(scaled(multiply(transpose(D), D), device), diagonal(Array.from(group, (g) => variance[g])));
  const covariance = multiply(multiply(dense, P), transpose(dense)).map((row) => row.map((v) => v + offset));
  return { random, prior, X, covariance };
}

describe('chooseSupport', () => {
  it('takes what is most uncertain given those already taken, as recomputed from scratch', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 4, max: 12 }), fc.integer({ min: 0, max: 2 }), (seed, rows, fixedCount) => {
        const { random, prior, X, covariance } = drawn(seed, rows);
        const fixed = random.sample(rows, fixedCount),
          k = Math.min(4, rows - fixedCount);
        const { chosen, margins } = naive(covariance, k, fixed);
        fc.pre(margins.every((m) => m > 1e-9));
        expect(chooseSupport(prior, group, X, k, { variance, device, noise, offset, fixed })).toEqual(chosen);
      }),
    );
  });

  const prior = taskPrior([Float64Array.of(0, 0, 0)], WIDTH);
  const choose = (X: number[], k: number, fixed: number[] = []) =>
    chooseSupport(prior, group, Float64Array.from(X), k, { variance, device, noise, offset, fixed });

  it('begins with the largest features and then takes another direction', () => {
    expect(choose([1, 0, 0, 3, 0, 0, 2.9, 0, 0, 0, 2, 0], 2)).toEqual([1, 3]);
  });

  it('does not take a candidate twice, and counts what was measured', () => {
    const X = [3, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 1];
    expect(new Set(choose(X, 4))).toEqual(new Set([0, 1, 2, 3]));
    // the first direction is known, so the second comes before its twin
    expect(choose(X, 1, [0])).toEqual([2]);
    expect(choose(X, 3, [0])).not.toContain(0);
  });

  it('smaller choices are the beginning of larger ones', () => {
    const random = createRandom('nested'),
      X = Array.from({ length: 30 * WIDTH }, () => random.normal());
    expect(choose(X, 8).slice(0, 3)).toEqual(choose(X, 3));
  });
});

describe('chooseForAll', () => {
  it('takes what leaves the least variance of all, as recomputed from scratch', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 5, max: 9 }), fc.integer({ min: 0, max: 2 }), (seed, rows, fixedCount) => {
        const { random, prior, X, covariance: C } = drawn(seed, rows);
        const noiseScale = Float64Array.from({ length: rows }, () => 0.5 + 4 * random.next());
        const left = (known: number[]): number => {
          const K = invert(known.map((a) => known.map((b) => C[a][b] + (a === b ? noise * noiseScale[a] : 0)))).inverse;
          return C.reduce((sum, row, i) => {
            const c = known.map((a) => [row[a]]);
            return sum + C[i][i] - multiply(multiply(transpose(c), K), c)[0][0];
          }, 0);
        };
        const fixed = random.sample(rows, fixedCount),
          known = [...fixed];
        for (let step = 0; step < 2; step++) {
          const order = [...C.keys()].filter((i) => !known.includes(i)).sort((a, b) => left([...known, a]) - left([...known, b]));
          fc.pre(left([...known, order[1]]) - left([...known, order[0]]) > 1e-9);
          known.push(order[0]);
        }
        expect(chooseForAll(prior, group, X, 2, { variance, device, noise, noiseScale, offset, fixed })).toEqual(
          known.slice(fixedCount),
        );
      }),
    );
  });

  it('leaves alone what is large by itself, and what is known badly', () => {
    const prior = taskPrior([Float64Array.of(0, 0, 0)], WIDTH);
    const options = { variance: [1, 1, 0, 0, 0], device, noise, offset: 0 };
    // four alike against one of its own, larger
    const X = Float64Array.of(1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 0, 1.2, 0);
    const even = [1, 1, 1, 1, 1];
    expect(chooseSupport(prior, group, X, 1, options)).toEqual([4]);
    expect(chooseForAll(prior, group, X, 1, { ...options, noiseScale: even })).toEqual([0]);
    expect(chooseForAll(prior, group, X, 1, { ...options, noiseScale: [50, 1, 1, 1, 1] })).toEqual([1]);
  });
});
