import { describe, expect, test } from 'vitest';
import { hlsNetwork } from '../../../src/fpga/design/designBuilder.js';
import type { HlsDesign } from '../../../src/fpga/design/hlsDesign.js';
import { analyseDesign } from '../../../src/fpga/rules/analyseDesign.js';
import { chainCycles, chainRegisters, roundedLayers, roundedSumReach } from '../../../src/fpga/rules/roundedSums.js';
import { product } from './fpgaRows.js';

const settings = { input: [16], bits: 4, part: 'xcvu13p', clockNs: 5, tool: 'vivado_hls', strategy: 'latency' } as const;
const design = hlsNetwork(settings).dense(64).build();
const sums = (accum: { rounding?: string; overflow?: string }, result = accum) => {
  const type = design.precision;
  return { ...design, layers: [{ ...design.layers[0], accum: { ...type, ...accum }, result: { ...type, ...result } }] };
};

describe('sums that saturate', () => {
  test('are a chain: registers at the end of each of its cycles', () => {
    const p = product(16, 64, 1, { strategy: 'latency', dataBits: 4, accumBits: 4, saturates: true });
    // 1.2 ns a sum, 4.375 ns of 5: three a cycle
    expect(chainCycles(p, 16)).toBe(5);
    expect(chainRegisters(p, 16)).toBe(5 * (4 * 64 + (4 * 16) / 2));
    expect(roundedSumReach({ ...p, rounds: true }, 10)).toBe(10 * (5 + 4));
  });

  test('with the network that shows them: LUT 1.2 times, FF by the chain', () => {
    const { total: cut, layers } = analyseDesign(design),
      rounded = analyseDesign(sums({ rounding: 'rnd', overflow: 'sat' }));
    expect(rounded.layers[0].lut / layers[0].lut).toBeCloseTo(5479 / 4583, 1);
    expect(rounded.total.latencyMax).toBeGreaterThan(cut.latencyMax);
    expect(rounded.rounded!.ff).toBe(rounded.total.ff - cut.ff);
  });

  test('products that are rounded only cost LUTs; results alone cost comparisons', () => {
    const cut = analyseDesign(design),
      rounded = analyseDesign(sums({ rounding: 'rnd' })),
      results = analyseDesign(sums({}, { overflow: 'sat' }));
    expect([rounded.total.ff, rounded.total.latencyMax]).toEqual([cut.total.ff, cut.total.latencyMax]);
    expect(rounded.total.lut).toBeGreaterThan(cut.total.lut);
    expect(results.total.lut - cut.total.lut).toBe(1.5 * 4 * 64);
    expect([cut.rounded, results.rounded]).toEqual([undefined, undefined]);
  });

  test('reach into recurrent and streaming layers: cycles of every step and pixel, and the interval that follows them', () => {
    const saturating = (built: HlsDesign): HlsDesign => ({
      ...built,
      layers: built.layers.map((l) => ({ ...l, accum: { ...built.precision, overflow: 'sat' } })),
    });
    const reach = (built: HlsDesign) => {
      const [wraps, saturates] = [built, saturating(built)].map((d) => analyseDesign(d));
      expect(wraps.rounded).toBeUndefined();
      expect(saturates.rounded).toMatchObject({
        ff: saturates.total.ff - wraps.total.ff,
        cycles: saturates.total.latencyMax - wraps.total.latencyMax,
        ii: saturates.total.iiMax - wraps.total.iiMax,
      });
      return saturates.rounded!;
    };
    const gru = reach(
      hlsNetwork({ ...settings, bits: 16, input: [10, 32] })
        .gru(32)
        .build(),
    );
    expect(gru.lut).toBeGreaterThan(0);
    expect(gru.cycles).toBeGreaterThanOrEqual(10);
    expect(gru.ii).toBe(gru.cycles);
    const conv = reach(
      hlsNetwork({ ...settings, bits: 16, tool: 'vitis_hls', ioType: 'io_stream', input: [8, 8, 4] })
        .conv2d(8, [3, 3])
        .build(),
    );
    expect(conv.cycles).toBeGreaterThanOrEqual(64);
    expect(conv.ii).toBe(conv.cycles);
    expect(
      roundedLayers(
        saturating(
          hlsNetwork({ ...settings, input: [10, 32] })
            .lstm(4)
            .build(),
        ),
      ),
    ).toEqual(['lstm_0']);
  });
});
