import { describe, expect, test } from 'vitest';
import { hls4mlModuleDesign, moduleTypes } from '../../../src/fpga/readers/hls4mlModule.js';

const layer = {
  config: 'config2',
  kind: 'dense',
  n_in: 274,
  n_out: 8,
  io_type: 'io_parallel',
  strategy: 'latency',
  reuse_factor: 2,
  n_zeros: 924,
  weight: { bits: 8, int_bits: 2, signed: true },
};
const row = (module: string, own: unknown = layer) => ({
  project: 'p',
  source: 's',
  model_id: 'm',
  module,
  layer: own,
  part: 'xc7z007s-clg225-2',
  tool_version: '2021.1',
  clock_target_ns: 3.33,
});

test.each([
  ['dense_latency_ap_fixed_8_2_5_3_0_ap_fixed_16_4_5_3_0_config2_s', 'dense_latency', 'config2', 8, 16],
  ['softmax_stable_ap_fixed_ap_fixed_16_6_5_3_0_softmax_config7_s', 'softmax_stable', 'softmax_config7', undefined, 16],
  ['sigmoid_ap_fixed_ap_fixed_16_6_5_3_0_sigmoid_config2_recr_s', 'sigmoid', 'sigmoid_config2_recr', undefined, 16],
  ['relu_ap_fixed_13_6_5_3_0_ap_ufixed_12_5_5_3_0_ReLU_config6_s', 'relu', 'ReLU_config6', 13, 12],
  ['conv_2d_large_cl2_ap_fixed_ap_fixed_config11_s', 'conv_2d_large_cl2', 'config11', undefined, undefined],
  ['dense_resource_ap_fixed_16_6_5_3_0_ap_fixed_16_6_5_3_0_config2_1_s', 'dense_resource', 'config2_1', 16, 16],
])('%s', (module, operation, config, input, result) => {
  const types = moduleTypes(module);
  expect([types.operation, types.config, types.input?.bits, types.result?.bits]).toEqual([operation, config, input, result]);
});

describe('hls4mlModuleDesign', () => {
  test('one layer with the types of its name', () => {
    const design = hls4mlModuleDesign(row('dense_latency_ap_fixed_8_2_5_3_0_ap_fixed_16_4_5_3_0_config2_s'));
    expect(design.layers).toHaveLength(1);
    expect(design).toMatchObject({ tool: 'vitis_hls', strategy: 'latency', precision: { bits: 8, intBits: 2 }, clockS: 3.33e-9 });
    expect(design.layers[0]).toMatchObject({
      kind: 'dense',
      inShape: [274],
      outShape: [8],
      reuseFactor: 2,
      result: { bits: 16, intBits: 4 },
    });
  });

  const type = (bits: number, int_bits: number) => ({ bits, int_bits, signed: true });
  // the module's name says that 6 bits of the input are behind the point
  test.each([
    ['HGQ: as fine as products are', type(10, 3), type(22, 9), type(22, 9), true],
    ['one type for all', type(16, 6), type(16, 6), type(16, 6), undefined],
    ['narrow weights, defaults else', type(8, 3), type(16, 6), type(16, 6), undefined],
    ['another default', type(8, 1), type(18, 8), type(18, 8), undefined],
    ['bias as the weights', type(10, 3), type(10, 3), type(22, 9), undefined],
    ['no finer than the weights', type(10, 3), type(22, 15), type(22, 15), undefined],
  ])('weights of a width each are told by the types: %s', (_, weight, bias, accum, expected) => {
    const design = hls4mlModuleDesign(
      row('dense_latency_ap_fixed_8_2_5_3_0_ap_fixed_16_4_5_3_0_config2_s', { ...layer, weight, bias, accum }),
    );
    expect(design.layers[0].ownWidths).toBe(expected);
    expect(design.assumptions.some((a) => /HGQ/.test(a))).toBe(expected === true);
  });

  test('a layer of another struct is looked up in the project, else opaque', () => {
    const module = 'dense_resource_ap_fixed_16_6_5_3_0_ap_fixed_16_6_5_3_0_config2_1_s';
    const other = { config: 'tanh_config2', kind: 'activ', n_in: 128, reuse_factor: 24 };
    const structs = [{ config: 'config2_1', kind: 'dense', n_in: 3, n_out: 384, reuse_factor: 24 }];
    expect(hls4mlModuleDesign(row(module, other), { structs }).layers[0]).toMatchObject({
      kind: 'dense',
      inShape: [3],
      outShape: [384],
    });
    for (const own of [other, null]) {
      const design = hls4mlModuleDesign(row(module, own));
      expect(design.layers[0]).toMatchObject({ kind: 'opaque', source: 'dense_resource' });
      expect(design.assumptions.join()).toContain('not recorded');
    }
  });

  test('a static GRU is one time step', () => {
    const gru = { config: 'config2', kind: 'gru', n_in: 3, n_out: 128, n_sequence: 100, n_sequence_out: 1, reuse_factor: 24 };
    const of = (name: string) =>
      hls4mlModuleDesign(row(`${name}_ap_fixed_16_6_5_3_0_ap_fixed_16_6_5_3_0_config2_s`, gru)).layers[0];
    expect(of('gru_stack')).toMatchObject({ inShape: [100, 3], outShape: [128] });
    expect(of('gru_static')).toMatchObject({ inShape: [1, 3], outShape: [128] });
  });
});
