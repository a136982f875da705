import { describe, expect, test } from 'vitest';
import { kerasLayers } from '../../../../src/fpga/readers/kerasLayers.js';
import type { KerasLayer } from '../../../../src/graph/readers/keras/kerasLayer.js';

const input = (...shape: number[]): KerasLayer => ({
  className: 'InputLayer',
  name: 'in',
  config: { batch_input_shape: [null, ...shape] },
});
const layer = (className: string, config: Record<string, unknown> = {}, inputs?: string[], name = 'x'): KerasLayer => ({
  className,
  name,
  config,
  ...(inputs ? { inputs } : {}),
});
const made = (list: KerasLayer[]) => kerasLayers(list).layers.map((l) => [l.name, l.kind, l.inShape, l.outShape]);

describe('attention', () => {
  const heads = { num_heads: 2, key_dim: 4, value_dim: 3 };

  test('as hls4ml builds it of HGQ2: three products with weights, two of tensors, a softmax and a product', () => {
    const list = [input(8, 16), layer('QMultiHeadAttention', heads, ['in', 'in'])];
    expect(made(list)).toEqual([
      ['x_query', 'dense', [8, 16], [8, 8]],
      ['x_key', 'dense', [8, 16], [8, 8]],
      ['x_value', 'dense', [8, 16], [8, 6]],
      ['x_QK', 'merge', [16, 4], [2, 8, 8]],
      ['x_softmax', 'activation', [2, 8, 8], [2, 8, 8]],
      ['x_aV', 'merge', [16, 8], [8, 6]],
      ['x', 'dense', [8, 6], [8, 16]],
    ]);
    const { layers, assumptions } = kerasLayers(list);
    expect(layers[3].inputs).toEqual(['x_query', 'x_key']);
    expect(layers[5].inputs).toEqual(['x_softmax', 'x_value']);
    expect(assumptions).toEqual([]);
    expect(kerasLayers([input(8, 16), layer('MultiHeadAttention', heads, ['in', 'in'])]).assumptions).toEqual([
      expect.stringContaining('as hls4ml builds a QMultiHeadAttention of HGQ2'),
    ]);
    expect(() => kerasLayers([input(8), layer('MultiHeadAttention', heads, ['in', 'in'])])).toThrow(
      /needs inputs \[steps, features\]/,
    );
  });

  test('an EinsumDense is a dense layer over what is summed, in the shape that the equation gives', () => {
    expect(made([input(8, 16), layer('EinsumDense', { equation: 'abc,cde->abde', output_shape: [8, 2, 3] })])).toEqual([
      ['x', 'dense', [8, 16], [8, 6]],
      ['x_shape', 'reshape', [8, 6], [8, 2, 3]],
    ]);
    expect(made([input(4, 2, 3), layer('EinsumDense', { equation: 'abcd,cde->abe', output_shape: [null, 5] })])).toEqual([
      ['x_rows', 'reshape', [4, 2, 3], [4, 6]],
      ['x', 'dense', [4, 6], [4, 5]],
    ]);
    expect(() => kerasLayers([input(8, 16), layer('EinsumDense', { equation: 'abc,cd->abx', output_shape: 3 })])).toThrow(
      /equation 'abc,cd->abx'/,
    );
  });

  test('a product of two tensors', () => {
    const [product] = kerasLayers([input(8, 16), layer('QEinsum', { equation: 'bqc,bkc->bqk' }, ['in', 'in'])]).layers;
    expect(product).toMatchObject({ kind: 'merge', merge: 'matmul', inShape: [8, 16], outShape: [8, 8] });
    expect(() => kerasLayers([input(8, 16), layer('QEinsum', { equation: 'bqc,bkc->bqk' })])).toThrow(/does not fit/);
  });
});

describe('wrappers', () => {
  const lstm = { class_name: 'LSTM', config: { units: 5, return_sequences: true } };

  test('a bidirectional layer is two recurrent ones that read the same, joined', () => {
    const { layers } = kerasLayers([input(8, 16), layer('Bidirectional', { layer: lstm, merge_mode: 'concat' })]);
    expect(layers).toMatchObject([
      { name: 'x_forward', kind: 'lstm', inputs: [], inShape: [8, 16], outShape: [8, 5] },
      { name: 'x_backward', kind: 'lstm', inputs: [], inShape: [8, 16], outShape: [8, 5] },
      { name: 'x', kind: 'merge', merge: 'concatenate', inputs: ['x_forward', 'x_backward'], outShape: [8, 10] },
    ]);
    const last = { layer: { class_name: 'GRU', config: { units: 3 } }, merge_mode: 'sum' };
    expect(kerasLayers([input(8, 16), layer('Bidirectional', last)]).layers[2]).toMatchObject({ merge: 'add', outShape: [3] });
    for (const mode of [null, 'some'])
      expect(() => kerasLayers([input(8, 16), layer('Bidirectional', { layer: lstm, merge_mode: mode })])).toThrow(
        `joins by '${mode}'`,
      );
  });

  test('a layer for each step is that layer where it does the same to every step', () => {
    const td = (inner: unknown) => [input(8, 4, 4), layer('TimeDistributed', { layer: inner })];
    expect(made(td({ class_name: 'Dense', config: { units: 3 } }))).toEqual([['x', 'dense', [8, 4, 4], [8, 4, 3]]]);
    expect(kerasLayers(td({ class_name: 'Flatten', config: {} })).layers[0]).toMatchObject({ kind: 'opaque' });
  });
});

describe('what reads a layer without a rule', () => {
  test.each([
    ['Embedding', { output_dim: 6 }, [8], [8, 6]],
    ['Conv1DTranspose', { filters: 5, kernel_size: [3], strides: [2], padding: 'same' }, [8, 2], [16, 5]],
    ['Conv2DTranspose', { filters: 5, kernel_size: [3, 3], strides: [2, 2], padding: 'valid' }, [4, 4, 2], [9, 9, 5]],
    ['RepeatVector', { n: 4 }, [8], [4, 8]],
    ['GarNet', { n_out_features: 6 }, [8, 2], [8, 6]],
    ['GarNetStack', { n_filters: [4, 6], collapse: 'mean' }, [8, 2], [6]],
    ['LayerNormalization', {}, [8, 2], [8, 2]],
  ])('%s has its shape, and its cost is not counted', (className, config, shape, out) => {
    const { layers, assumptions } = kerasLayers([input(...(shape as number[])), layer(className, config)]);
    expect(layers[0]).toMatchObject({ kind: 'opaque', source: className, outShape: out });
    expect(assumptions).toEqual([expect.stringContaining('its cost is not counted')]);
    expect(assumptions[0]).not.toContain('taken to have the shape');
  });

  test('a shape that is not known is said to be that of the input; pixels that are dropped cost what padding does', () => {
    expect(kerasLayers([input(8), layer('Mystery')]).assumptions[0]).toContain(
      'its result taken to have the shape of what it reads',
    );
    expect(
      made([
        input(8, 8, 2),
        layer('Cropping2D', {
          cropping: [
            [1, 1],
            [0, 2],
          ],
        }),
      ]),
    ).toEqual([['x', 'padding', [8, 8, 2], [6, 6, 2]]]);
    expect(() => kerasLayers([input(8, 8, 2), layer('Cropping2D', { cropping: 'much' })])).toThrow(/cropping "much"/);
  });
});

test('binary and ternary weights and values', () => {
  const { layers } = kerasLayers([
    input(8),
    layer('BinaryDense', { units: 4, activation: 'binary_tanh' }, undefined, 'a'),
    layer('TernaryDense', { units: 4, activation: 'ternary_tanh' }, undefined, 'b'),
    layer('QActivation', { activation: 'binary(alpha=1)' }, undefined, 'c'),
  ]);
  expect(layers.map((l) => [l.kind, l.activation, l.weight?.bits ?? l.result?.bits])).toEqual([
    ['dense', undefined, 1],
    ['activation', 'binary_tanh', 1],
    ['dense', undefined, 2],
    ['activation', 'ternary_tanh', 2],
    ['activation', 'binary_tanh', 1],
  ]);
});
