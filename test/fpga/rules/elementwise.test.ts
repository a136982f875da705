import { describe, expect, test } from 'vitest';
import type { FpgaSourceRow } from '../../../src/fpga/data/fpgaSources.js';
import { activationCost, softmaxCost, tableBram18 } from '../../../src/fpga/rules/activationCost.js';
import { batchNormCost } from '../../../src/fpga/rules/batchNormCost.js';
import { fpgaRows, hasFpga, largestError, medianError, pairs, shareExact, shareWithin } from './fpgaRows.js';

const modules = (where: (row: FpgaSourceRow) => boolean) => fpgaRows().filter((r) => r.source === 'hls4ml_modules' && where(r));
const isActivation = (name: string) => (r: FpgaSourceRow) =>
  r.design.layers[0].kind === 'activation' && r.design.layers[0].activation === name;

describe('activationCost', () => {
  test('knows wires, rectifiers and tables', () => {
    const bits = { input: 16, result: 16 };
    expect(activationCost('linear', 64, bits, 1024, 'DSP48E2', 5)).toMatchObject({ lut: 0, latencyMin: 0, ii: 1 });
    expect(activationCost('relu', 64, bits, 1024, 'DSP48E2', 5)).toMatchObject({ lut: 2560, latencyMin: 0 });
    expect(activationCost('relu', 64, bits, 1024, 'DSP48E1', 3.33).latencyMin).toBe(1);
    expect(activationCost('sigmoid', 256, bits, 1024, 'DSP48E2', 5)).toMatchObject({ bram18: 128, latencyMin: 1 });
    expect(tableBram18(3, 2048, 18)).toBe(4);
  });

  test('multiplies by a slope', () => {
    const leaky = (bits: number, multipliers?: 'lut') =>
      activationCost('leaky_relu', 16, { input: bits, result: bits }, 1024, 'DSP48E2', 5, multipliers);
    // a module of 16 channels of `vivado2019_cnn8_csynth.rpt` has 16 DSPs and 848 LUTs
    expect(leaky(16).dsp).toBe(16);
    expect(Math.abs(leaky(16).lut / 848 - 1)).toBeLessThan(0.05);
    expect(leaky(4).dsp).toBe(0);
    expect(leaky(16, 'lut').dsp).toBe(0);
  });

  test.skipIf(!hasFpga)(
    'rectifiers: cycles exact in all modules, LUTs of one precision with the stated error (needs ../shared)',
    () => {
      const relu = modules(isActivation('relu'));
      expect(relu.length).toBeGreaterThan(60);
      for (const target of ['cycles_min', 'ii', 'bram18', 'dsp'] as const)
        expect(shareExact(pairs(relu, target)), target).toBe(1);
      const fixed = pairs(
        relu.filter((r) => !/3\.1/.test(r.modelId)),
        'lut',
      );
      expect(medianError(fixed)).toBeLessThan(0.1);
      // pruned units give constants, which cost nothing
      expect(largestError(fixed)).toBeLessThan(0.45);
    },
  );

  test.skipIf(!hasFpga)('tables: sigmoid and tanh of a GRU (needs ../shared)', () => {
    const rows = modules((r) => isActivation('tanh')(r) || isActivation('sigmoid')(r));
    for (const target of ['bram18', 'cycles_min', 'ii', 'dsp'] as const) expect(shareExact(pairs(rows, target)), target).toBe(1);
    expect(largestError(pairs(rows, 'lut'))).toBeLessThan(0.05);
  });
});

describe('softmaxCost', () => {
  test('is one product a class', () => {
    expect(softmaxCost(10, 1024, 'DSP48E1', 5, false)).toMatchObject({ dsp: 10, bram18: 10, latencyMin: 14, ii: 1 });
    expect(softmaxCost(10, 1024, 'DSP48E1', 5, false, 'lut')).toMatchObject({ dsp: 0, latencyMin: 12 });
    expect(softmaxCost(5, 1024, 'DSP48E2', 5, true)).toMatchObject({ dsp: 5, bram18: 4, latencyMin: 4 });
  });

  test.skipIf(!hasFpga)('DSPs and II exact, latency within two cycles in all modules (needs ../shared)', () => {
    const rows = modules(isActivation('softmax'));
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
});

describe('batchNormCost', () => {
  test('multiplies each element', () => {
    const bits = { data: 16, scale: 16, result: 16 };
    expect(batchNormCost(8, 1, bits, 'DSP48E2', 5)).toMatchObject({ dsp: 8, ii: 1, latencyMin: 0 });
    expect(batchNormCost(8, 4, bits, 'DSP48E2', 5).dsp).toBe(2);
    expect(batchNormCost(8, 1, bits, 'DSP48E2', 5, 'lut').dsp).toBe(0);
  });

  test.skipIf(!hasFpga)('cycles exact; DSPs are an upper bound (needs ../shared)', () => {
    const rows = modules((r) => r.design.layers[0].kind === 'batch_norm');
    expect(rows.length).toBeGreaterThan(5);
    for (const target of ['cycles_min', 'ii', 'bram18'] as const) expect(shareExact(pairs(rows, target)), target).toBe(1);
    for (const [reported, analytical] of pairs(rows, 'dsp')) expect(analytical).toBeGreaterThanOrEqual(reported);
  });
});
