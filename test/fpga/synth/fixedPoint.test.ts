import { describe, expect, it } from 'vitest';
import { bitsFor, counterBits, fixedType, highest, lowest, quantise, signedBits } from '../../../src/fpga/synth/fixedPoint.js';

const int8 = { bits: 8, signed: true, frac: 0 },
  uint4 = { bits: 4, signed: false, frac: 0 };

describe('fixed point', () => {
  it('knows the range of a type', () => {
    expect([lowest(int8), highest(int8), signedBits(int8)]).toEqual([-128, 127, 8]);
    expect([lowest(uint4), highest(uint4), signedBits(uint4)]).toEqual([0, 15, 5]);
  });

  it('takes the binary point of a precision, or the given one', () => {
    expect(fixedType({ bits: 8, intBits: 3, signed: true }, 9).frac).toBe(5);
    expect(fixedType({ bits: 8, intBits: null, signed: true }, 9).frac).toBe(9);
  });

  it('sizes numbers', () => {
    expect([bitsFor(0, 0), bitsFor(-1, 0), bitsFor(-128, 127), bitsFor(-129, 0), bitsFor(0, 128)]).toEqual([1, 1, 8, 9, 9]);
    expect([counterBits(0), counterBits(1), counterBits(2), counterBits(15), counterBits(16)]).toEqual([1, 1, 2, 4, 5]);
  });

  it('rounds down and saturates', () => {
    expect([7, 8, -1, -8, 5000, -5000].map((v) => quantise(v, 3, int8))).toEqual([0, 1, -1, -1, 127, -128]);
    expect(quantise(3, -2, int8)).toBe(12);
    expect([-4, 20].map((v) => quantise(v, 0, uint4))).toEqual([0, 15]);
  });
});
