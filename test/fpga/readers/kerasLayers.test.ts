import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { quantizerPrecision } from '../../../src/fpga/readers/keras/kerasQuantizer.js';
import { kerasLayers } from '../../../src/fpga/readers/kerasLayers.js';
import type { KerasLayer } from '../../../src/graph/readers/keras/kerasLayer.js';

const input = (...shape: number[]): KerasLayer => ({
  className: 'InputLayer',
  name: 'in',
  config: { batch_input_shape: [null, ...shape] },
});
const layer = (className: string, config: Record<string, unknown> = {}, inputs?: string[], name = className): KerasLayer => ({
  className,
  name,
  config,
  ...(inputs ? { inputs } : {}),
});

test.each([
  ['quantized_bits(4,0,alpha=1)', { bits: 4, intBits: 1, signed: true }],
  ['quantized_relu(6,2)', { bits: 6, intBits: 2, signed: false }],
  ['quantized_bits(bits=8, integer=3, keep_negative=0)', { bits: 8, intBits: 3, signed: false }],
  [
    { class_name: 'quantized_bits', config: { bits: 6, integer: 0, keep_negative: true } },
    { bits: 6, intBits: 1, signed: true },
  ],
  ['ternary', { bits: 2, intBits: 2, signed: true }],
  ['relu', undefined],
  [null, undefined],
])('quantiser %j', (value, type) => expect(quantizerPrecision(value)).toEqual(type));

describe('kerasLayers', () => {
  test('slopes of leaky rectifiers: as configured, else what Keras takes; those of a PReLU are said to be zeros', () => {
    const { layers, assumptions } = kerasLayers([
      input(8),
      layer('LeakyReLU', { alpha: 1 }, undefined, 'a'),
      layer('LeakyReLU', { negative_slope: 0.5 }, undefined, 'b'),
      layer('LeakyReLU', {}, undefined, 'c'),
      layer('Activation', { activation: 'leaky_relu' }, undefined, 'd'),
      layer('PReLU', {}, undefined, 'e'),
      layer('ELU', { alpha: 1 }, undefined, 'f'),
      layer('ELU', { alpha: 0.3 }, undefined, 'g'),
      layer('Activation', { activation: 'hard_sigmoid' }, undefined, 'h'),
      layer('Activation', { activation: 'quantized_sigmoid(8)' }, undefined, 'i'),
    ]);
    expect(layers.map((l) => l.slope)).toEqual([1, 0.5, 0.3, 0.2, undefined, undefined, 0.3, 0.2, undefined]);
    expect(assumptions).toEqual([expect.stringMatching(/layer 'e': the slopes of a PReLU are taken as the zeros/)]);
    expect(() => kerasLayers([input(8), layer('LeakyReLU', { alpha: 'much' })])).toThrow(/has the slope "much", no number/);
  });

  test('how far weights reach follows from the initialiser that the layer names', () => {
    const { layers } = kerasLayers([input(16), layer('Dense', { units: 8, kernel_initializer: 'glorot_uniform' })]);
    expect(layers[0].weightSpread).toBeCloseTo(0.5, 12);
  });

  test('layers of HGQ and HGQ2 are those of Keras with weights of a width each', () => {
    const { layers, assumptions } = kerasLayers([
      input(8, 4),
      layer('HGQ>HQuantize'),
      layer('HGQ>HConv1D', { filters: 6, kernel_size: [3], activation: 'relu' }),
      layer('HGQ>PMaxPooling1D', { pool_size: [2] }),
      layer('HGQ>PFlatten'),
      layer('hgq>QDense', { units: 5, kq_conf: {} }),
      layer('QDense', { units: 2, kernel_quantizer: 'quantized_bits(4,0)' }, undefined, 'plain'),
    ]);
    expect(layers.map((l) => [l.kind, l.outShape, l.ownWidths])).toEqual([
      ['conv1d', [6, 6], true],
      ['activation', [6, 6], undefined],
      ['max_pool', [3, 6], undefined],
      ['reshape', [18], undefined],
      ['dense', [5], true],
      ['dense', [2], undefined],
    ]);
    expect(layers[0].inputs).toEqual([]);
    expect(assumptions).toHaveLength(2);
    expect(assumptions[1]).toMatch(/hgq>QDense.*widths and zeros are not in the file/);
  });

  test('every kind with its shape', () => {
    const { layers } = kerasLayers([
      input(8, 8, 3),
      layer('ZeroPadding2D', {
        padding: [
          [1, 1],
          [2, 0],
        ],
      }),
      layer('QConv2D', {
        filters: 4,
        kernel_size: [3, 3],
        strides: [1, 1],
        padding: 'valid',
        kernel_quantizer: 'quantized_bits(4,0)',
        activation: 'quantized_relu(5)',
      }),
      layer('DepthwiseConv2D', { kernel_size: 3, strides: 2, padding: 'same' }),
      layer('SeparableConv2D', { filters: 6, kernel_size: [1, 1] }),
      layer('Dropout', { rate: 0.1 }),
      layer('UpSampling2D', { size: [2, 2] }),
      layer('AveragePooling2D', { pool_size: [2, 2] }),
      layer('ReLU'),
      layer('Permute', { dims: [3, 1, 2] }),
      layer('Reshape', { target_shape: [-1, 2] }),
      layer('GRU', { units: 5, return_sequences: true }),
      layer('LSTM', { units: 3 }),
      layer('Dense', { units: 2, activation: 'softmax', use_bias: false }),
    ]);
    expect(layers.map((l) => [l.name, l.kind, l.outShape])).toEqual([
      ['ZeroPadding2D', 'padding', [10, 10, 3]],
      ['QConv2D', 'conv2d', [8, 8, 4]],
      ['QConv2D_relu', 'activation', [8, 8, 4]],
      ['DepthwiseConv2D', 'depthwise_conv2d', [4, 4, 4]],
      ['SeparableConv2D_depthwise', 'depthwise_conv2d', [4, 4, 4]],
      ['SeparableConv2D', 'conv2d', [4, 4, 6]],
      ['UpSampling2D', 'resize', [8, 8, 6]],
      ['AveragePooling2D', 'avg_pool', [4, 4, 6]],
      ['ReLU', 'activation', [4, 4, 6]],
      ['Permute', 'transpose', [6, 4, 4]],
      ['Reshape', 'reshape', [48, 2]],
      ['GRU', 'gru', [48, 5]],
      ['LSTM', 'lstm', [3]],
      ['Dense', 'dense', [2]],
      ['Dense_softmax', 'activation', [2]],
    ]);
    expect(layers[1].weight).toEqual({ bits: 4, intBits: 1, signed: true });
    expect(layers[2].result).toEqual({ bits: 5, intBits: 0, signed: false });
    expect(layers[6].inputs).toEqual(['SeparableConv2D']);
    expect(layers[13].useBias).toBe(false);
  });

  test('branches join', () => {
    const { layers } = kerasLayers([
      input(4),
      layer('Dense', { units: 3 }, ['in'], 'a'),
      layer('Dense', { units: 3 }, ['in'], 'b'),
      layer('Add', {}, ['a', 'b']),
      layer('Concatenate', { axis: -1 }, ['Add', 'b']),
    ]);
    expect(layers.slice(2)).toMatchObject([
      { kind: 'merge', merge: 'add', inputs: ['a', 'b'], outShape: [3] },
      { kind: 'merge', merge: 'concatenate', inputs: ['Add', 'b'], outShape: [6] },
    ]);
  });

  test('batch norm is folded only behind a linear layer that nobody else reads', () => {
    const kinds = (list: KerasLayer[]) => kerasLayers(list, { foldBatchNorm: true }).layers.map((l) => l.kind);
    expect(kinds([input(4), layer('Dense', { units: 3 }), layer('BatchNormalization')])).toEqual(['dense']);
    expect(kinds([input(4), layer('Dense', { units: 3, activation: 'relu' }), layer('BatchNormalization')])).toEqual([
      'dense',
      'activation',
      'batch_norm',
    ]);
    const quantised = { units: 3, kernel_quantizer: 'quantized_bits(4,0,alpha=1)' };
    expect(kinds([input(4), layer('QDense', quantised), layer('BatchNormalization')])).toEqual(['dense', 'batch_norm']);
    expect(kinds([input(4), layer('BatchNormalization')])).toEqual(['batch_norm']);
    expect(
      kinds([
        input(4),
        layer('Dense', { units: 3 }),
        layer('BatchNormalization'),
        layer('Add', {}, ['Dense', 'BatchNormalization']),
      ]),
    ).toEqual(['dense', 'batch_norm', 'merge']);
  });

  test('what is not known is opaque, with a line of its own', () => {
    const { layers, assumptions } = kerasLayers([
      input(4),
      layer('GarNet'),
      layer('Activation', { activation: 'swish' }),
      layer('Dense', { units: 2, activation: 'gelu' }),
    ]);
    expect(layers.map((l) => [l.kind, l.source])).toEqual([
      ['opaque', 'GarNet'],
      ['opaque', 'Activation'],
      ['dense', undefined],
      ['opaque', 'gelu'],
    ]);
    expect(assumptions).toHaveLength(3);
  });

  test.each([
    [[input(4), layer('Dense', { units: 0 })], "'units'"],
    [[input(4), layer('Conv2D', { filters: 2, kernel_size: [3, 3] })], 'axes'],
    [[input(2, 2, 1), layer('Conv2D', { filters: 2, kernel_size: [3, 3], padding: 'valid' })], 'larger than its input'],
    [[input(2, 2, 1), layer('Conv2D', { filters: 2, kernel_size: [1, 1], padding: 'full' })], 'padding'],
    [[input(2, 2, 1), layer('Conv2D', { filters: 2, kernel_size: [1, 1], data_format: 'channels_first' })], 'channels first'],
    [[layer('Dense', { units: 2 })], 'no input shape'],
    [[input(4), layer('Dense', { units: 2 }, ['nobody'])], "'nobody'"],
    [[input(4), layer('Reshape', { target_shape: [3] })], 'another number of elements'],
    [[input(4), layer('Dense', { units: 2 }), layer('Dense', { units: 2 })], 'twice'],
    [[input(-3), layer('Dense', { units: 2 })], 'input shape'],
    [[input(4)], 'no layers'],
  ])('bad network %#', (list, text) => {
    expect(() => kerasLayers(list, { where: 'f.json' })).toThrow(expect.objectContaining({ code: 'bad-input', where: 'f.json' }));
    expect(() => kerasLayers(list)).toThrow(text);
  });

  test('shapes of windows are those of Keras', () => {
    const size = fc.integer({ min: 1, max: 20 });
    fc.assert(
      fc.property(
        size,
        size,
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom('same', 'valid'),
        (h, w, k, s, padding) => {
          const list = [input(h, w, 2), layer('Conv2D', { filters: 3, kernel_size: [k, k], strides: [s, s], padding })];
          if (padding === 'valid' && (k > h || k > w)) expect(() => kerasLayers(list)).toThrow();
          else {
            // count the positions of the window one by one
            const positions = (n: number) =>
              padding === 'same'
                ? Math.ceil(n / s)
                : Array.from({ length: n }, (_, i) => i).filter((i) => i % s === 0 && i + k <= n).length;
            expect(kerasLayers(list).layers[0].outShape).toEqual([positions(h), positions(w), 3]);
          }
        },
      ),
    );
  });
});
