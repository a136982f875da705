import { describe, expect, test } from 'vitest';
import type { HwcastError } from '../../../src/core/errors.js';
import { closestReuseFactor } from '../../../src/fpga/design/validReuseFactor.js';
import { hls4mlProjectDesign, type UnknownField } from '../../../src/fpga/readers/hls4mlProject.js';

const type = (bits: number, int_bits: number) => ({ bits, int_bits, signed: true });
const dense = (config: string, n_in: number, n_out: number, more = {}) => ({
  config,
  kind: 'dense',
  n_in,
  n_out,
  io_type: 'io_parallel',
  strategy: 'resource',
  reuse_factor: 4,
  n_zeros: 3,
  n_nonzeros: n_in * n_out - 3,
  weight: type(8, 2),
  bias: type(8, 1),
  accum: type(16, 6),
  ...more,
});
const activ = (config: string, n_in: number) => ({
  config,
  kind: 'activ',
  n_in,
  table_size: 1024,
  io_type: 'io_parallel',
  reuse_factor: 4,
});
const row = (more = {}) => ({
  id: 'p',
  source: 's',
  model_id: 'm',
  layers: [dense('config2', 16, 8), activ('ReLU_config3', 8), dense('config4', 8, 4), activ('softmax_config5', 4)],
  input_precision: type(8, 2),
  strategy: 'resource',
  reuse_factor: 4,
  io_type: 'io_parallel',
  backend: 'Vitis',
  hls4ml_version: null,
  part: 'xcu50-fsvh2104-2-e',
  tool: 'vitis_hls',
  tool_version: '2024.1',
  clock_target_ns: 5,
  ...more,
});
const caught = (read: () => unknown): HwcastError => {
  try {
    read();
  } catch (error) {
    return error as HwcastError;
  }
  throw new Error('nothing was thrown');
};

describe('hls4mlProjectDesign', () => {
  test('types between layers of HGQ follow from the sums where no module names them', () => {
    // model_3.1_1 of hls4ml_OpenML, whose modules name 13,6 and 12,5
    const own = (config: string, n_in: number, n_out: number, weight: [number, number], sum: [number, number]) =>
      dense(config, n_in, n_out, { weight: type(...weight), bias: type(...sum), accum: type(...sum) });
    const layers = [own('config3', 16, 64, [10, 3], [22, 6]), activ('ReLU_config6', 64), own('config8', 64, 32, [9, 3], [22, 9])];
    const { layers: read, assumptions } = hls4mlProjectDesign(row({ layers }));
    expect(read.map((l) => l.result)).toEqual([
      { bits: 13, intBits: 6, signed: true },
      { bits: 12, intBits: 5, signed: false },
      undefined,
    ]);
    expect(assumptions.filter((a) => /by the sums/.test(a))).toHaveLength(2);
    const plain = hls4mlProjectDesign(row());
    expect(plain.layers.map((l) => l.result)).toEqual([undefined, undefined, undefined, undefined]);
  });

  test('weights of a width each: sums of exact types that differ from layer to layer; one type for all may be a default', () => {
    const own = (first: ReturnType<typeof type>, second: ReturnType<typeof type>) =>
      hls4mlProjectDesign(
        row({
          layers: [
            dense('config2', 16, 8, { bias: first, accum: first }),
            activ('ReLU_config3', 8),
            dense('config4', 8, 4, { bias: second, accum: second }),
          ],
        }),
      ).layers.map((l) => l.ownWidths);
    expect(own(type(22, 6), type(19, 9))).toEqual([true, undefined, true]);
    expect(own(type(18, 8), type(18, 8))).toEqual([undefined, undefined, undefined]);
    // the second is coarser than its weights
    expect(own(type(22, 6), type(14, 9))).toEqual([true, undefined, undefined]);
  });

  test('a parameter header is a chain of layers', () => {
    const design = hls4mlProjectDesign(row());
    expect(design).toMatchObject({
      id: 'p',
      precision: { bits: 8, intBits: 2, signed: true },
      reuseFactor: 4,
      strategy: 'resource',
      ioType: 'io_parallel',
      clockS: 5e-9,
      assumptions: [],
    });
    expect(design.layers.map((l) => [l.name, l.kind, l.activation, l.inputs, l.inShape, l.outShape])).toEqual([
      ['config2', 'dense', undefined, [], [16], [8]],
      ['ReLU_config3', 'activation', 'relu', ['config2'], [8], [8]],
      ['config4', 'dense', undefined, ['ReLU_config3'], [8], [4]],
      ['softmax_config5', 'activation', 'softmax', ['config4'], [4], [4]],
    ]);
    expect(design.layers[0]).toMatchObject({
      zeroWeights: 3,
      weight: { bits: 8, intBits: 2 },
      accum: { bits: 16 },
      reuseFactor: 4,
    });
  });

  test('names of the HLS functions tell the types between layers', () => {
    const modules = [
      'dense_resource_ap_fixed_8_2_5_3_0_ap_fixed_16_4_5_3_0_config2_s',
      'relu_ap_fixed_16_4_5_3_0_ap_ufixed_7_1_4_0_0_ReLU_config3_s',
    ];
    const [first, relu, second] = hls4mlProjectDesign(row(), { modules }).layers;
    expect(first.result).toEqual({ bits: 16, intBits: 4, signed: true });
    expect(relu.result).toEqual({ bits: 7, intBits: 1, signed: false, rounding: 'rnd_conv', overflow: 'sat' });
    expect(second.result).toBeUndefined();
  });

  test('the matrices and activations of a GRU are not counted twice', () => {
    const gru = {
      config: 'config2',
      kind: 'gru',
      n_in: 6,
      n_out: 120,
      n_state: 120,
      n_sequence: 15,
      n_sequence_out: 1,
      io_type: 'resource',
      reuse_factor: 24,
      weight: type(4, 2),
      bias: type(4, 2),
      accum: type(4, 2),
    };
    const layers = [
      dense('config2_1', 6, 360, { reuse_factor: 24, n_zeros: 1 }),
      dense('config2_2', 120, 360, { reuse_factor: 30, n_zeros: 2 }),
      activ('sigmoid_config2_recr', 240),
      activ('tanh_config2', 120),
      gru,
      dense('config3', 120, 3),
      activ('softmax_config4', 3),
    ];
    const design = hls4mlProjectDesign(row({ layers, reuse_factor: 30 }));
    expect(design.layers.map((l) => l.name)).toEqual(['config2', 'config3', 'softmax_config4']);
    expect(design.layers[0]).toMatchObject({
      kind: 'gru',
      inShape: [15, 6],
      outShape: [120],
      reuseFactor: 30,
      strategy: 'resource',
      tableSize: 1024,
      zeroWeights: 3,
    });
    expect(design.layers[1].inputs).toEqual(['config2']);
  });

  test('a GRU asks for the reuse factor that its two matrices snap to, not for one that explains only one of them', () => {
    const gru = { config: 'config2', kind: 'gru', n_in: 3, n_out: 128, n_sequence: 100, n_sequence_out: 1, reuse_factor: 24 };
    const layers = [dense('config2_1', 3, 384, { reuse_factor: 24 }), dense('config2_2', 128, 384, { reuse_factor: 32 }), gru];
    const asked = hls4mlProjectDesign(row({ layers, reuse_factor: 32 })).layers[0].reuseFactor;
    // 3 x 384 takes 24 or 36, of which 32 is nearer to the second
    expect(asked).toBe(25);
    expect([closestReuseFactor(3, 384, 25), closestReuseFactor(128, 384, 25), closestReuseFactor(3, 384, 32)]).toEqual([
      24, 32, 36,
    ]);
  });

  test('Keras layers: shapes follow, batch norm is folded, a linear activation is none', () => {
    const layers = [
      { kind: 'inputlayer', name: 'in', batch_input_shape: [null, 16, 16, 3] },
      { kind: 'conv2d', name: 'c1', filters: 8, kernel_size: [5, 5], strides: [1, 1], padding: 'same', activation: 'linear' },
      { kind: 'batchnormalization', name: 'bn' },
      { kind: 'leakyrelu', name: 'lr', alpha: 0.3 },
      { kind: 'maxpooling2d', name: 'mp', strides: [2, 2], padding: 'valid', pool_size: [2, 2] },
      { kind: 'conv2d', name: 'c2', filters: 4, kernel_size: [3, 3], strides: [2, 2], padding: 'valid', activation: 'linear' },
      { kind: 'flatten', name: 'f' },
      { kind: 'dense', name: 'd', units: 5, activation: 'softmax' },
    ];
    const unknown: UnknownField[] = [];
    const design = hls4mlProjectDesign(
      row({ layers, strategy: null, io_type: null, reuse_factor: null, input_precision: type(16, 6) }),
      { unknown },
    );
    expect(design.layers.map((l) => [l.name, l.outShape])).toEqual([
      ['c1', [16, 16, 8]],
      ['lr', [16, 16, 8]],
      ['mp', [8, 8, 8]],
      ['c2', [3, 3, 4]],
      ['f', [36]],
      ['d', [5]],
      ['d_softmax', [5]],
    ]);
    expect(design).toMatchObject({ strategy: 'resource', ioType: 'io_stream', reuseFactor: 1 });
    expect(unknown.sort()).toEqual(['ioType', 'reuseFactor', 'strategy']);
    expect(design.assumptions.join('\n')).toMatch(
      /'bn' folded into 'c1'[\s\S]*strategy not recorded[\s\S]*io type not recorded[\s\S]*reuse factor not recorded/,
    );
  });

  test('multipliers bound to LUTs by the variant', () => {
    expect(hls4mlProjectDesign(row({ variant: 'LUT_reuse2' })).multipliers).toBe('lut');
    expect(hls4mlProjectDesign(row({ variant: 'DSP_reuse2' })).multipliers).toBeUndefined();
  });

  test('a row without precision is refused with the file and row', () => {
    const { input_precision: _, ...bare } = row();
    const error = caught(() => hls4mlProjectDesign(bare, { where: 'rows.jsonl:7' }));
    expect(error).toMatchObject({ code: 'bad-input', where: "rows.jsonl:7 'p'" });
    expect(error.message).toContain("no 'input_precision'");
    const none = caught(() =>
      hls4mlProjectDesign(row({ input_precision: null, layers: [dense('config2', 4, 4, { weight: null })] })),
    );
    expect(none.message).toContain('no precision');
  });

  test('precision null: that of the first HLS function, else of the first weights, said in assumptions', () => {
    const modules = ['dense_latency_ap_fixed_13_5_5_3_0_ap_fixed_16_4_5_3_0_config2_s'];
    expect(hls4mlProjectDesign(row({ input_precision: null }), { modules }).precision).toEqual({
      bits: 13,
      intBits: 5,
      signed: true,
    });
    const design = hls4mlProjectDesign(row({ input_precision: null }));
    expect(design.precision).toEqual({ bits: 8, intBits: 2, signed: true });
    expect(design.assumptions.join()).toContain('input precision not recorded');
  });

  test('layers that do not chain are left open; unknown kinds are opaque', () => {
    const design = hls4mlProjectDesign(
      row({ layers: [dense('config2', 16, 8), dense('config3', 9, 4), { config: 'config4', kind: 'fancy', n_in: 4 }] }),
    );
    expect(design.layers[1].inputs).toEqual([]);
    expect(design.layers[2]).toMatchObject({ kind: 'opaque', source: 'fancy' });
    expect(design.assumptions.join('\n')).toMatch(/'config3' takes 9 values[\s\S]*'fancy' is not supported/);
  });

  test('wrong rows are errors that name the field', () => {
    expect(caught(() => hls4mlProjectDesign(row({ layers: [] }), { where: 'f:1' })).code).toBe('unsupported');
    expect(caught(() => hls4mlProjectDesign(row({ clock_target_ns: 'fast' }))).message).toContain('clock_target_ns');
    expect(caught(() => hls4mlProjectDesign(null)).code).toBe('bad-input');
  });
});
