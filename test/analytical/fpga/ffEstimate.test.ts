import { describe, expect, test } from 'vitest';
import { ffEstimate } from '../../../src/analytical/fpga/ffEstimate.js';
import {
  fpgaRows,
  half,
  hasFpga,
  largestError,
  meanError,
  medianError,
  pairs,
  product,
  resourceRows,
  unrolledRows,
  weightBits,
} from './fpgaRows.js';

describe('ffEstimate', () => {
  test('holds an accumulator an output and a product a multiplier', () => {
    expect(ffEstimate(product(128, 256, 512))).toBe(108 + 16 * 256 + 16 * 64);
    expect(ffEstimate(product(256, 256, 512))).toBe(108 + 16 * 256 + 8 * 128);
    expect(ffEstimate(product(128, 256, 32, { weightBits: 16, weightFraction: 10 }))).toBe(23 + 48 * 128 + 32 * 256 + 16 * 1024);
  });

  test('registers nothing where a layer takes no cycle', () => {
    expect(ffEstimate(product(2, 2, 1, { strategy: 'latency', weightBits: 2, weightFraction: 1, clockNs: 50 }))).toBe(0);
  });

  test.skipIf(!hasFpga)('weights in memory: 0.5 % mean error (needs ../shared)', () => {
    const fitted = pairs(
        resourceRows().filter((r) => weightBits(r) === 8),
        'ff',
      ),
      rest = pairs(
        resourceRows().filter((r) => weightBits(r) !== 8),
        'ff',
      );
    console.info(
      `FF, weights in memory: mean error ${(100 * meanError(rest)).toFixed(2)} %, largest ${(100 * largestError(rest)).toFixed(1)} % of ${rest.length} rows`,
    );
    for (const p of [fitted, rest]) {
      expect(meanError(p)).toBeLessThan(0.006);
      expect(largestError(p)).toBeLessThan(0.06);
    }
  });

  test.skipIf(!hasFpga)('unrolled: fitted to half of the models, tested on the other half (needs ../shared)', () => {
    for (const [strategy, bound] of [
      ['latency', 0.2],
      ['resource', 0.35],
    ] as const) {
      const [fitted, tested] = [0, 1].map((h) =>
        pairs(
          unrolledRows().filter((r) => half(r) === h && r.design.strategy === strategy),
          'ff',
        ),
      );
      console.info(
        `FF, unrolled, ${strategy}: mean error ${(100 * meanError(fitted)).toFixed(0)} % fitted, ${(100 * meanError(tested)).toFixed(0)} % tested (${tested.length} rows)`,
      );
      expect(meanError(tested), strategy).toBeLessThan(bound);
    }
  });

  test.skipIf(!hasFpga)('latency modules of other tools: the stated error (needs ../shared)', () => {
    const of = (model: RegExp) =>
      pairs(
        fpgaRows().filter(
          (r) =>
            r.source === 'hls4ml_modules' &&
            r.design.layers[0].kind === 'dense' &&
            model.test(r.modelId) &&
            r.design.layers[0].strategy === 'latency',
        ),
        'ff',
      );
    const mlp = of(/MLP_estimator/),
      open = of(/OpenML/);
    console.info(
      `FF, latency modules: median error ${(100 * medianError(mlp)).toFixed(0)} % of ${mlp.length} (MLP_estimator), ${(100 * medianError(open)).toFixed(0)} % of ${open.length} (OpenML)`,
    );
    expect(medianError(mlp)).toBeLessThan(0.25);
    expect(medianError(open)).toBeLessThan(0.3);
  });
});
