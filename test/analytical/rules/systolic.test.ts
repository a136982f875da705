import { describe, expect, it } from 'vitest';
import {
  outputStationaryCycles,
  systolicTraffic,
  systolicUse,
  weightStationaryCycles,
} from '../../../src/analytical/rules/systolic.js';
import { sramJoules, systolicArea, systolicCost } from '../../../src/analytical/rules/systolicCost.js';

const array = { rows: 4, columns: 4 };

describe('cycles of a systolic array', () => {
  it('outputs in place: 2 R + C + k - 2 a fold', () => {
    expect(outputStationaryCycles({ m: 4, n: 4, k: 10 }, array)).toBe(20);
    expect(outputStationaryCycles({ m: 5, n: 4, k: 10 }, array)).toBe(40);
  });
  it('weights in place: 2 R + C + m - 2 a fold', () => expect(weightStationaryCycles({ m: 10, n: 4, k: 8 }, array)).toBe(2 * 20));
  it('use is products over multipliers and cycles', () => expect(systolicUse({ m: 4, n: 4, k: 10 }, array, 20)).toBe(0.5));
});

describe('traffic of a systolic array', () => {
  const product = { m: 8, n: 12, k: 10 };
  it('outputs in place, all operands held: each once from memory', () =>
    // three folds across, two down
    expect(systolicTraffic('output', product, array, 1000)).toEqual({
      buffer: { inputs: 8 * 10 * 3, weights: 10 * 12 * 2, outputs: 96 },
      memory: 80 + 120 + 96,
    }));
  it('outputs in place, only a block held: the smaller of the two operands is read again', () =>
    // columns first: four columns of weights (40) stay, all inputs (80) come for each of three; rows first: 80 once, 120 twice
    expect(systolicTraffic('output', product, array, 40).memory).toBe(Math.min(80 + 120 * 2, 120 + 80 * 3) + 96));
  it('weights in place: read once; sums come back for each of three folds of k but the first', () =>
    expect(systolicTraffic('weight', product, array, 1000)).toEqual({
      buffer: { inputs: 8 * 10 * 3, weights: 120, outputs: 96 * 5 },
      memory: 80 + 120 + 96,
    }));
  it('weights in place, nothing held: inputs three times, sums out and in twice', () =>
    expect(systolicTraffic('weight', product, array, 1).memory).toBe(80 * 3 + 2 * 96 * 2 + 120 + 96));
});

describe('cost of a systolic array', () => {
  const chip = { ...array, clock: 1e6, buffer: 8192, bandwidth: 1e6 },
    product = { m: 4, n: 4, k: 10 };
  it('joules of a byte: Horowitz at his sizes, a power between them', () => {
    expect(sramJoules(8192) * 8).toBeCloseTo(10e-12, 20);
    expect(sramJoules(32768) * 8).toBeCloseTo(20e-12, 20);
    expect(sramJoules(2 ** 20) * 8).toBeCloseTo(100e-12, 20);
    expect(sramJoules(16384) * 8).toBeCloseTo(Math.sqrt(2) * 10e-12, 20);
  });
  it('time is that of the array, or of its memory', () => {
    const int8 = systolicCost('output', product, chip, { dtype: 'int8', bytes: 1 });
    // 40 + 40 + 16 bytes at 1 MB/s against 20 cycles at 1 MHz
    expect(int8).toMatchObject({ cycles: 20, use: 0.5, bound: 'memory' });
    expect(int8.time).toBeCloseTo(96e-6, 12);
    expect(systolicCost('output', product, { ...chip, bandwidth: 1e9 }, { dtype: 'int8', bytes: 1 })).toMatchObject({
      bound: 'compute',
      time: 20e-6,
    });
  });
  it('energy: 160 products, operands by the byte and sums of four bytes out of 8 KiB, memory at 160 pJ a byte', () => {
    const { energy } = systolicCost('output', product, chip, { dtype: 'int8', bytes: 1 });
    expect(energy.arithmetic).toBeCloseTo(160 * 0.3e-12, 18);
    expect(energy.buffers).toBeCloseTo((80 + 64) * 1.25e-12, 18);
    expect(energy.memory).toBeCloseTo(96 * 160e-12, 18);
  });
  it('area: elements, and the bits of three buffers of 40 KiB at 0.127 um2', () => {
    const { array: elements, buffers } = systolicArea({ ...array, buffer: 40 * 1024 });
    expect(elements * 1e12).toBeCloseTo(16 * 8976.0903, 6);
    expect(buffers * 1e12).toBeCloseTo(3 * 8 * 40960 * 0.127, 6);
  });
});
