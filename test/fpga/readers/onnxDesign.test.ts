import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { HwcastError } from '../../../src/core/errors.js';
import { type HlsDesign, type HlsLayer, weightMatrix } from '../../../src/fpga/design/hlsDesign.js';
import { onnxDesign } from '../../../src/fpga/readers/onnxDesign.js';
import { readHlsDesign } from '../../../src/fpga/readers/readHlsDesign.js';
import { integerNetwork } from '../../../src/fpga/synth/integerNetwork.js';
import { decodeOnnx } from '../../../src/graph/readers/onnx/decodeOnnx.js';
import { encodeOnnx, type GraphFixture, type NodeFixture, type TensorFixture } from '../../graph/readers/onnx/encodeOnnx.js';
import { hasShared, SHARED } from '../../shared.js';

const read = (graph: GraphFixture): HlsDesign => onnxDesign(encodeOnnx(graph), {}, 'f.onnx');

const caught = (graph: GraphFixture): HwcastError => {
  try {
    read(graph);
  } catch (error) {
    expect(error).toBeInstanceOf(HwcastError);
    expect(error).toMatchObject({ where: 'f.onnx' });
    return error as HwcastError;
  }
  throw new Error('nothing was thrown');
};

/** Float weights none of which is zero. */
const filled = (...dims: number[]): TensorFixture => ({
  dims,
  values: Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => 0.25 * (i + 1)),
});
const scalar = (value: number): TensorFixture => ({ dims: [], values: [value] });
const ints = (...values: number[]): TensorFixture => ({ dims: [values.length], type: 7, values });

/** What a layer is, its name left out. */
const shapes = (layers: readonly HlsLayer[]) => layers.map((l) => [l.kind, l.inShape, l.outShape]);
const named = (design: HlsDesign, name: string): HlsLayer => {
  const layer = design.layers.find((l) => l.name === name);
  if (!layer) throw new Error(`no layer '${name}' of ${design.layers.map((l) => l.name)}`);
  return layer;
};
/** Assumptions but those about settings that an ONNX file never has. */
const assumed = (design: HlsDesign): string[] => design.assumptions.filter((a) => !a.includes('default of hls4ml'));

const MLP: GraphFixture = {
  name: 'jets',
  inputs: { x: ['N', 16] },
  outputs: { y: ['N', 5] },
  constants: { w1: filled(16, 8), b1: filled(8), w2: filled(5, 8), b2: filled(5) },
  nodes: [
    { op: 'MatMul', in: ['x', 'w1'], out: ['h0'] },
    { op: 'Add', in: ['b1', 'h0'], out: ['h1'] },
    { op: 'Relu', in: ['h1'], out: ['h2'], name: 'act' },
    { op: 'Dropout', in: ['h2'], out: ['h3'] },
    { op: 'Gemm', in: ['h3', 'w2', 'b2'], out: ['h4'], attributes: { transB: 1 } },
    { op: 'Softmax', in: ['h4'], out: ['y'] },
  ],
};

const KERAS_MLP = {
  class_name: 'Sequential',
  config: {
    name: 'jets',
    layers: [
      { class_name: 'InputLayer', config: { batch_input_shape: [null, 16], name: 'x' } },
      { class_name: 'Dense', config: { name: 'fc1', units: 8, activation: 'relu', use_bias: true } },
      { class_name: 'Dense', config: { name: 'fc2', units: 5, activation: 'softmax', use_bias: true } },
    ],
  },
};

describe('a network of dense layers', () => {
  test('a shape that does not fit behind an operator without a rule names that operator', () => {
    const { message, hint } = caught({
      ...{ name: 'fused', inputs: { x: ['N', 16] }, outputs: { y: ['N', 5] }, constants: { w: filled(8, 5) } },
      nodes: [
        { op: 'FusedGemm', in: ['x'], out: ['h'], name: 'fused' },
        { op: 'MatMul', in: ['h', 'w'], out: ['y'] },
      ],
    });
    expect(message).toContain('by a matrix of 8 x 5');
    expect(hint).toContain("the shape behind 'fused' (FusedGemm), which is not supported");
  });

  test('a product of two tensors is not counted; what reads it has its shape', () => {
    const design = read({
      ...{ name: 'attention', inputs: { x: ['N', 4, 6] }, outputs: { y: ['N', 4, 3] }, constants: { w: filled(4, 3) } },
      nodes: [
        { op: 'Transpose', in: ['x'], out: ['t'], attributes: { perm: [0, 2, 1] } },
        { op: 'MatMul', in: ['x', 't'], out: ['p'] },
        { op: 'MatMul', in: ['p', 'w'], out: ['y'] },
      ],
    });
    const product = design.layers.at(-2)!;
    expect(product).toMatchObject({ kind: 'opaque', source: 'MatMul', outShape: [4, 4] });
    expect(assumed(design).join()).not.toContain('its shape is taken');
    expect(design.layers.at(-1)).toMatchObject({ kind: 'dense', inShape: [4, 4], outShape: [4, 3] });
  });

  test('MatMul and Add are one layer; nodes without a name get that of qonnx-cleanup', () => {
    const design = read(MLP);
    expect(design).toMatchObject({ id: 'jets', precision: { bits: 16, intBits: 6 }, reuseFactor: 1, strategy: 'latency' });
    expect(design.layers.map((l) => [l.name, l.inputs])).toEqual([
      ['MatMul_0', []],
      ['act', ['MatMul_0']],
      ['Gemm_0', ['act']],
      ['Softmax_0', ['Gemm_0']],
    ]);
    expect(assumed(design)).toEqual([]);
  });

  test('is what the Keras model of the same network gives', () => {
    const keras = readHlsDesign(JSON.stringify(KERAS_MLP));
    const strip = (layers: readonly HlsLayer[]) => layers.map(({ name: _, inputs: __, ...l }) => l);
    expect(strip(read(MLP).layers)).toEqual(strip(keras.layers));
  });

  test('a bias that others see, or that is not one a channel, stays apart', () => {
    const nodes = MLP.nodes.slice(0, 2);
    expect(read({ ...MLP, nodes, outputs: { h0: [1, 8] } }).layers.map((l) => l.kind)).toEqual(['dense', 'batch_norm']);
    const rows = { ...MLP, nodes, inputs: { x: ['N', 8, 16] }, constants: { ...MLP.constants, b1: filled(8, 1) } };
    const { layers } = read(rows as GraphFixture);
    expect(shapes(layers)).toEqual([
      ['dense', [8, 16], [8, 8]],
      ['batch_norm', [8, 8], [8, 8]],
    ]);
    const negated = { ...MLP, nodes: [MLP.nodes[0], { op: 'Sub', in: ['b1', 'h0'], out: ['h1'] }] };
    expect(read(negated).assumptions[0]).toBe("'Sub_0' folded into 'MatMul_0', as hls4ml does");
  });

  test('zero weights are counted where the values are in the file', () => {
    const w1 = { ...filled(16, 8) };
    w1.values = w1.values!.map((v, i) => (i % 4 ? v : 0));
    const design = read({ ...MLP, constants: { ...MLP.constants, w1, w2: { dims: [5, 8], external: true } } });
    expect(named(design, 'MatMul_0').zeroWeights).toBe(32);
    expect(named(design, 'Gemm_0').zeroWeights).toBeUndefined();
    expect(assumed(design)).toEqual([expect.stringMatching(/^weights without values in the file .* in 'Gemm_0'$/)]);
  });
});

/** The same CNN over 8 x 6 pictures of 3 channels: channels first (PyTorch), QONNX's channels-last operators, and TensorFlow's with transposes around. */
const cnn = (form: 'first' | 'last' | 'transposed'): GraphFixture => {
  const last = form === 'last',
    domain = last ? 'qonnx.custom_op.channels_last' : '';
  const weights = (o: number, i: number, k: number) => (last ? filled(o, k, k, i) : filled(o, i, k, k));
  const around = (inner: NodeFixture[]): NodeFixture[] =>
    form !== 'transposed'
      ? inner
      : [
          { op: 'Transpose', in: ['x'], out: ['x0'], attributes: { perm: [0, 3, 1, 2] } },
          ...inner,
          { op: 'Transpose', in: ['p'], out: ['q'], attributes: { perm: [0, 2, 3, 1] } },
        ];
  return {
    inputs: { x: form === 'first' ? ['N', 3, 8, 6] : ['N', 8, 6, 3] },
    outputs: { y: ['N', 2] },
    constants: { w1: weights(4, 3, 3), b1: filled(4), w2: weights(4, 1, 3), w3: filled(24, 2), shape: ints(-1, 24) },
    nodes: [
      ...around([
        {
          op: 'Conv',
          domain,
          in: [form === 'transposed' ? 'x0' : 'x', 'w1', 'b1'],
          out: ['c'],
          attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [1, 1] },
        },
        { op: 'Relu', in: ['c'], out: ['r'] },
        {
          op: 'Conv',
          domain,
          in: ['r', 'w2'],
          out: ['d'],
          attributes: { kernel_shape: [3, 3], group: 4, strides: [1, 1], pads: [1, 1, 1, 1] },
        },
        { op: 'MaxPool', domain, in: ['d'], out: ['p'], attributes: { kernel_shape: [2, 2], strides: [2, 2] } },
      ]),
      { op: 'Reshape', in: [form === 'transposed' ? 'q' : 'p', 'shape'], out: ['f'] },
      { op: 'MatMul', in: ['f', 'w3'], out: ['y'] },
    ],
  };
};

describe('layouts', () => {
  const expected = [
    ['conv2d', [8, 6, 3], [8, 6, 4]],
    ['activation', [8, 6, 4], [8, 6, 4]],
    ['depthwise_conv2d', [8, 6, 4], [8, 6, 4]],
    ['max_pool', [8, 6, 4], [4, 3, 4]],
    ['reshape', [4, 3, 4], [48]],
    ['dense', [48], [2]],
  ];

  test.each(['first', 'last', 'transposed'] as const)('channels %s: the same layers, no transpose', (form) => {
    const graph = cnn(form);
    graph.constants = { ...graph.constants, w3: filled(48, 2), shape: ints(-1, 48) };
    const design = read(graph);
    expect(shapes(design.layers)).toEqual(expected);
    expect(design.layers[0]).toMatchObject({ kernel: [3, 3], stride: [1, 1], padding: 'same', useBias: true });
    expect(design.layers[2]).toMatchObject({ useBias: false });
    expect(design.layers[3]).toMatchObject({ padding: 'valid', stride: [2, 2] });
    expect(assumed(design).some((a) => a.includes('channels first'))).toBe(form === 'first');
  });

  test('a transpose that moves elements is a layer', () => {
    // as qonnx-to-channels-last leaves it: the input channels first, the network channels last
    const graph = cnn('last');
    graph.inputs = { x0: ['N', 3, 8, 6] };
    graph.nodes = [{ op: 'Transpose', in: ['x0'], out: ['x'], attributes: { perm: [0, 2, 3, 1] } }, ...graph.nodes.slice(0, 1)];
    expect(shapes(read(graph).layers)).toEqual([
      ['transpose', [3, 8, 6], [8, 6, 3]],
      ['conv2d', [8, 6, 3], [8, 6, 4]],
    ]);
  });

  test('a dense layer over pixels of a row needs the elements in the order of ONNX', () => {
    const nodes: NodeFixture[] = [
      { op: 'Conv', in: ['x', 'w'], out: ['c'] },
      { op: 'MatMul', in: ['c', 'v'], out: ['y'] },
    ];
    const { layers } = read({ inputs: { x: [1, 3, 10] }, constants: { w: filled(5, 3, 3), v: filled(8, 2) }, nodes });
    expect(shapes(layers)).toEqual([
      ['conv1d', [10, 3], [8, 5]],
      ['transpose', [8, 5], [5, 8]],
      ['dense', [5, 8], [5, 2]],
    ]);
  });

  test('padding that is not hls4ml\'s "same" is a layer of its own', () => {
    const { layers } = read({
      inputs: { x: [1, 1, 8, 8] },
      constants: { w: filled(2, 1, 3, 3) },
      nodes: [{ op: 'Conv', in: ['x', 'w'], out: ['y'], attributes: { pads: [2, 2, 2, 2], strides: [1, 2] } }],
    });
    expect(shapes(layers)).toEqual([
      ['padding', [8, 8, 1], [12, 11, 1]],
      ['conv2d', [12, 11, 1], [10, 5, 2]],
    ]);
    expect(layers[1]).toMatchObject({ padding: 'valid', inputs: [layers[0].name] });
  });

  test('pools, merges, concatenation and global pooling', () => {
    const { layers } = read({
      inputs: { x: [1, 4, 9, 9] },
      constants: { axes: ints(1) },
      nodes: [
        { op: 'AveragePool', in: ['x'], out: ['a'], attributes: { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 } },
        { op: 'MaxPool', in: ['x'], out: ['b'], attributes: { kernel_shape: [3, 3], strides: [2, 2], auto_pad: 'SAME_UPPER' } },
        { op: 'Concat', in: ['a', 'b'], out: ['c'], attributes: { axis: 1 } },
        { op: 'Mul', in: ['c', 'c'], out: ['m'] },
        { op: 'Sum', in: ['m', 'c', 'c'], out: ['s'] },
        { op: 'Clip', in: ['s'], out: ['k'], attributes: { min: { float: 0 }, max: { float: 6 } } },
        { op: 'ReduceMean', in: ['k'], out: ['g'], attributes: { axes: [2, 3], keepdims: 0 } },
        { op: 'GlobalMaxPool', in: ['k'], out: ['h'] },
        { op: 'Flatten', in: ['h'], out: ['f'] },
        { op: 'Sub', in: ['g', 'f'], out: ['z'] },
        { op: 'Unsqueeze', in: ['z', 'axes'], out: ['y'] },
      ],
    });
    expect(shapes(layers)).toEqual([
      ['avg_pool', [9, 9, 4], [5, 5, 4]],
      ['max_pool', [9, 9, 4], [5, 5, 4]],
      ['merge', [5, 5, 4], [5, 5, 8]],
      ['merge', [5, 5, 8], [5, 5, 8]],
      ['merge', [5, 5, 8], [5, 5, 8]],
      ['activation', [5, 5, 8], [5, 5, 8]],
      ['global_avg_pool', [5, 5, 8], [8]],
      ['global_max_pool', [5, 5, 8], [1, 1, 8]],
      ['reshape', [1, 1, 8], [8]],
      ['merge', [8], [8]],
      ['reshape', [8], [1, 8]],
    ]);
    expect(layers.filter((l) => l.merge).map((l) => [l.merge, l.inputs.length])).toEqual([
      ['concatenate', 2],
      ['multiply', 2],
      ['add', 3],
      ['subtract', 2],
    ]);
    expect(layers[5].activation).toBe('relu');
  });

  // one operator over [1, 3, 4, 4] pictures behind a pooling that tells the layout, as kind and detail of its layer and the shape behind it
  test.each<[string, NodeFixture, Record<string, TensorFixture>, Partial<HlsLayer>]>([
    ['Clip at 0 and 6', { op: 'Clip', in: ['p', 'a', 'b'], out: ['y'] }, { a: scalar(0), b: scalar(6) }, { activation: 'relu' }],
    [
      'Clip at -1 and 1',
      { op: 'Clip', in: ['p', 'a', 'b'], out: ['y'] },
      { a: scalar(-1), b: scalar(1) },
      { activation: 'hard_tanh' },
    ],
    ['Clip at 1 and 2', { op: 'Clip', in: ['p', 'a', 'b'], out: ['y'] }, { a: scalar(1), b: scalar(2) }, { kind: 'opaque' }],
    ['HardSigmoid', { op: 'HardSigmoid', in: ['p'], out: ['y'] }, {}, { activation: 'hard_sigmoid' }],
    ['PRelu', { op: 'PRelu', in: ['p', 'a'], out: ['y'] }, { a: filled(3, 1, 1) }, { activation: 'prelu' }],
    ['Div by a constant', { op: 'Div', in: ['p', 'a'], out: ['y'] }, { a: scalar(2) }, { kind: 'batch_norm' }],
    ['Mul by one a channel', { op: 'Mul', in: ['a', 'p'], out: ['y'] }, { a: filled(1, 3, 1, 1) }, { kind: 'batch_norm' }],
    ['Max with a constant', { op: 'Max', in: ['p', 'a'], out: ['y'] }, { a: scalar(1) }, { kind: 'opaque' }],
    ['Div of tensors', { op: 'Div', in: ['p', 'p'], out: ['y'] }, {}, { kind: 'opaque', inputs: ['MaxPool_0', 'MaxPool_0'] }],
    [
      'Pad of rows',
      { op: 'Pad', in: ['p', 'a'], out: ['y'] },
      { a: ints(0, 0, 1, 0, 0, 0, 2, 0) },
      { kind: 'padding', outShape: [7, 4, 3] },
    ],
    [
      'Resize',
      { op: 'Resize', in: ['p', '', 'a'], out: ['y'] },
      { a: { dims: [4], values: [1, 1, 2, 3] } },
      { kind: 'resize', outShape: [8, 12, 3] },
    ],
    [
      'Resize to sizes',
      { op: 'Resize', in: ['p', '', '', 'a'], out: ['y'] },
      { a: ints(1, 3, 5, 6) },
      { kind: 'resize', outShape: [5, 6, 3] },
    ],
    [
      'Conv of 1 x 1 in groups',
      { op: 'Conv', in: ['p', 'a'], out: ['y'], attributes: { group: 3, auto_pad: 'VALID' } },
      { a: filled(6, 1, 1, 1) },
      { kind: 'depthwise_conv2d', outShape: [4, 4, 6], padding: 'valid' },
    ],
    [
      'a dilated Conv',
      { op: 'Conv', in: ['p', 'a'], out: ['y'], attributes: { dilations: [3, 3] } },
      { a: filled(2, 3, 2, 2) },
      { kind: 'opaque', outShape: [1, 1, 2] },
    ],
    [
      'a Conv by a tensor',
      { op: 'Conv', in: ['p', 'p'], out: ['y'] },
      {},
      { kind: 'opaque', inputs: ['MaxPool_0', 'MaxPool_0'] },
    ],
    [
      'ReduceMax over rows',
      { op: 'ReduceMax', in: ['p'], out: ['y'], attributes: { axes: [2] } },
      {},
      { kind: 'opaque', outShape: [1, 4, 3] },
    ],
    ['LRN', { op: 'LRN', in: ['p'], out: ['y'], attributes: { size: 3 } }, {}, { kind: 'opaque', source: 'LRN' }],
  ])('%s', (_, node, constants, wanted) => {
    const design = read({
      inputs: { x: [1, 3, 8, 8] },
      constants,
      nodes: [
        { op: 'MaxPool', in: ['x'], out: ['p'], attributes: { kernel_shape: [2, 2], strides: [2, 2] } },
        { ...node, name: 'it' },
      ],
    });
    expect(named(design, 'it')).toMatchObject({ inShape: [4, 4, 3], outShape: [4, 4, 3], inputs: ['MaxPool_0'], ...wanted });
    expect(assumed(design).some((a) => a.startsWith("layer 'it'") && !/slopes/.test(a))).toBe(wanted.kind === 'opaque');
  });

  test('a softmax over another axis than the channels is said', () => {
    const over = (axis: number) =>
      assumed(read({ inputs: { x: [1, 5, 4] }, nodes: [{ op: 'Softmax', in: ['x'], out: ['y'], attributes: { axis } }] }));
    expect(over(-1)).toEqual([]);
    expect(over(1)).toEqual([expect.stringContaining('softmax over axis 1')]);
  });

  test.each([
    ['GRU', 'gru', 3],
    ['LSTM', 'lstm', 4],
    ['RNN', 'simple_rnn', 1],
  ])('%s: all states or the last one', (op, kind, gates) => {
    const constants = {
      w: filled(1, gates * 6, 4),
      r: filled(1, gates * 6, 6),
      b: filled(1, 2 * gates * 6),
      one: ints(1),
      zero: ints(0),
      low: scalar(0),
    };
    // batch first, as PyTorch exports it
    const to: NodeFixture = { op: 'Transpose', in: ['x'], out: ['t'], attributes: { perm: [1, 0, 2] } };
    const all = read({
      inputs: { x: ['N', 20, 4] },
      constants,
      nodes: [
        to,
        { op, in: ['t', 'w', 'r', 'b'], out: ['s'], name: 'rnn', attributes: { hidden_size: 6 } },
        { op: 'Squeeze', in: ['s', 'one'], out: ['q'] },
        { op: 'Transpose', in: ['q'], out: ['y'], attributes: { perm: [1, 0, 2] } },
        { op: 'Relu', in: ['y'], out: ['z'] },
      ],
    });
    expect(shapes(all.layers)).toEqual([
      [kind, [20, 4], [20, 6]],
      ['activation', [20, 6], [20, 6]],
    ]);
    expect(all.layers[0]).toMatchObject({ name: 'rnn', useBias: true });
    const lastState = read({
      inputs: { x: [20, 'N', 4] },
      constants,
      nodes: [
        { op, in: ['x', 'w', 'r'], out: ['', 'h'], attributes: { hidden_size: 6 } },
        { op: 'Squeeze', in: ['h', 'zero'], out: ['y'] },
        { op: 'Clip', in: ['y', 'low', ''], out: ['z'] },
      ],
    });
    expect(shapes(lastState.layers)).toEqual([
      [kind, [20, 4], [6]],
      ['activation', [6], [6]],
    ]);
    const both = read({
      inputs: { x: [20, 'N', 4] },
      constants,
      nodes: [{ op, in: ['x', 'w', 'r'], out: ['y'], attributes: { direction: 'reverse' } }],
    });
    expect(both.layers[0].kind).toBe('opaque');
  });
});

const quant = (input: string, out: string, scale: string, bits: string, more: Partial<NodeFixture> = {}): NodeFixture => ({
  op: 'Quant',
  domain: 'qonnx.custom_op.general',
  in: [input, scale, 'zero', bits],
  out: [out],
  ...more,
});

describe('QONNX', () => {
  /** One dense layer with quantised weights. */
  const layer = (scale: TensorFixture, bits: number, attributes: NodeFixture['attributes'] = {}, zero = 0): HlsDesign =>
    read({
      inputs: { x: [1, 4] },
      constants: { w: filled(4, 2), scale, zero: scalar(zero), bits: scalar(bits) },
      nodes: [quant('w', 'q', 'scale', 'bits', { attributes, name: 'Q' }), { op: 'MatMul', in: ['x', 'q'], out: ['y'] }],
    });

  test.each([
    [1, 4, {}, { bits: 4, intBits: 4, signed: true }],
    [0.125, 4, { signed: 1 }, { bits: 4, intBits: 1, signed: true }],
    [0.00390625, 8, { signed: 0 }, { bits: 8, intBits: 0, signed: false }],
    [4, 3, { narrow: 1 }, { bits: 3, intBits: 5, signed: true }],
    [1, 3.5, {}, { bits: 4, intBits: 4, signed: true }],
  ])('scale %d, %d bits: an exact type', (scale, bits, attributes, precision) => {
    const design = layer(scalar(scale), bits, attributes as NodeFixture['attributes']);
    expect(design.layers[0].weight).toEqual(precision);
    expect(assumed(design)).toEqual([]);
  });

  test.each<[string, TensorFixture, number, number, number | null, RegExp]>([
    ['no power of two', scalar(0.1), 0, 8, 5, /'Q': its scale 0.1 is no power of two/],
    ['one a channel', { dims: [1, 2], values: [0.5, 0.25] }, 0, 8, 7, /2 scales differ/],
    ['a zero point', scalar(1), 3, 8, 8, /zero point 3/],
    ['a scale of zero', scalar(0), 0, 8, null, /scale is not in the file/],
    ['a scale without values', { dims: [] }, 0, 8, null, /scale is not in the file/],
  ])('%s is said', (_, scale, zero, bits, intBits, message) => {
    const design = layer(scale, bits, {}, zero);
    expect(design.layers[0].weight).toEqual({ bits, intBits, signed: true });
    expect(design.assumptions.join('\n')).toMatch(message);
  });

  test('without a width the precision is that of the design', () => {
    const design = layer(scalar(1), 500);
    expect(design.layers[0].weight).toBeUndefined();
    expect(design.assumptions[0]).toContain('500 bits');
  });

  test.each([
    // 0.25, 0.5 .. 2: rounded half to even, 0.25 and 0.5 become 0
    ['ROUND', 2],
    ['ceil', 0],
    ['FLOOR', 3],
    ['UP', 0],
    ['DOWN', 3],
    ['HALF_UP', 1],
    ['HALF_DOWN', 2],
  ])('weights that %s to zero are counted', (rounding_mode, zeros) =>
    expect(layer(scalar(1), 8, { rounding_mode }).layers[0].zeroWeights).toBe(zeros),
  );

  test('a scale a channel counts for its channel, behind a transpose too', () => {
    const design = read({
      inputs: { x: [1, 2] },
      // [0.5 1] / 1 and [1.5 2] / 8: 0 1, 0 0
      constants: {
        w: { dims: [2, 2], values: [0.5, 1, 1.5, 2] },
        s: { dims: [2, 1], values: [1, 8] },
        zero: scalar(0),
        bits: scalar(4),
      },
      nodes: [
        quant('w', 'q', 's', 'bits'),
        { op: 'Transpose', in: ['q'], out: ['t'], attributes: { perm: [1, 0] } },
        { op: 'MatMul', in: ['x', 't'], out: ['y'] },
      ],
    });
    expect(design.layers[0]).toMatchObject({ zeroWeights: 3, weight: { bits: 4 } });
    // 1 of 1 and 0 of 8: one type does not hold both scales
    expect(design.layers[0].constants).toBeUndefined();
  });

  test.each([
    ['MatMul', undefined, { shiftAdd: 1, full: 2, distinct: 4, multiplied: 3 }],
    ['Gemm', { transB: 1 }, { shiftAdd: 1, full: 3, distinct: 5, multiplied: 3 }],
  ])('constants of quantised weights are counted: %s', (op, attributes, constants) => {
    // steps of 1/4: 11 11 1 / 3 0 11 by rows, so of an input or of an output
    const values = [2.75, 2.75, 0.25, 0.75, 0, 2.75];
    const design = read({
      inputs: { x: [1, op === 'Gemm' ? 3 : 2] },
      constants: { w: { dims: [2, 3], values }, s: scalar(0.25), zero: scalar(0), bits: scalar(6) },
      nodes: [quant('w', 'q', 's', 'bits'), { op, in: ['x', 'q'], out: ['y'], ...(attributes ? { attributes } : {}) }],
    });
    expect(design.layers[0].constants).toEqual(constants);
  });

  test('a scale that is no power of two: the whole numbers are what is wired in', () => {
    const of = (scale: number) =>
      read({
        inputs: { x: [1, 2] },
        constants: {
          w: { dims: [2, 2], values: [11, 3, -3, 0].map((v) => v * scale) },
          s: scalar(scale),
          zero: scalar(0),
          bits: scalar(6),
        },
        nodes: [quant('w', 'q', 's', 'bits'), { op: 'MatMul', in: ['x', 'q'], out: ['y'] }],
      }).layers[0].constants;
    expect(of(0.1)).toEqual({ shiftAdd: 2, full: 1, distinct: 3, multiplied: 1 });
    expect(of(0.1)).toEqual(of(0.125));
  });

  test('widths of a weight each: every weight is limited by its own, the widest is the type, and none prunes', () => {
    const { layers } = read({
      inputs: { x: [1, 2] },
      constants: {
        w: { dims: [2, 2], values: [20, 20, -20, 20] },
        s: scalar(1),
        zero: scalar(0),
        bits: { dims: [2, 2], values: [6, 3, 4.5, 0] },
      },
      nodes: [quant('w', 'q', 's', 'bits'), { op: 'MatMul', in: ['x', 'q'], out: ['y'] }],
    });
    // 20 is 10100, 3 is 11, -16 one digit, 0
    expect(layers[0]).toMatchObject({
      weight: { bits: 6, intBits: 6 },
      ownWidths: true,
      zeroWeights: 1,
      constants: { shiftAdd: 2, full: 0, distinct: 3, multiplied: 0 },
    });
  });

  test('a width of no element is none, not a crash', () => {
    const design = read({
      inputs: { x: [1, 2] },
      constants: { w: { dims: [2, 2], values: [1, 2, 3, 4] }, s: scalar(1), zero: scalar(0), bits: { dims: [0], values: [] } },
      nodes: [quant('w', 'q', 's', 'bits'), { op: 'MatMul', in: ['x', 'q'], out: ['y'] }],
    });
    expect(design.layers[0].weight).toBeUndefined();
    expect(design.assumptions.some((a) => /bit width is not a constant of the file/.test(a))).toBe(true);
  });

  test.each(['first', 'last'] as const)('constants of a convolution are counted by input of the window, channels %s', (order) => {
    // filter 0 multiplies all by 3, filter 1 by 11, 1, 1, 1: one of each an input, and 11 for the first alone
    const taps = [3, 3, 3, 3, 11, 1, 1, 1];
    const last = order === 'last';
    const { layers } = read({
      inputs: { x: last ? [1, 5, 2] : [1, 2, 5] },
      constants: { w: { dims: [2, 2, 2], values: taps }, s: scalar(1), zero: scalar(0), bits: scalar(6) },
      nodes: [
        quant('w', 'q', 's', 'bits'),
        { op: 'Conv', in: ['x', 'q'], out: ['y'], ...(last ? { domain: 'qonnx.custom_op.channels_last' } : {}) },
      ],
    });
    expect(layers.find((l) => l.kind === 'conv1d')!.constants).toEqual({ shiftAdd: 4, full: 1, distinct: 8, multiplied: 1 });
  });

  test('a convolution in groups has no counted constants', () => {
    const { layers } = read({
      inputs: { x: [1, 2, 5] },
      constants: { w: { dims: [2, 1, 2], values: [3, 3, 5, 5] }, s: scalar(1), zero: scalar(0), bits: scalar(6) },
      nodes: [quant('w', 'q', 's', 'bits'), { op: 'Conv', in: ['x', 'q'], out: ['y'], attributes: { group: 2 } }],
    });
    expect(layers[0]).toMatchObject({ kind: 'depthwise_conv1d' });
    expect(layers[0].constants).toBeUndefined();
  });

  test('weights of no type have no counted constants', () => {
    expect(read(MLP).layers.every((l) => l.constants === undefined)).toBe(true);
  });

  test('types of input, weights, bias and results; nothing is folded into quantised weights', () => {
    const design = read({
      inputs: { x: [1, 4] },
      constants: {
        w: filled(4, 2),
        b: filled(2),
        g: filled(2),
        one: scalar(1),
        fine: scalar(2 ** -4),
        zero: scalar(0),
        four: scalar(4),
        six: scalar(6),
      },
      nodes: [
        quant('x', 'x1', 'fine', 'six', { name: 'in' }),
        quant('w', 'w1', 'one', 'four'),
        quant('b', 'b1', 'fine', 'six'),
        { op: 'Gemm', in: ['x1', 'w1', 'b1'], out: ['h'], name: 'fc' },
        { op: 'BatchNormalization', in: ['h', 'g', 'g', 'g', 'g'], out: ['n'], name: 'bn' },
        { op: 'Relu', in: ['n'], out: ['r'], name: 'act' },
        quant('r', 'y', 'fine', 'four', { op: 'IntQuant', attributes: { signed: 0 }, name: 'out' }),
      ],
    });
    expect(design.layers.map((l) => [l.name, l.kind, l.result?.bits])).toEqual([
      ['in', 'activation', 6],
      ['fc', 'dense', undefined],
      ['bn', 'batch_norm', undefined],
      ['act', 'activation', 4],
    ]);
    expect(named(design, 'in')).toMatchObject({ activation: 'linear', inputs: [], result: { bits: 6, intBits: 2 } });
    expect(named(design, 'fc')).toMatchObject({ weight: { bits: 4, intBits: 4 }, bias: { bits: 6, intBits: 2 } });
    expect(named(design, 'act').result).toEqual({ bits: 4, intBits: 0, signed: false });
  });

  test('two readers that quantise differently need a layer each', () => {
    const { layers } = read({
      inputs: { x: [1, 4] },
      constants: { one: scalar(1), zero: scalar(0), four: scalar(4), six: scalar(6) },
      nodes: [
        { op: 'Relu', in: ['x'], out: ['r'] },
        quant('r', 'a', 'one', 'four'),
        quant('r', 'b', 'one', 'six'),
        { op: 'Add', in: ['a', 'b'], out: ['y'] },
      ],
    });
    expect(layers.map((l) => [l.activation ?? l.merge, l.result?.bits])).toEqual([
      ['relu', undefined],
      ['linear', 4],
      ['linear', 6],
      ['add', undefined],
    ]);
  });

  test('binary weights', () => {
    const design = read({
      inputs: { x: [1, 4] },
      constants: { w: { dims: [4, 2], values: [0, 1, -1, 2, -2, 3, -3, 4] }, s: scalar(0.5) },
      nodes: [
        { op: 'BipolarQuant', domain: 'onnx.brevitas', in: ['w', 's'], out: ['q'] },
        { op: 'MatMul', in: ['x', 'q'], out: ['y'] },
      ],
    });
    expect(design.layers[0]).toMatchObject({ weight: { bits: 1, intBits: 0, signed: true }, zeroWeights: 0 });
  });

  test('QuantizeLinear and DequantizeLinear: stored integers and an asymmetric activation', () => {
    const design = read({
      inputs: { x: [1, 2, 6] },
      constants: {
        // int8 weights of two filters, a scale each; zero points 0
        w: { dims: [2, 2, 3], type: 3, values: [0, 1, 2, 0, 3, 4, 5, 6, 7, 8, 9, 0] },
        ws: { dims: [2], values: [0.5, 0.5] },
        wz: { dims: [2], type: 3, values: [0, 0] },
        xs: scalar(2 ** -7),
        xz: { dims: [], type: 2, values: [128] },
      },
      nodes: [
        { op: 'QuantizeLinear', in: ['x', 'xs', 'xz'], out: ['xq'], name: 'q' },
        { op: 'DequantizeLinear', in: ['xq', 'xs', 'xz'], out: ['xd'] },
        { op: 'DequantizeLinear', in: ['w', 'ws', 'wz'], out: ['wd'], attributes: { axis: 0 } },
        { op: 'Conv', in: ['xd', 'wd'], out: ['c'], name: 'conv' },
        { op: 'Relu', in: ['c'], out: ['r'], name: 'relu' },
        { op: 'QuantizeLinear', in: ['r', 'xs'], out: ['rq'] },
        { op: 'DequantizeLinear', in: ['rq', 'xs'], out: ['y'] },
      ],
    });
    expect(shapes(design.layers)).toEqual([
      ['activation', [6, 2], [6, 2]],
      ['conv1d', [6, 2], [4, 2]],
      ['activation', [4, 2], [4, 2]],
    ]);
    expect(named(design, 'q').result).toEqual({ bits: 8, intBits: 1, signed: false });
    expect(named(design, 'conv')).toMatchObject({ weight: { bits: 8, intBits: 7, signed: true }, zeroWeights: 3 });
    expect(named(design, 'relu').result).toEqual({ bits: 8, intBits: 1, signed: false });
    expect(assumed(design).filter((a) => a.includes('quantiser'))).toEqual(["quantiser 'q': its zero point 128 is not counted"]);
  });

  test('a quantised network becomes integers, as fpga synth needs them', () => {
    const graph = cnn('last');
    const design = read({
      ...graph,
      constants: { ...graph.constants, one: scalar(0.25), zero: scalar(0), bits: scalar(6) },
      nodes: [
        quant('w1', 'wq', 'one', 'bits'),
        { ...graph.nodes[0], in: ['x', 'wq', 'b1'] },
        graph.nodes[1],
        quant('r', 'y', 'one', 'bits'),
      ],
    });
    expect(integerNetwork(design, 0).stages.map((s) => [s.kind, s.output.bits])).toEqual([
      ['matrix', 16],
      ['relu', 6],
    ]);
  });
});

describe('what is not known or not right', () => {
  test("inputs and outputs left out are nobody's tensors", () => {
    // the unnamed output of the first node is not the unnamed input of Clip, behind which axis 1 is the channel
    const { layers } = read({
      inputs: { x: [1, 2, 3], z: [1, 3, 8] },
      constants: { w: filled(4, 3, 3), zero: scalar(0) },
      nodes: [
        { op: 'Foo', in: ['x'], out: ['', 'a'] },
        { op: 'Relu', in: ['a'], out: ['b'] },
        { op: 'Clip', in: ['z', 'zero', ''], out: ['c'] },
        { op: 'Conv', in: ['c', 'w', ''], out: ['y'] },
      ],
    });
    expect(shapes(layers)).toEqual([
      ['opaque', [2, 3], [2, 3]],
      ['activation', [2, 3], [2, 3]],
      ['activation', [8, 3], [8, 3]],
      ['conv1d', [8, 3], [6, 4]],
    ]);
  });

  test('an operator without a rule is opaque and said, its shape as recorded', () => {
    const design = read({
      inputs: { x: [1, 4, 8] },
      valueInfo: { a: ['N', 2, 8] },
      nodes: [
        { op: 'Foo', domain: 'my.ops', in: ['x'], out: ['a'] },
        { op: 'Einsum', in: ['a', 'a'], out: ['b'] },
        { op: 'Relu', in: ['b'], out: ['y'] },
      ],
    });
    expect(shapes(design.layers)).toEqual([
      ['opaque', [4, 8], [2, 8]],
      ['opaque', [2, 8], [2, 8]],
      ['activation', [2, 8], [2, 8]],
    ]);
    expect(design.layers[0].source).toBe('Foo');
    expect(assumed(design)).toEqual([
      "layer 'Foo_0': operator 'my.ops.Foo' is not supported; its cost is not counted",
      "layer 'Einsum_0': operator 'Einsum' is not supported; its cost is not counted, its shape is taken as that of its input",
    ]);
  });

  test('shapes computed from constants are folded', () => {
    const { layers } = read({
      inputs: { x: [1, 4, 6] },
      constants: { zero: ints(0), i: { dims: [], type: 7, values: [0] }, rest: ints(-1) },
      nodes: [
        { op: 'Shape', in: ['x'], out: ['s'] },
        { op: 'Gather', in: ['s', 'i'], out: ['n'] },
        { op: 'Unsqueeze', in: ['n', 'zero'], out: ['n1'] },
        { op: 'Constant', in: [], out: ['c'], attributes: { value: { tensor: ints(-1) } } },
        { op: 'Concat', in: ['n1', 'c'], out: ['t'], attributes: { axis: 0 } },
        { op: 'Reshape', in: ['x', 't'], out: ['y'] },
      ],
    });
    expect(shapes(layers)).toEqual([['reshape', [4, 6], [24]]]);
  });

  const relu: NodeFixture = { op: 'Relu', in: ['x'], out: ['y'] };
  test.each<[string, GraphFixture, RegExp]>([
    ['an open axis', { inputs: { x: ['N', 3, 'h', 8] }, nodes: [relu] }, /input 'x' leaves axis 2 open \('h'\) in \[N,3,h,8\]/],
    ['no axis but the batch', { inputs: { x: [4] }, nodes: [relu] }, /no axis beside the batch/],
    ['no input', { inputs: {}, constants: { x: filled(2) }, nodes: [relu] }, /no input/],
    [
      'nodes out of order',
      { inputs: { z: [1, 2] }, nodes: [relu] },
      /'Relu_0' \(Relu\) reads 'x', which no node before it gives/,
    ],
    [
      'a matrix that does not fit',
      { inputs: { x: [1, 3] }, constants: { w: filled(4, 2) }, nodes: [{ op: 'MatMul', in: ['x', 'w'], out: ['y'] }] },
      /'MatMul_0' \(MatMul\) multiplies \[1,3\] by a matrix of 4 x 2/,
    ],
    [
      'channels that do not fit',
      { inputs: { x: [1, 3, 8] }, constants: { w: filled(4, 2, 3) }, nodes: [{ op: 'Conv', in: ['x', 'w'], out: ['y'] }] },
      /convolves 3 channels in 1 groups with weights \[4,2,3\]/,
    ],
    [
      'a window larger than its input',
      { inputs: { x: [1, 3, 2] }, constants: { w: filled(4, 3, 3) }, nodes: [{ op: 'Conv', in: ['x', 'w'], out: ['y'] }] },
      /turns \[1,3,2\] into \[1,4,0\]/,
    ],
    [
      'another number of elements',
      { inputs: { x: [1, 4] }, constants: { s: ints(1, 5) }, nodes: [{ op: 'Reshape', in: ['x', 's'], out: ['y'] }] },
      /turns \[1,4\] into \[1,5\]: another number of elements/,
    ],
    [
      'a batch mixed with other axes',
      { inputs: { x: [1, 4] }, constants: { s: ints(4, 1) }, nodes: [{ op: 'Reshape', in: ['x', 's'], out: ['y'] }] },
      /the batch is mixed/,
    ],
    [
      'shapes that do not join',
      { inputs: { x: [1, 4], z: [1, 3] }, nodes: [{ op: 'Add', in: ['x', 'z'], out: ['y'] }] },
      /joins shapes that do not fit: \[1,4\], \[1,3\]/,
    ],
    ['constants alone', { inputs: { x: [1, 4] }, nodes: [{ op: 'Identity', in: ['x'], out: ['y'] }] }, /no layers/],
  ])('%s is refused', (_, graph, message) => {
    const error = caught(graph);
    expect(error.code).toBe('bad-input');
    expect(error.message).toMatch(message);
  });
});

describe('readHlsDesign', () => {
  const YAML = `Backend: Vitis
ClockPeriod: 5
HLSConfig:
  LayerName:
    MatMul_0: {Precision: {weight: 'fixed<8,1>'}, ReuseFactor: 4}
    Add_0: {ReuseFactor: 2}
  Model: {Precision: 'ap_fixed<16,6>', ReuseFactor: 1, Strategy: Resource}
OnnxModel: model.onnx
Part: xc7z020clg400-1
ProjectName: jet_tagger
`;
  const bytes = encodeOnnx(MLP);

  test('ONNX bytes are recognised by content, whatever the name', () =>
    expect(readHlsDesign(bytes, 'network.json')).toEqual(onnxDesign(bytes, {}, 'network.json')));

  test('what was counted of weights goes where YAML narrows their type', () => {
    const network = encodeOnnx({
      inputs: { x: [1, 2] },
      constants: { w: { dims: [2, 2], values: [5, 3, 0, 7] }, s: scalar(1), zero: scalar(0), bits: scalar(4) },
      nodes: [quant('w', 'q', 's', 'bits'), { op: 'MatMul', in: ['x', 'q'], out: ['y'], name: 'mm' }],
    });
    const of = (weight: string) =>
      readHlsDesign(network, 'n.onnx', {
        other: `HLSConfig:\n  LayerName:\n    mm: {Precision: {weight: '${weight}'}}\n  Model: {Precision: 'fixed<16,6>'}\n`,
      }).layers[0];
    expect(of('fixed<4,4>')).toMatchObject({ zeroWeights: 1, constants: { shiftAdd: 3, distinct: 3 } });
    expect(of('fixed<6,5>')).toMatchObject({ zeroWeights: 1, constants: { shiftAdd: 3 } });
    for (const narrower of ['fixed<2,2>', 'fixed<4,5>']) {
      expect(of(narrower).constants).toBeUndefined();
      expect(of(narrower).zeroWeights).toBeUndefined();
    }
  });

  test('YAML with the ONNX file it names, beside it or given, in either order', () => {
    const wanted: string[] = [];
    const find = (file: string) => {
      wanted.push(file);
      return bytes;
    };
    const design = readHlsDesign(YAML, 'c.yml', { find });
    expect(wanted).toEqual(['model.onnx']);
    expect(design).toMatchObject({
      id: 'jet_tagger',
      part: 'xc7z020clg400-1',
      tool: 'vitis_hls',
      strategy: 'resource',
      clockS: 5e-9,
    });
    expect(named(design, 'MatMul_0')).toMatchObject({ reuseFactor: 4, weight: { bits: 8, intBits: 1 } });
    // a node that went into another is no stranger
    expect(design.assumptions).toEqual(['no io type given: io_parallel, the default of hls4ml, assumed']);
    expect(readHlsDesign(YAML, 'c.yml', { other: bytes })).toEqual(design);
    expect(readHlsDesign(bytes, 'm.onnx', { other: YAML })).toEqual(design);
    expect(readHlsDesign(new TextEncoder().encode(YAML), 'c.yml', { other: bytes })).toEqual(design);
  });

  test('what stands in place of an ONNX file is named', () => {
    const failure = (run: () => unknown): HwcastError => {
      try {
        run();
      } catch (error) {
        return error as HwcastError;
      }
      throw new Error('nothing was thrown');
    };
    expect(failure(() => readHlsDesign(YAML, 'c.yml'))).toMatchObject({
      code: 'bad-input',
      where: 'c.yml',
      hint: expect.stringContaining('OnnxModel: model.onnx'),
    });
    expect(failure(() => readHlsDesign(YAML, 'c.yml', { find: () => bytes.subarray(0, 50) }))).toMatchObject({
      code: 'corrupt',
      where: 'model.onnx',
    });
    expect(failure(() => readHlsDesign(Buffer.from(bytes).toString('utf8'), 'm.onnx.gz'))).toMatchObject({ code: 'unsupported' });
  });
});

describe.skipIf(!hasShared)('the ONNX files of ../shared (needs ../shared)', () => {
  const file = (name: string) => readFileSync(join(SHARED, `data/traces/onnx/${name}.onnx`));

  test.each([
    'light_bvlc_alexnet',
    'light_inception_v1',
    'light_resnet50',
    'light_shufflenet',
    'light_squeezenet',
    'nnlqp_resnet18_no_weight',
  ])('%s: every weight of a convolution and matrix is in a layer, the result has 1000 classes', (name) => {
    const { graph } = decodeOnnx(file(name)),
      design = readHlsDesign(file(name), name);
    // elements of a weight: of its own shape, of what ConstantOfShape makes it of, or of what it is reshaped from
    const makers = new Map(graph.nodes.map((n) => [n.outputs[0], n]));
    const elements = (weight: string): number => {
      const maker = makers.get(weight);
      if (maker && maker.opType !== 'ConstantOfShape') return elements(maker.inputs[0]);
      const dims = maker ? [...graph.initializers.get(maker.inputs[0])!.values()!] : graph.initializers.get(weight)!.dims;
      return dims.reduce((a, b) => a * b, 1);
    };
    const weights = graph.nodes.filter((n) => /^(Conv|Gemm)$/.test(n.opType)).map((n) => elements(n.inputs[1]));
    // in groups, each output channel sees its group alone
    const matrices = design.layers.flatMap((l) => weightMatrix(l) ?? []).map((m) => m.nIn * m.nOut);
    expect(matrices).toEqual(weights);
    expect(design.layers.at(-1)!.outShape.reduce((a, b) => a * b, 1)).toBe(1000);
    expect(design.layers[0].inShape).toEqual([224, 224, 3]);
    expect(design.layers.every((l) => l.zeroWeights === undefined)).toBe(true);
  });

  test('batch norms of resnet-50 are folded, its merges kept', () => {
    const { layers } = readHlsDesign(file('light_resnet50'));
    const count = (kind: string) => layers.filter((l) => l.kind === kind).length;
    expect([count('conv2d'), count('batch_norm'), count('merge'), count('dense')]).toEqual([53, 0, 16, 1]);
  });
});
