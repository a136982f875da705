import { describe, expect, test } from 'vitest';
import { hlsNetwork } from '../../../src/fpga/design/designBuilder.js';
import { SOFTMAXES } from '../../../src/fpga/design/hlsDesign.js';
import { analyseDesign } from '../../../src/fpga/rules/analyseDesign.js';
import { type SoftmaxTool, softmaxCost, softmaxEntries } from '../../../src/fpga/rules/softmaxCost.js';
import { fpgaRows, hasFpga, largestError, medianError, pairs, shareExact, shareWithin } from './fpgaRows.js';

const slow: SoftmaxTool = { generation: 'DSP48E1', clockNs: 5, vivadoHls: false },
  fast: SoftmaxTool = { generation: 'DSP48E2', clockNs: 5, vivadoHls: true };

describe('softmaxCost', () => {
  test('is one product a class', () => {
    expect(softmaxCost(10, 1024, 16, slow)).toMatchObject({ dsp: 10, bram18: 10, latencyMin: 14, ii: 1 });
    expect(softmaxCost(10, 1024, 16, { ...slow, multipliers: 'lut' })).toMatchObject({ dsp: 0, latencyMin: 12 });
    expect(softmaxCost(5, 1024, 16, fast)).toMatchObject({ dsp: 5, bram18: 4, latencyMin: 4 });
  });

  test.skipIf(!hasFpga)('DSPs and II exact, latency within two cycles in all modules (needs ../shared)', () => {
    const rows = fpgaRows().filter((r) => r.source === 'hls4ml_modules' && r.design.layers[0].activation === 'softmax');
    expect(rows.length).toBeGreaterThan(25);
    expect(shareExact(pairs(rows, 'dsp'))).toBe(1);
    expect(shareExact(pairs(rows, 'ii'))).toBe(1);
    expect(shareWithin(pairs(rows, 'cycles_min'), 2)).toBe(1);
    // all but the modules of Vitis 2024.1
    expect(
      shareExact(
        pairs(
          rows.filter((r) => !/OpenML/.test(r.modelId)),
          'bram18',
        ),
      ),
    ).toBe(1);
    expect(medianError(pairs(rows, 'lut'))).toBeLessThan(0.1);
    expect(largestError(pairs(rows, 'lut'))).toBeLessThan(0.4);
    expect(medianError(pairs(rows, 'ff'))).toBeLessThan(0.2);
  });

  test('is computed in four ways: without the largest a tree of comparisons is missing, by differences there is a look-up for each two values, of the largest no table', () => {
    const of = (how: (typeof SOFTMAXES)[number], n = 4) => softmaxCost(n, 1024, 16, fast, how);
    const stable = of('stable'),
      latency = of('latency');
    // 3 comparisons of 16 bits at 1.96 LUTs and 4 differences
    expect(stable.lut - latency.lut).toBeCloseTo(16 * (1.96 * 3 + 4));
    expect(latency).toMatchObject({ dsp: 4, bram18: stable.bram18 });
    expect(latency.latencyMax).toBeLessThanOrEqual(stable.latencyMax);
    // 12 differences and 4 sums, two look-ups a block
    expect(of('legacy')).toMatchObject({ dsp: 0, bram18: 6 + 2 });
    expect(of('argmax')).toMatchObject({ dsp: 0, bram18: 0, lut: 3 * (1.96 * 16 + 2) + 4, latencyMax: 0 });
    for (const how of SOFTMAXES) for (const n of [1, 2, 100]) expect(of(how, n).lut, `${how} ${n}`).toBeGreaterThan(0);
  });

  test('has no more entries than its index tells apart, and narrow ones no block', () => {
    expect([softmaxEntries(1024, 16), softmaxEntries(1024, 8), softmaxEntries(64, 8)]).toEqual([1024, 256, 64]);
    expect(softmaxCost(4, 1024, 5, fast)).toMatchObject({ dsp: 4, bram18: 0 });
    expect(softmaxCost(4, 4096, 16, fast).bram18).toBe(4 * 3);
  });

  test('is one for each row of a tensor, or its products take turns where rows stream', () => {
    const of = (settings: { ioType: 'io_parallel' | 'io_stream'; reuseFactor?: number }) =>
      analyseDesign(
        hlsNetwork({ input: [6, 8], bits: 16, part: 'xcu250', clockNs: 5, tool: 'vitis_hls', ...settings })
          .softmax()
          .build(),
      ).layers[0];
    expect(of({ ioType: 'io_parallel' })).toMatchObject({
      dsp: 6 * 8,
      bram18: 6 * softmaxCost(8, 1024, 16, { ...fast, vivadoHls: false }).bram18,
    });
    expect(of({ ioType: 'io_stream' }).dsp).toBe(8);
    expect(of({ ioType: 'io_stream', reuseFactor: 3 }).dsp).toBe(3);
  });
});
