import { describe, expect, test } from 'vitest';
import { dspCount, dspPerProduct } from '../../../src/fpga/rules/dspCount.js';
import { fpgaRows, hasFpga, pairs, product, resourceRows, ruleRows, weightBits } from './fpgaRows.js';

describe('dspPerProduct', () => {
  test('is one block up to its widths, none for narrow operands', () => {
    expect(dspPerProduct(16, 4, 'DSP48E2')).toBe(0);
    expect(dspPerProduct(16, 5, 'DSP48E2')).toBe(1);
    expect(dspPerProduct(18, 18, 'DSP48E1')).toBe(1);
    expect(dspPerProduct(18, 27, 'DSP48E2')).toBe(1);
    expect(dspPerProduct(18, 18, 'none')).toBe(0);
  });

  test('grows by tiles', () => {
    expect(dspPerProduct(27, 18, 'DSP48E1')).toBe(2);
    expect(dspPerProduct(24, 24, 'DSP48E2')).toBe(2);
    expect(dspPerProduct(24, 24, 'DSP58')).toBe(1);
    expect(dspPerProduct(32, 32, 'DSP48E2')).toBe(4);
    expect(dspPerProduct(16, 32, 'SB_MAC16')).toBe(3);
  });
});

describe('dspCount', () => {
  test('loses the last multiplier of 6-bit weights above 32 inputs', () => {
    const six = { weightBits: 6, weightFraction: 5 };
    expect(dspCount(product(32, 64, 512, six))).toBe(4);
    expect(dspCount(product(64, 64, 512, six))).toBe(7);
  });

  test('of Vitis HLS is none for weights of 6 bits', () => {
    const of = (weightBits: number) =>
      dspCount(product(32, 64, 512, { weightBits, weightFraction: weightBits - 1, vivadoHls: false }));
    expect([of(6), of(8)]).toEqual([0, 4]);
  });

  test('is none where multipliers are bound to LUTs or are shifts', () => {
    expect(dspCount(product(64, 64, 512, { multipliers: 'lut' }))).toBe(0);
    expect(dspCount(product(64, 64, 1, { strategy: 'distributed_arithmetic' }))).toBe(0);
  });

  test('is exact in every resource row, 2 to 14 bits', () => {
    expect(resourceRows()).toHaveLength(733);
    for (const bits of [2, 4, 6, 8, 10, 12, 14]) {
      const p = pairs(
        resourceRows().filter((r) => weightBits(r) === bits),
        'dsp',
      );
      expect(p.length, `${bits} bits`).toBeGreaterThan(90);
      expect(
        p.filter(([a, b]) => a !== b),
        `${bits} bits`,
      ).toEqual([]);
    }
  });

  test('is exact where constants share multipliers, one more than the limit in 1024 turns', () => {
    const shared = pairs(
      ruleRows().filter((r) => r.success && r.design.strategy === 'latency' && r.design.reuseFactor > 1),
      'dsp',
    );
    expect(shared).toHaveLength(44);
    expect(shared.filter(([a, b]) => a !== b)).toEqual([]);
    expect(dspCount(product(32, 32, 1024, { strategy: 'latency', weightBits: 10, weightFraction: 9 }))).toBe(2);
  });

  test.skipIf(!hasFpga)('is exact in the 16-bit modules of a GRU (needs ../shared)', () => {
    const p = pairs(
      fpgaRows().filter(
        (r) => r.source === 'hls4ml_modules' && r.design.layers[0].kind === 'dense' && r.design.strategy === 'resource',
      ),
      'dsp',
    );
    expect(p.length).toBeGreaterThanOrEqual(5);
    expect(p.filter(([a, b]) => a !== b)).toEqual([]);
  });
});
