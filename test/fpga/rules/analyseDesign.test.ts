import { describe, expect, test } from 'vitest';
import type { FpgaSourceRow } from '../../../src/fpga/data/fpgaSources.js';
import { hlsNetwork } from '../../../src/fpga/design/designBuilder.js';
import type { HlsLayer } from '../../../src/fpga/design/hlsDesign.js';
import { parseHlsDesign } from '../../../src/fpga/design/hlsDesign.js';
import { analyseDesign } from '../../../src/fpga/rules/analyseDesign.js';
import {
  denseDesign,
  fpgaRows,
  hasFpga,
  medianError,
  pairs,
  resourceRows,
  ruleRows,
  shareExact,
  shareWithin,
  unrolledRows,
} from './fpgaRows.js';

describe('analyseDesign', () => {
  test('sums layers and says which reuse factor is in force', () => {
    const design = denseDesign([104, 48, 104, 16], { reuseFactor: 1024 });
    const { layers, total, warnings } = analyseDesign(design);
    expect(layers.map((l) => l.reuseFactor)).toEqual([832, 1248, 832]);
    expect(layers.map((l) => l.reuseAsked)).toEqual([1024, 1024, 1024]);
    expect(total).toMatchObject({ latencyMin: 832 + 1248 + 832 + 5, latencyMax: 832 + 1248 + 832 + 8, iiMin: 1248, iiMax: 1248 });
    for (const key of ['dsp', 'bram18'] as const) expect(total[key]).toBe(layers.reduce((s, l) => s + l[key], 0));
    expect(warnings[0]).toBe("layer 'dense_1': reuse factor 1024 is not valid for 104 x 48: 832 is used");
  });

  test('registers of the top function of Vivado HLS: input and pipeline, or the control of a dataflow', () => {
    const settings = { input: [1], bits: 16, intBits: 6, part: 'xcvu13p', clockNs: 5, tool: 'vivado_hls', toolVersion: '2020.1' };
    const ff = (ioType: 'io_parallel' | 'io_stream', outputs: number, activation: string) =>
      analyseDesign(
        hlsNetwork({ ...settings, ioType })
          .dense(outputs)
          .activation(activation)
          .build(),
      ).total.ff;
    // hls4ml's own test designs: 18, 89, 1047; 51 and 326
    expect([ff('io_parallel', 64, 'relu'), ff('io_parallel', 2, 'elu'), ff('io_parallel', 64, 'sigmoid')]).toEqual([
      18, 89, 1047,
    ]);
    expect([ff('io_stream', 2, 'elu'), ff('io_stream', 64, 'relu')]).toEqual([51, 325]);
    // the strategy of a design without weights changes nothing
    const pool = (strategy: 'latency' | 'resource') =>
      analyseDesign(
        hlsNetwork({ ...settings, input: [8, 8, 2], strategy })
          .maxPool(2)
          .build(),
      ).total.ff;
    expect([pool('latency'), pool('resource')]).toEqual([8 * 8 * 2 * 16 + 2, 8 * 8 * 2 * 16 + 2]);
  });

  test('a convolution with io_parallel is the same loop over pixels for both tools, its ports are of a window and a pixel', () => {
    const total = (tool: string, toolVersion: string) =>
      analyseDesign(
        hlsNetwork({ input: [28, 28, 3], bits: 16, strategy: 'resource', part: 'xcvu13p', clockNs: 5, tool, toolVersion })
          .conv2d(32, 4, { stride: 4 })
          .build(),
      ).total;
    const vitis = total('vitis_hls', '2024.1'),
      vivado = total('vivado_hls', '2020.1');
    // hls4ml's own test design: 75413 LUTs, 52 cycles
    expect(vitis).toMatchObject({ latencyMax: 52, iiMax: 53 });
    expect(Math.abs(vitis.lut / 75_413 - 1)).toBeLessThan(0.05);
    expect(vivado).toMatchObject({ latencyMax: 52, iiMax: 53 });
    expect(vivado.lut).toBeLessThan(1.15 * vitis.lut);
  });

  test('says what is not known: part, clock, opaque layers, no silent zero', () => {
    const design = denseDesign([16, 16], { part: undefined, clockS: undefined });
    const opaque: HlsLayer = {
      name: 'attention',
      kind: 'opaque',
      source: 'MultiHeadAttention',
      inputs: ['dense_1'],
      inShape: [16],
      outShape: [16],
    };
    const a = analyseDesign({ ...design, layers: [...design.layers, opaque] });
    expect(a.warnings).toEqual([
      'no part named: UltraScale+ multipliers and speed assumed, capacity not checked',
      'no clock named: 5 ns assumed',
      "layer 'attention': 'MultiHeadAttention' is not supported: its cost is not counted",
      'weights are taken as dense (no zeros) in dense_1: pruned ones take less; give --sparsity',
    ]);
    expect(a.verdict).toEqual({ verdict: 'unknown', reasons: ['no part is named'] });
    expect(analyseDesign({ ...design, layers: [...design.layers, opaque] }, { part: 'xcu250' }).verdict.reasons[0]).toMatch(
      /opaque/,
    );
  });

  test('throws for a part nobody knows', () => {
    expect(() => analyseDesign(denseDesign([16, 16], { part: 'xc7z999' }))).toThrow(/no FPGA part 'xc7z999'/);
  });

  test('takes every kind of layer, parallel and streaming', () => {
    const layers: HlsLayer[] = [
      { name: 'pad', kind: 'padding', inputs: [], inShape: [8, 8, 3], outShape: [10, 10, 3] },
      {
        name: 'conv',
        kind: 'conv2d',
        inputs: ['pad'],
        inShape: [10, 10, 3],
        outShape: [8, 8, 4],
        kernel: [3, 3],
        stride: [1, 1],
        padding: 'valid',
      },
      { name: 'bn', kind: 'batch_norm', inputs: ['conv'], inShape: [8, 8, 4], outShape: [8, 8, 4] },
      { name: 'act', kind: 'activation', activation: 'leaky_relu', inputs: ['bn'], inShape: [8, 8, 4], outShape: [8, 8, 4] },
      {
        name: 'dw',
        kind: 'depthwise_conv2d',
        inputs: ['act'],
        inShape: [8, 8, 4],
        outShape: [8, 8, 4],
        kernel: [3, 3],
        stride: [1, 1],
        padding: 'same',
      },
      { name: 'add', kind: 'merge', merge: 'add', inputs: ['act', 'dw'], inShape: [8, 8, 4], outShape: [8, 8, 4] },
      { name: 'mul', kind: 'merge', merge: 'multiply', inputs: ['add', 'dw'], inShape: [8, 8, 4], outShape: [8, 8, 4] },
      {
        name: 'pool',
        kind: 'max_pool',
        inputs: ['mul'],
        inShape: [8, 8, 4],
        outShape: [4, 4, 4],
        kernel: [2, 2],
        stride: [2, 2],
      },
      { name: 'gap', kind: 'global_avg_pool', inputs: ['pool'], inShape: [4, 4, 4], outShape: [4] },
      { name: 'flat', kind: 'reshape', inputs: ['gap'], inShape: [4], outShape: [4] },
      { name: 'out', kind: 'dense', inputs: ['flat'], inShape: [4], outShape: [2] },
      { name: 'softmax', kind: 'activation', activation: 'softmax', inputs: ['out'], inShape: [2], outShape: [2] },
    ];
    for (const ioType of ['io_parallel', 'io_stream'] as const)
      for (const strategy of ['latency', 'resource', 'distributed_arithmetic', 'unrolled'] as const) {
        const { layers: costs, total } = analyseDesign(
          parseHlsDesign({ ...denseDesign([1, 1], { ioType, strategy, reuseFactor: 3 }), layers }),
        );
        expect(costs).toHaveLength(layers.length);
        for (const value of [
          ...Object.values(total),
          ...costs.flatMap((c) => [c.lut, c.ff, c.dsp, c.bram18, c.latencyMax, c.ii]),
        ]) {
          expect(Number.isFinite(value)).toBe(true);
          expect(value).toBeGreaterThanOrEqual(0);
        }
        expect(total.latencyMax).toBeGreaterThanOrEqual(total.latencyMin);
        if (ioType === 'io_stream') expect(total.iiMax).toBeGreaterThan(100);
      }
  });

  test('a hundred thousand one-layer designs in seconds', () => {
    const designs = [1, 64, 128, 256].map((reuseFactor) => denseDesign([64, 32], { reuseFactor }));
    for (let i = 0; i < 20_000; i++) analyseDesign(designs[i % 4]);
    const started = process.cpuUsage();
    for (let i = 0; i < 100_000; i++) analyseDesign(designs[i % 4]);
    const rate = 100_000 / (process.cpuUsage(started).user / 1e6);
    console.info(`${Math.round(rate)} one-layer designs a second of processor time`);
    // of processor time, and far below what a core does (a million and more)
    expect(rate).toBeGreaterThan(50_000);
  });
});

describe('analyseDesign on published rows', () => {
  test('dense, resource: II and DSP exact, latency and BRAM within one', () => {
    const rows = ruleRows().filter((r) => r.success && r.design.strategy === 'resource');
    const memory = resourceRows();
    expect(rows.length).toBe(memory.length + unrolledRows().filter((r) => r.design.strategy === 'resource').length);
    expect(shareExact(pairs(memory, 'ii'))).toBe(1);
    expect(shareExact(pairs(memory, 'dsp'))).toBe(1);
    expect(shareWithin(pairs(rows, 'cycles_min'), 1)).toBe(1);
    expect(shareWithin(pairs(rows, 'cycles'), 1)).toBe(1);
    expect(shareWithin(pairs(rows, 'bram18'), 1)).toBe(1);
  });

  test.skipIf(!hasFpga)('three dense layers: latency exact in every row (needs ../shared)', () => {
    const rows = fpgaRows().filter((r) => r.source === 'wa_hls4ml_dense3');
    expect(rows.length).toBeGreaterThanOrEqual(28);
    for (const target of ['cycles_min', 'cycles', 'dsp'] as const) expect(shareExact(pairs(rows, target)), target).toBe(1);
  });

  test.skipIf(!hasFpga)('full projects of dense layers: the stated errors (needs ../shared)', () => {
    for (const [source, lut, ff, latency] of [
      [/MLP_estimator/, 0.07, 0.08, 0.15],
      [/OpenML/, 0.15, 0.18, 0.15],
    ] as const) {
      const rows = fpgaRows().filter((r) => source.test(r.source));
      const errors = (['lut', 'ff', 'cycles_min'] as const).map((t) => medianError(pairs(rows, t)));
      console.info(
        `${rows[0].source}: median error LUT ${(100 * errors[0]).toFixed(0)} %, FF ${(100 * errors[1]).toFixed(0)} %, latency ${(100 * errors[2]).toFixed(0)} %; BRAM exact ${(100 * shareExact(pairs(rows, 'bram18'))).toFixed(0)} %, II exact ${(100 * shareExact(pairs(rows, 'ii'))).toFixed(0)} % of ${rows.length}`,
      );
      expect(errors[0]).toBeLessThan(lut);
      expect(errors[1]).toBeLessThan(ff);
      expect(errors[2]).toBeLessThan(latency);
    }
  });

  const analysed = (rows: readonly FpgaSourceRow[]) => {
    for (const row of rows) {
      const { total, verdict } = analyseDesign(row.design);
      for (const value of Object.values(total)) expect(Number.isFinite(value), row.id).toBe(true);
      if (verdict.verdict !== 'fits') expect(verdict.reasons.length, row.id).toBeGreaterThan(0);
    }
  };
  test('every row of the embedded table is analysed', () => {
    expect(ruleRows()).toHaveLength(2273);
    analysed(ruleRows());
  });
  test.skipIf(!hasFpga)('every collected row is analysed (needs ../shared)', () => {
    expect(fpgaRows().length).toBeGreaterThan(2600);
    analysed(fpgaRows());
  });
});
