import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  finnBram18,
  finnCycles,
  finnDepth,
  finnDsp,
  finnFolding,
  finnFoldingValid,
  finnLut,
  finnUram,
} from '../../../src/fpga.js';

const layer = { mh: 64, mw: 128, pe: 4, simd: 8, weightBits: 4, activationBits: 4, vectors: 9 };

describe('FINN folding', () => {
  test('cycles, memory and multipliers', () => {
    expect(finnCycles(layer)).toBe(16 * 16 * 9);
    expect(finnDepth(layer)).toBe(256);
    expect(finnDsp(layer, 'hls')).toBe(32);
    expect(finnDsp(layer, 'rtl')).toBe(8);
    expect(finnDsp(layer, 'rtl-dsp58')).toBe(12);
    // width 128, depth 256
    expect(finnBram18(layer)).toBe(4);
    expect(finnUram(layer)).toBe(2);
    expect(finnBram18({ ...layer, pe: 1, simd: 1, weightBits: 1 })).toBe(1);
    expect(finnBram18({ ...layer, pe: 1, simd: 4 })).toBe(2);
  });

  test('LUTs with and without DSPs', () => {
    // 300 + 1.1 * 4 * (8 * (2 * ceil(8/6) - 1) * 8 + 8 * 15 + 15)
    expect(finnLut(layer, { inDsp: false, weightsInLut: false })).toBeCloseTo(300 + 1.1 * 4 * (192 + 120 + 15));
    expect(finnLut(layer, { inDsp: true, weightsInLut: true })).toBeCloseTo(300 + 1.1 * 4 * 135 + 4 * 8 * 4 * 4);
  });

  test('the folding found keeps the time with the fewest multipliers', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 64 }),
        fc.integer({ min: 1, max: 64 }),
        fc.integer({ min: 1, max: 5000 }),
        (mh, mw, cycles) => {
          const base = { ...layer, mh, mw, vectors: 1 };
          const fold = finnFolding(base, cycles)!;
          expect(finnFoldingValid({ ...base, ...fold })).toBe(true);
          expect(finnCycles({ ...base, ...fold })).toBe(fold.cycles);
          expect(fold.cycles).toBeLessThanOrEqual(cycles);
          for (let pe = 1; pe <= mh; pe++)
            for (let simd = 1; simd <= mw; simd++)
              if (finnFoldingValid({ mh, mw, pe, simd }) && finnCycles({ ...base, pe, simd }) <= cycles)
                expect(pe * simd).toBeGreaterThanOrEqual(fold.pe * fold.simd);
        },
      ),
      { numRuns: 30 },
    );
    expect(finnFolding({ ...layer, vectors: 10 }, 9)).toBeUndefined();
  });
});
