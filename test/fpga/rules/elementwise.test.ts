import { describe, expect, test } from 'vitest';
import type { FpgaSourceRow } from '../../../src/fpga/data/fpgaSources.js';
import type { Precision } from '../../../src/fpga/design/hlsDesign.js';
import { type ActivationTool, activationCost, tableBram18 } from '../../../src/fpga/rules/activationCost.js';
import { batchNormCost } from '../../../src/fpga/rules/batchNormCost.js';
import { usefulBits } from '../../../src/fpga/rules/rectifierCost.js';
import { fpgaRows, hasFpga, largestError, medianError, pairs, shareExact } from './fpgaRows.js';

const modules = (where: (row: FpgaSourceRow) => boolean) => fpgaRows().filter((r) => r.source === 'hls4ml_modules' && where(r));
const isActivation = (name: string) => (r: FpgaSourceRow) =>
  r.design.layers[0].kind === 'activation' && r.design.layers[0].activation === name;

describe('activationCost', () => {
  const fixed = (bits: number, intBits: number, signed = true): Precision => ({ bits, intBits, signed });
  const wide = { input: fixed(16, 6), result: fixed(16, 6) };
  const tool: ActivationTool = { generation: 'DSP48E2', clockNs: 5, vivadoHls: false, stream: false, year: 2024 };

  test('knows wires, rectifiers and tables', () => {
    expect(activationCost('linear', 64, wide, tool)).toMatchObject({ lut: 0, latencyMin: 0, ii: 1 });
    // a comparison of 16 bits and a choice of 15
    expect(activationCost('relu', 64, wide, tool)).toMatchObject({ lut: 64 * 38, latencyMin: 0 });
    expect(activationCost('relu', 64, wide, { ...tool, vivadoHls: true })).toMatchObject({ lut: 64 * 28 });
    expect(activationCost('relu', 64, wide, { ...tool, generation: 'DSP48E1', clockNs: 3.33 }).latencyMin).toBe(1);
    expect(activationCost('sigmoid', 256, wide, tool)).toMatchObject({ bram18: 128, latencyMin: 2 });
    expect(tableBram18(3, 2048, 18)).toBe(4);
  });

  test('a rectifier chooses the bits that both types have', () => {
    expect(usefulBits({ input: fixed(9, 8), result: fixed(8, 8, false) })).toBe(7);
    expect(usefulBits({ input: fixed(13, 9), result: fixed(11, 7, false) })).toBe(11);
    expect(usefulBits({ input: { ...fixed(16, 6), intBits: null }, result: fixed(8, 1, false) })).toBe(8);
    const rounded = { input: fixed(16, 4), result: { ...fixed(8, 1, false), rounding: 'rnd_conv', overflow: 'sat' } };
    expect(activationCost('relu', 1, rounded, tool).lut).toBe(43);
  });

  test('multiplies by a slope, as its digits need', () => {
    const old: ActivationTool = { ...tool, vivadoHls: true, year: 2019 };
    const leaky = (bits: number, slope: number | undefined, of = old) =>
      activationCost('leaky_relu', 16, { input: fixed(bits, 6), result: fixed(bits, 6) }, of, { slope });
    // a module of 16 channels of `vivado2019_cnn8_csynth.rpt` has 16 DSPs and 848 LUTs
    expect(leaky(16, 0.3).dsp).toBe(16);
    expect(Math.abs(leaky(16, 0.3).lut / 848 - 1)).toBeLessThan(0.05);
    expect(leaky(4, undefined).dsp).toBe(0);
    expect(leaky(16, undefined, { ...old, multipliers: 'lut' }).dsp).toBe(0);
    expect(leaky(16, 1)).toMatchObject({ lut: 0, dsp: 0 });
    expect(leaky(16, 0.125)).toMatchObject({ lut: 16 * (13 + 16), dsp: 0 });
    expect(leaky(16, 0.375)).toMatchObject({ lut: 16 * (13 + 16 + 16), dsp: 0 });
    expect(leaky(16, 0)).toEqual(activationCost('relu', 16, wide, old));
    const prelu = (slope?: number) => activationCost('prelu', 16, wide, old, { slope });
    expect(prelu()).toEqual(activationCost('relu', 16, wide, old));
    expect([prelu(0.3).dsp, prelu(-0.3).dsp, prelu(0.25).dsp]).toEqual([16, 16, 0]);
  });

  test('tables and bounds have products with constants that are no two powers of two', () => {
    const dsp = (activation: string, slope?: number, more = {}) =>
      activationCost(activation, 8, wide, { ...tool, ...more }, { slope }).dsp;
    // 1.05 is 1075 steps of 1/1024: five digits; an alpha of 1 and .5 none, .3 one each
    expect([dsp('selu'), dsp('elu'), dsp('elu', 0.5), dsp('elu', 0.3)]).toEqual([8, 0, 0, 8]);
    // the slope of QKeras is not told, that of Keras is .2
    expect([dsp('hard_sigmoid'), dsp('hard_sigmoid', 0.5), dsp('hard_sigmoid', 0.2), dsp('hard_tanh')]).toEqual([0, 0, 8, 0]);
    expect([dsp('selu', undefined, { multipliers: 'lut' }), dsp('sigmoid'), dsp('tanh', 0.3)]).toEqual([0, 0, 0]);
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
      // pruned units give constants, which cost nothing: two of three units live
      expect(largestError(fixed)).toBeLessThan(0.51);
    },
  );

  test.skipIf(!hasFpga)('tables: sigmoid and tanh of a GRU (needs ../shared)', () => {
    const rows = modules((r) => isActivation('tanh')(r) || isActivation('sigmoid')(r));
    for (const target of ['bram18', 'cycles_min', 'ii', 'dsp'] as const) expect(shareExact(pairs(rows, target)), target).toBe(1);
    expect(largestError(pairs(rows, 'lut'))).toBeLessThan(0.05);
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
