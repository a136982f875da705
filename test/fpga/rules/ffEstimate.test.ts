import { describe, expect, test } from 'vitest';
import { constantWeights } from '../../../src/fpga/rules/constantWeights.js';
import { ffEstimate } from '../../../src/fpga/rules/ffEstimate.js';
import {
  fpgaRows,
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
    const shared = 23 + 48 * 128 + 32 * 256;
    expect(ffEstimate(product(128, 256, 32, { weightBits: 16, weightFraction: 10 }))).toBe(shared + 16 * 1024);
    expect(ffEstimate(product(128, 256, 32, { weightBits: 4, weightFraction: 3 }))).toBe(shared);
  });

  test('Vitis HLS registers inputs and outputs, selected sums longer', () => {
    const at = (reuse: number, vivadoHls: boolean) => ffEstimate(product(64, 32, reuse, { vivadoHls }));
    expect(at(64, false)).toBe(at(64, true));
    expect(at(128, false)).toBeCloseTo(2 * 16 * 64 + 2.48 * 16 * 32, 6);
    expect(at(2048, false)).toBe(at(128, false));
  });

  test('multipliers bound to LUTs hold no product, as where there are no blocks', () => {
    for (const [nIn, reuse] of [
      [128, 512],
      [128, 32],
    ]) {
      const inLuts = ffEstimate(product(nIn, 256, reuse, { multipliers: 'lut' }));
      expect(inLuts).toBe(ffEstimate(product(nIn, 256, reuse, { generation: 'none' })));
      expect(inLuts).toBeLessThan(ffEstimate(product(nIn, 256, reuse)));
    }
  });

  test('registers nothing where a layer takes no cycle', () => {
    expect(ffEstimate(product(2, 2, 1, { strategy: 'latency', weightBits: 2, weightFraction: 1, clockNs: 50 }))).toBe(0);
  });

  test('unrolled: registers the distinct products and the sums of three above them, level by level', () => {
    // weights of one bit are wires: 27 terms and no bias but one, 7-series, so every level is registered
    const at = (more = {}) =>
      ffEstimate(
        product(27, 1, 1, {
          strategy: 'latency',
          weightBits: 2,
          weightFraction: 1,
          zeroWeights: 0,
          generation: 'DSP48E1',
          ...more,
        }),
      );
    const products = constantWeights(27, 1, 1, 0).distinct;
    expect(at()).toBeCloseTo(16 * (products + 28 / 3 + 28 / 9 + 28 / 27), 6);
    expect(at({ accumBits: 32 })).toBeCloseTo(2 * at(), 6);
    // two turns share the registers of the sums; a slow clock passes several levels a cycle; UltraScale+ two
    expect(at({ reuse: 2 })).toBeCloseTo(16 * (products + 28 / 6 + 28 / 18 + 28 / 54), 6);
    expect(at({ clockNs: 10 })).toBeCloseTo((16 * 28) / 9, 6);
    expect(at({ generation: 'DSP48E2' })).toBeCloseTo((16 * 28) / 9, 6);
  });

  test('unrolled: Vivado HLS sums products of DSPs in pairs', () => {
    const at = (vivadoHls: boolean) =>
      ffEstimate(product(32, 32, 1, { strategy: 'latency', weightBits: 14, weightFraction: 13, vivadoHls }));
    expect(at(true)).toBeGreaterThan(0.5 * at(false));
    expect(at(true)).toBeLessThan(0.6 * at(false));
  });

  test('unrolled: more weights than registers hold are summed in a chain', () => {
    const at = (nIn: number, reuse = 1) =>
      ffEstimate(product(nIn, 64, reuse, { strategy: 'latency', generation: 'DSP48E1' })) / nIn;
    expect(at(65)).toBeGreaterThan(1.2 * at(64));
    expect(at(65, 100)).toBeLessThan(at(65, 2));
    expect(at(65, 2)).toBeLessThan(at(65));
  });

  test('weights in memory: 0.5 % mean error', () => {
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
    expect(fitted.length + rest.length).toBe(733);
    for (const p of [fitted, rest]) {
      expect(meanError(p)).toBeLessThan(0.006);
      expect(largestError(p)).toBeLessThan(0.06);
    }
  });

  test('unrolled, every weight at once: the stated errors', () => {
    for (const [strategy, least, mean] of [
      ['latency', 8, 0.015],
      ['latency', 2, 0.1],
      ['resource', 8, 0.06],
      ['resource', 2, 0.13],
    ] as const) {
      const rows = pairs(
        unrolledRows().filter((r) => r.design.strategy === strategy && weightBits(r) >= least),
        'ff',
      );
      console.info(
        `FF, unrolled, ${strategy}, from ${least} bits: mean error ${(100 * meanError(rows)).toFixed(1)} % of ${rows.length} rows`,
      );
      expect(rows.length).toBeGreaterThan(10);
      expect(meanError(rows), `${strategy} ${least}`).toBeLessThan(mean);
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
      one = of(/OpenML:model_2/),
      each = of(/OpenML:model_3/).filter(([y]) => y > 0);
    console.info(
      `FF, latency modules: median error ${(100 * medianError(mlp)).toFixed(0)} % of ${mlp.length} (MLP_estimator), ${(100 * medianError(one)).toFixed(0)} % of ${one.length} (OpenML, one type), ${(100 * medianError(each)).toFixed(0)} % of ${each.length} (a width for each weight)`,
    );
    expect(medianError(mlp)).toBeLessThan(0.08);
    expect(medianError(one)).toBeLessThan(0.1);
    expect(each.length).toBe(8);
    expect(medianError(each)).toBeLessThan(0.15);
  });
});
