import { describe, expect, test } from 'vitest';
import { analyseDesign } from '../../../src/fpga/rules/analyseDesign.js';
import { arithmeticLut } from '../../../src/fpga/rules/arithmeticLut.js';
import { denseDesign, product } from './fpgaRows.js';

describe('arithmeticLut', () => {
  test('weights in memory: products count where they are in no DSP, the others not at all', () => {
    expect(arithmeticLut(product(64, 64, 128))).toBe(0);
    // 64 x 64 / 128 products of 16 x 4 bits
    expect(arithmeticLut(product(64, 64, 128, { weightBits: 4, weightFraction: 3 }))).toBe(32 * 64);
    expect(arithmeticLut(product(64, 64, 128, { multipliers: 'lut' }))).toBe(32 * 128);
    expect(arithmeticLut(product(64, 64, 128, { generation: 'none' }))).toBe(32 * 128);
  });

  test('wired weights: an adder of the accumulator for each weight that is not zero, and more for those of several digits', () => {
    const at = (more = {}) => arithmeticLut(product(16, 16, 1, { strategy: 'latency', ...more }));
    // 2 bits: weights -1, 0, 1 are wires, half of them zero
    expect(at({ weightBits: 2, weightFraction: 1, zeroWeights: 128 })).toBe(128 * 16);
    expect(at({ weightBits: 2, weightFraction: 1, zeroWeights: 128, accumBits: 24 })).toBe(128 * 24);
    expect(at({ zeroWeights: 128 })).toBeLessThan(at({ zeroWeights: 0 }));
    expect(at({ multipliers: 'lut' })).toBeGreaterThan(at());
    expect(at({ strategy: 'distributed_arithmetic' })).toBeGreaterThan(at());
    expect(at({ strategy: 'resource' })).toBe(at());
  });

  test('a design has that of its layers, matrices of a recurrent one included', () => {
    const [first, second] = analyseDesign(denseDesign([16, 32, 8])).layers;
    expect(first.arithmeticLut).toBeGreaterThan(second.arithmeticLut);
    expect(second.arithmeticLut).toBeGreaterThan(0);
    const gru = analyseDesign({
      ...denseDesign([16, 32], { reuseFactor: 16, precision: { bits: 4, intBits: 2, signed: true } }),
      layers: [{ name: 'gru', kind: 'gru', inputs: [], inShape: [10, 16], outShape: [32] }],
    });
    // 16 x 96 and 32 x 96 weights, 16 turns, 4 x 4 bits
    expect(gru.layers[0].arithmeticLut).toBe((96 + 192) * 16);
  });
});
