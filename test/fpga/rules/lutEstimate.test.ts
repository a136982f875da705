import { describe, expect, test } from 'vitest';
import { analyseDesign } from '../../../src/fpga/rules/analyseDesign.js';
import { constantWeights } from '../../../src/fpga/rules/constantWeights.js';
import { laterCounts } from '../../../src/fpga/rules/laterCounts.js';
import { lutEstimate, muxLut, stateLut, topLevelLut } from '../../../src/fpga/rules/lutEstimate.js';
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

describe('lutEstimate', () => {
  test('counts multiplexers as Vivado HLS does', () => {
    expect(Math.round(muxLut(2, 16))).toBe(9);
    expect(Math.round(muxLut(32, 16))).toBe(145);
    expect(muxLut(1, 16)).toBe(0);
  });

  test('grows with what is multiplied at once and with widths', () => {
    const at = (reuse: number, more = {}) => lutEstimate(product(64, 64, reuse, more));
    expect(at(512)).toBeGreaterThan(at(1024));
    expect(at(512, { accumBits: 32 })).toBeGreaterThan(at(512));
    expect(at(512, { multipliers: 'lut' })).toBeGreaterThan(at(512));
    // zeros need no adders
    expect(at(1, { zeroWeights: 2048 })).toBeLessThan(at(1, { zeroWeights: 0 }));
    expect(topLevelLut(512, 512, false)).toBeGreaterThan(4000);
    expect(stateLut(1)).toBe(0);
    expect(stateLut(20)).toBe(100);
  });

  test('Vitis HLS: sums that a table selects cost by outputs, not by multipliers', () => {
    const at = (nOut: number, reuse: number, more = {}) => lutEstimate(product(64, nOut, reuse, { vivadoHls: false, ...more }));
    // 32 multipliers for 2: a fourteenth of a LUT a bit of each sum and multiplier
    expect(at(64, 128) - at(64, 2048)).toBeCloseTo(0.072 * 16 * 64 * 30, 6);
    // from 64 to 65 sums the selection has 128 places
    expect(at(65, 4160) - at(64, 4096)).toBeCloseTo(16 * (3.26 + 1.45 * 64 + 0.072), 6);
    expect(at(64, 128, { multipliers: 'lut' })).toBeGreaterThan(at(64, 128));
    expect(at(64, 64)).toBe(lutEstimate(product(64, 64, 64)));
  });

  test('multipliers select among inputs but where a window is shifted past them; streamed words need less than ports', () => {
    const at = (reuse: number, inputs?: 'array' | 'stream' | 'window') => lutEstimate(product(144, 16, reuse, { inputs }));
    expect(at(9, 'array')).toBe(at(9));
    expect(at(9, 'window')).toBeLessThan(at(9));
    // an adder a multiplier, whatever RF
    expect(at(9, 'window') - at(18, 'window')).toBeCloseTo(16 * (256 - 128), 6);
    expect(at(9, 'stream')).toBeLessThan(at(9));
  });

  test('unrolled: products cost what is around them where they are pipelined or shared, and sums of a chain wait in LUTs', () => {
    const at = (nIn: number, reuse: number, more = {}) => lutEstimate(product(nIn, 64, reuse, { strategy: 'latency', ...more }));
    const { full } = constantWeights(64, 64, 7);
    expect(at(64, 1) - lutEstimate(product(64, 64, 1))).toBeCloseTo(4.6 * full, 6);
    // two multipliers of LUTs in place of many
    expect(at(64, 2048, { multipliers: 'lut' })).toBeLessThan(at(64, 1, { multipliers: 'lut' }));
    expect(at(96, 1)).toBeGreaterThan(at(96, 2));
    expect(at(64, 1)).toBe(at(64, 2));
  });

  test('weights in memory: within 1 % of csynth in every row', () => {
    // its constants are read off the rows of 8 bits, and the surcharge of narrow products off those of 4
    const fitted = pairs(
        resourceRows().filter((r) => weightBits(r) === 8),
        'lut',
      ),
      rest = pairs(
        resourceRows().filter((r) => weightBits(r) !== 8),
        'lut',
      );
    console.info(
      `LUT, weights in memory: mean error ${(100 * meanError(rest)).toFixed(2)} %, largest ${(100 * largestError(rest)).toFixed(2)} % of ${rest.length} rows`,
    );
    expect(rest.length).toBeGreaterThan(500);
    for (const p of [fitted, rest]) {
      expect(meanError(p)).toBeLessThan(0.004);
      expect(largestError(p)).toBeLessThan(0.01);
    }
  });

  test('unrolled: fitted to half of the models, tested on the other half', () => {
    const [fitted, tested] = [0, 1].map((h) =>
      pairs(
        unrolledRows().filter((r) => half(r) === h),
        'lut',
      ),
    );
    console.info(
      `LUT, unrolled: mean error ${(100 * meanError(fitted)).toFixed(1)} % fitted, ${(100 * meanError(tested)).toFixed(1)} % tested (${tested.length} rows)`,
    );
    expect(tested.length).toBeGreaterThan(20);
    expect(meanError(tested)).toBeLessThan(0.04);
    expect(largestError(tested)).toBeLessThan(0.2);
  });

  test.skipIf(!hasFpga)('unrolled: modules of tools and networks it was not fitted to (needs ../shared)', () => {
    const of = (model: RegExp) =>
      pairs(
        fpgaRows().filter(
          (r) =>
            r.source === 'hls4ml_modules' &&
            r.design.layers[0].kind === 'dense' &&
            model.test(r.modelId) &&
            r.design.layers[0].strategy === 'latency',
        ),
        'lut',
      );
    const mlp = of(/MLP_estimator/),
      open = of(/OpenML:model_2/),
      each = of(/OpenML:model_3.1_[12]/);
    console.info(
      `LUT, latency modules: median error ${(100 * medianError(mlp)).toFixed(0)} % of ${mlp.length} (MLP_estimator), ${(100 * medianError(open)).toFixed(0)} % of ${open.length} (OpenML); ${(100 * medianError(each)).toFixed(0)} % of ${each.length} that a constant is read off`,
    );
    expect(medianError(mlp)).toBeLessThan(0.1);
    expect(medianError(open)).toBeLessThan(0.15);
    expect(medianError(each)).toBeLessThan(0.08);
  });

  test.skipIf(!hasFpga)(
    'of streaming CNNs whose convolutions are not recorded LUT and FF are no more than those of the whole (needs ../shared)',
    () => {
      const rows = fpgaRows().filter((r) => r.source === 'wa_hls4ml_conv2d');
      const over = rows.flatMap((r) => {
        const { total, kept } = analyseDesign(r.design),
          later = laterCounts(total, kept, 'vsynth');
        return later.lut <= r.labels.lut! && later.ff <= r.labels.ff! ? [] : [r.id];
      });
      expect(rows).toHaveLength(26);
      expect(over).toEqual([]);
    },
  );
});
