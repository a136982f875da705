import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleTask, takeRows } from '../../src/dataset/sampling.js';
import { indexRange } from '../../src/dataset/splits.js';
import { task } from './tinyDataset.js';

const hundred = task('cpu', Object.fromEntries(indexRange(0, 100).map((i) => [i, 1 + i])));

describe('sampleTask', () => {
  it('draws different positions, the same for the same seed, smaller samples inside larger ones', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 100 }), (seed, k) => {
        const drawn = sampleTask(hundred, k, seed);
        expect(new Set(drawn).size).toBe(k);
        expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0);
        expect(Math.max(...drawn)).toBeLessThan(100);
        expect(sampleTask(hundred, 100, seed).slice(0, k)).toEqual(drawn);
      }),
    );
  });

  it('differs between tasks and seeds', () => {
    expect(sampleTask(hundred, 10, 1)).not.toEqual(sampleTask({ ...hundred, device: 'gpu' }, 10, 1));
    expect(sampleTask(hundred, 10, 1)).not.toEqual(sampleTask(hundred, 10, 2));
  });

  it('draws from a pool only', () => expect([5, 7, 9]).toEqual(expect.arrayContaining(sampleTask(hundred, 3, 0, [9, 5, 7]))));

  it('refuses more than there are, none, and fractions', () => {
    for (const k of [101, 0, 2.5])
      expect(() => sampleTask(hundred, k, 0)).toThrow(
        expect.objectContaining({ code: 'bad-input', message: expect.stringContaining(`cannot draw ${k} of 100`) }),
      );
  });
});

describe('takeRows', () => {
  it('keeps all columns in the given order', () => {
    const part = takeRows({ ...hundred, repeats: Int32Array.from(hundred.rows) }, [3, 1]);
    expect([part.device, Array.from(part.rows), Array.from(part.values), Array.from(part.repeats)]).toEqual([
      'cpu',
      [3, 1],
      [4, 2],
      [3, 1],
    ]);
  });
});
