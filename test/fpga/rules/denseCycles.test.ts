import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { denseCycles } from '../../../src/fpga/rules/denseCycles.js';
import {
  fpgaRows,
  hasFpga,
  largestError,
  medianError,
  pairs,
  product,
  resourceRows,
  ruleRows,
  shareExact,
  shareWithin,
  unrolledRows,
} from './fpgaRows.js';

const modules = (where: (variant: string, modelId: string) => boolean) =>
  fpgaRows().filter(
    (r) =>
      r.source === 'hls4ml_modules' &&
      r.design.layers[0].kind === 'dense' &&
      r.design.layers[0].strategy === 'latency' &&
      where(r.variant ?? '', r.modelId),
  );

describe('denseCycles', () => {
  test('of the resource strategy are the reuse factor and one or two', () => {
    expect(denseCycles(product(64, 64, 512))).toEqual({ latencyMin: 513, latencyMax: 514, ii: 512 });
    // multipliers of LUTs and a choice of two outputs: one less
    expect(denseCycles(product(192, 32, 384, { weightBits: 4, weightFraction: 3 }))).toEqual({
      latencyMin: 384,
      latencyMax: 385,
      ii: 384,
    });
    expect(denseCycles(product(32, 32, 1)).ii).toBe(2);
  });

  test('of the latency strategy never wait longer than asked, nor than the layer takes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 64 }),
        fc.integer({ min: 1, max: 64 }),
        fc.integer({ min: 1, max: 5000 }),
        fc.integer({ min: 2, max: 16 }),
        (nIn, nOut, reuse, bits) => {
          const c = denseCycles(product(nIn, nOut, reuse, { strategy: 'latency', weightBits: bits, weightFraction: bits - 1 }));
          expect(c.ii).toBeGreaterThanOrEqual(1);
          expect(c.ii).toBeLessThanOrEqual(Math.max(1, Math.min(reuse, c.latencyMin + 1)));
          expect(Number.isInteger(c.latencyMin)).toBe(true);
        },
      ),
    );
  });

  test('are exact in every resource row: II and both latencies', () => {
    const rows = resourceRows();
    expect(rows).toHaveLength(733);
    for (const target of ['ii_min', 'ii', 'cycles_min', 'cycles'] as const)
      expect(shareExact(pairs(rows, target)), target).toBe(1);
  });

  test('are within one cycle in every unrolled row', () => {
    const latency = pairs(unrolledRows(), 'cycles_min'),
      ii = pairs(unrolledRows(), 'ii');
    expect(latency.length).toBeGreaterThan(45);
    expect(shareWithin(latency, 1)).toBe(1);
    expect(shareExact(latency)).toBeGreaterThan(0.85);
    expect(shareWithin(ii, 1)).toBe(1);
  });

  test('of shared multipliers have the stated error', () => {
    const rows = ruleRows().filter((r) => r.success && r.design.strategy === 'latency' && r.design.reuseFactor > 1);
    expect(rows).toHaveLength(44);
    const narrow = pairs(
        rows.filter((r) => r.design.layers[0].weight!.bits < 8),
        'cycles_min',
      ),
      wide = pairs(
        rows.filter((r) => r.design.layers[0].weight!.bits >= 8),
        'cycles_min',
      );
    expect(shareWithin(narrow, 2)).toBe(1);
    expect(wide).toHaveLength(26);
    expect(largestError(wide)).toBeLessThan(0.03);
    console.info(
      `shared multipliers: latency off by ${(100 * medianError(wide)).toFixed(0)} % in the median of ${wide.length} rows`,
    );
    // the reuse factor is not reached, and the rule knows it
    for (const [reported, analytical] of pairs(rows, 'ii')) {
      expect(reported).toBeLessThan(700);
      expect(analytical).toBeLessThan(1024);
    }
  });

  test.skipIf(!hasFpga)('of other tools: modules of trained networks (needs ../shared)', () => {
    const small = (r: { design: { layers: { inShape: number[]; outShape: number[] }[] } }) =>
      r.design.layers[0].inShape[0] * r.design.layers[0].outShape[0] <= 4096;
    const open = pairs(
        modules((_, m) => /OpenML/.test(m)),
        'cycles_min',
      ),
      quick = pairs(modules((v, m) => /MLP/.test(m) && /reuse[12]$/.test(v)).filter(small), 'cycles_min'),
      shared = pairs(modules((v, m) => /MLP/.test(m) && /reuse100$/.test(v)).filter(small), 'cycles_min');
    console.info(
      `latency modules within one cycle: ${Math.round(shareWithin(open, 1) * open.length)} of ${open.length} (OpenML), ${Math.round(shareWithin(quick, 1) * quick.length)} of ${quick.length} (MLP, RF 1 and 2); shared multipliers off by ${(100 * medianError(shared)).toFixed(0)} %`,
    );
    expect(shareWithin(open, 1)).toBeGreaterThanOrEqual(0.95);
    expect(shareWithin(quick, 1)).toBeGreaterThan(0.7);
    expect(shareWithin(quick, 3)).toBeGreaterThan(0.95);
    expect(medianError(shared)).toBeLessThan(0.35);
  });
});
