import { describe, expect, test } from 'vitest';
import { multipliers } from '../../../src/fpga/rules/multipliers.js';
import { pairs, resourceRows, weightBits } from './fpgaRows.js';

describe('multipliers', () => {
  test('divide the products by the reuse factor, rounded up', () => {
    expect(multipliers(16, 64, 1, 'resource')).toBe(1024);
    expect(multipliers(104, 48, 832, 'resource')).toBe(6);
    expect(multipliers(5, 3, 4, 'unrolled')).toBe(4);
    expect(multipliers(16, 64, 8, 'distributed_arithmetic')).toBe(0);
  });

  test('of the latency strategy leave out zeros, as the allocation limit of hls4ml does', () => {
    // ARRYTHMIA of hls4ml_MLP_estimator: 924 zeros of 2192, RF 100, 13 DSPs in csynth
    expect(multipliers(274, 8, 100, 'latency', 924)).toBe(13);
    expect(multipliers(8, 16, 100, 'latency', 36)).toBe(2);
    expect(multipliers(4, 4, 16, 'latency', 16)).toBe(1);
  });

  test('are the DSPs of every resource row of 8 to 14 bits', () => {
    const rows = resourceRows().filter((r) => weightBits(r) >= 8);
    expect(rows.length).toBeGreaterThan(400);
    for (const r of rows) {
      const [{ inShape, outShape }] = r.design.layers;
      expect(multipliers(inShape[0], outShape[0], r.design.reuseFactor, 'resource'), r.id).toBe(r.labels.dsp);
    }
    expect(pairs(rows, 'dsp').every(([a, b]) => a === b)).toBe(true);
  });
});
