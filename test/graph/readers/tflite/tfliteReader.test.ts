import { describe, expect, it } from 'vitest';
import type { ReadModelOptions } from '../../../../src/graph/readers/modelReader.js';
import { tfliteReader } from '../../../../src/graph/readers/tflite/tfliteReader.js';
import { readWith, totalCost, working } from '../readText.js';
import { encodeTflite, oneOperator, type TinySubgraph, type TinyTensor } from './encodeTflite.js';

const read = async (file: Uint8Array, options: ReadModelOptions = {}) =>
  (await readWith(tfliteReader, file, options, 'net.tflite'))[0];
const weights = (shape: number[], more: Partial<TinyTensor> = {}): TinyTensor => ({ shape, values: 'weights', ...more });
const ints = (...values: number[]): TinyTensor => ({ shape: [values.length], type: 'INT32', values });
const int8 = { type: 'INT8', quantized: true };
const made = async (file: Uint8Array) => working(await read(file)).map(({ op, shape }) => [op, ...shape]);

/** A convolution of a picture [1, 6, 8, 3] with 4 filters of 3 x 3, stride 2, relu6, then a mean and a layer of 5 outputs. */
const CLASSIFIER: TinySubgraph = {
  tensors: {
    picture: { shape: [1, 6, 8, 3] },
    filters: weights([4, 3, 3, 3]),
    biases: weights([4]),
    features: { shape: [1, 3, 4, 4] },
    places: ints(1, 2),
    mean: { shape: [1, 4] },
    matrix: weights([5, 4]),
    scores: { shape: [1, 5] },
  },
  inputs: ['picture'],
  outputs: ['scores'],
  operators: [
    {
      code: 'CONV_2D',
      inputs: ['picture', 'filters', 'biases'],
      outputs: ['features'],
      options: { table: 'Conv2DOptions', padding: 0, stride_w: 2, stride_h: 2, fused_activation_function: 3 },
    },
    { code: 'MEAN', inputs: ['features', 'places'], outputs: ['mean'], options: { table: 'ReducerOptions', keep_dims: 0 } },
    { code: 'FULLY_CONNECTED', inputs: ['mean', 'matrix', ''], outputs: ['scores'], options: { table: 'FullyConnectedOptions' } },
  ],
};
/** The same with other tensors. */
const classifier = (tensors: Record<string, TinyTensor>): Uint8Array =>
  encodeTflite([{ ...CLASSIFIER, tensors: { ...CLASSIFIER.tensors, ...tensors } }]);

describe('tfliteReader', () => {
  it('knows a file by its identifier', () => {
    expect(tfliteReader.detect(classifier({}), 'x')).toBe('certain');
    expect(tfliteReader.detect(Buffer.from('PK\x03\x04TFL'), 'x.tflite')).toBeUndefined();
  });

  it('costs a small network by hand, its activations as operators of their own', async () => {
    const model = await read(classifier({}));
    expect(working(model).map(({ op, shape }) => [op, ...shape])).toEqual([
      ['conv2d', 1, 4, 3, 4],
      ['relu6', 1, 4, 3, 4],
      ['reduce', 1, 4],
      ['linear', 1, 5],
    ]);
    expect(totalCost(model)).toMatchObject({ macs: 12 * 4 * 27 + 20, params: 4 * 27 + 4 + 20 });
    expect(model).toMatchObject({ name: 'net.tflite', warnings: [] });
    expect(model.graph.assumptions).toBeUndefined();
  });

  it('says of quantised networks the type of activations, weights and arithmetic', async () => {
    const whole = await read(
      classifier({
        picture: { shape: [1, 6, 8, 3], ...int8 },
        filters: weights([4, 3, 3, 3], int8),
        biases: weights([4], { type: 'INT32', quantized: true }),
        features: { shape: [1, 3, 4, 4], ...int8 },
        mean: { shape: [1, 4], ...int8 },
        matrix: weights([5, 4], int8),
        scores: { shape: [1, 5], ...int8 },
      }),
    );
    expect(working(whole).map(({ dtype, attrs }) => [dtype, attrs.weightDtype, attrs.computeDtype])).toEqual(
      Array(4).fill(['int8', undefined, undefined]),
    );
    expect(totalCost(whole)).toMatchObject({ macs: 12 * 4 * 27 + 20, bytesWeights: 112 + 20 });
    const wide = await read(classifier({ ...{ matrix: weights([5, 4], int8) } }));
    expect(working(wide)[3]).toMatchObject({ dtype: 'fp32', attrs: { weightDtype: 'int8', computeDtype: 'int8' } });
  });

  it('takes weights of 16 bits as stored so: dequantising constants costs nothing', async () => {
    const file = encodeTflite([
      {
        tensors: {
          x: { shape: [2, 8] },
          half: weights([4, 8], { type: 'FLOAT16' }),
          full: { shape: [4, 8] },
          y: { shape: [2, 4] },
        },
        inputs: ['x'],
        outputs: ['y'],
        operators: [
          { code: 'DEQUANTIZE', inputs: ['half'], outputs: ['full'] },
          { code: 'FULLY_CONNECTED', inputs: ['x', 'full', ''], outputs: ['y'] },
        ],
      },
    ]);
    const model = await read(file);
    expect(working(model)).toMatchObject([{ op: 'linear', dtype: 'fp32', attrs: { weightDtype: 'fp16' } }]);
    expect(working(model)[0].attrs.computeDtype).toBeUndefined();
    expect(totalCost(model)).toMatchObject({ macs: 64, params: 32, bytesWeights: 64, bytesIn: 64 });
  });

  it('counts weights that two operators share once', async () => {
    const shared = weights([4, 4]);
    const file = encodeTflite([
      {
        tensors: { x: { shape: [1, 4] }, w: shared, h: { shape: [1, 4] }, y: { shape: [1, 4] } },
        inputs: ['x'],
        outputs: ['y'],
        operators: [
          { code: 'FULLY_CONNECTED', inputs: ['x', 'w', ''], outputs: ['h'] },
          { code: 'FULLY_CONNECTED', inputs: ['h', 'w', ''], outputs: ['y'] },
        ],
      },
    ]);
    expect(totalCost(await read(file))).toMatchObject({ macs: 32, params: 16 });
  });

  it('keeps pictures as they lie through additions, slopes, concatenations and padding', async () => {
    const file = encodeTflite([
      {
        tensors: {
          x: { shape: [1, 4, 4, 2] },
          w: weights([1, 3, 3, 2]),
          h: { shape: [1, 4, 4, 2] },
          row: weights([2]),
          sum: { shape: [1, 4, 4, 2] },
          both: { shape: [1, 4, 4, 4] },
          around: { shape: [4, 2], type: 'INT32', values: [0, 0, 1, 1, 2, 0, 0, 3] },
          y: { shape: [1, 6, 6, 7] },
        },
        inputs: ['x'],
        outputs: ['y'],
        operators: [
          {
            code: 'DEPTHWISE_CONV_2D',
            inputs: ['x', 'w', ''],
            outputs: ['h'],
            options: { table: 'DepthwiseConv2DOptions', stride_w: 1, stride_h: 1 },
          },
          { code: 'ADD', inputs: ['h', 'row'], outputs: ['sum'] },
          { code: 'CONCATENATION', inputs: ['sum', 'x'], outputs: ['both'], options: { table: 'ConcatenationOptions', axis: 3 } },
          { code: 'PAD', inputs: ['both', 'around'], outputs: ['y'] },
        ],
      },
    ]);
    const model = await read(file);
    expect(working(model).map(({ op, shape }) => [op, ...shape])).toEqual([
      ['conv2d', 1, 2, 4, 4],
      ['add', 1, 2, 4, 4],
      ['concat', 1, 4, 4, 4],
      ['pad', 1, 7, 6, 6],
    ]);
    expect(totalCost(model)).toMatchObject({ macs: 16 * 2 * 9, params: 18 + 2 });
  });

  it('works out sizes that follow from shapes, for the batch asked for', async () => {
    const file = encodeTflite([
      {
        tensors: {
          x: { shape: [1, 2, 3], signature: [-1, 2, 3] },
          shape: { shape: [3], type: 'INT32' },
          from: ints(0),
          to: ints(1),
          step: ints(1),
          batch: { shape: [], type: 'INT32' },
          six: { shape: [], type: 'INT32', values: [6] },
          wanted: { shape: [2], type: 'INT32' },
          y: { shape: [1, 6], signature: [-1, 6] },
        },
        inputs: ['x'],
        outputs: ['y'],
        operators: [
          { code: 'SHAPE', inputs: ['x'], outputs: ['shape'] },
          {
            code: 'STRIDED_SLICE',
            inputs: ['shape', 'from', 'to', 'step'],
            outputs: ['batch'],
            options: { table: 'StridedSliceOptions', shrink_axis_mask: 1 },
          },
          { code: 'PACK', inputs: ['batch', 'six'], outputs: ['wanted'], options: { table: 'PackOptions', values_count: 2 } },
          { code: 'RESHAPE', inputs: ['x', 'wanted'], outputs: ['y'] },
        ],
      },
    ]);
    const model = await read(file, { batch: 5 });
    expect(model.graph.nodes.map(({ op, shape }) => [op, ...shape])).toEqual([
      ['input', 5, 2, 3],
      ['reshape', 5, 6],
    ]);
    expect((await read(file)).graph.assumptions).toEqual(['batch 1 where the file leaves it open']);
  });

  it('gives a model for each signature, and counts what a call runs', async () => {
    const layer: TinySubgraph = {
      tensors: { x: { shape: [1, 4] }, w: weights([2, 4]), y: { shape: [1, 2] } },
      inputs: ['x'],
      outputs: ['y'],
      operators: [{ code: 'FULLY_CONNECTED', inputs: ['x', 'w', ''], outputs: ['y'] }],
    };
    const caller: TinySubgraph = {
      tensors: { a: { shape: [1, 4] }, b: { shape: [1, 2] } },
      inputs: ['a'],
      outputs: ['b'],
      operators: [{ code: 'CALL', inputs: ['a'], outputs: ['b'], options: { table: 'CallOptions', subgraph: 0 } }],
    };
    const signatures = [
      { signature_key: 'decode', subgraph_index: 0 },
      { signature_key: 'prefill', subgraph_index: 1 },
    ];
    const models = await readWith(tfliteReader, encodeTflite([layer, caller], { signatures }));
    expect(models.map((m) => [m.name, totalCost(m).macs])).toEqual([
      ['decode', 8],
      ['prefill', 8],
    ]);
  });

  it('says how much is behind a loop, which is not counted', async () => {
    const body: TinySubgraph = {
      tensors: { x: { shape: [1, 4] }, w: weights([4, 4]), y: { shape: [1, 4] } },
      inputs: ['x'],
      outputs: ['y'],
      operators: [{ code: 'FULLY_CONNECTED', inputs: ['x', 'w', ''], outputs: ['y'] }],
    };
    const main: TinySubgraph = {
      tensors: { x: { shape: [1, 4] }, y: { shape: [1, 4] } },
      inputs: ['x'],
      outputs: ['y'],
      operators: [
        {
          code: 'WHILE',
          inputs: ['x'],
          outputs: ['y'],
          options: { table: 'WhileOptions', cond_subgraph_index: 1, body_subgraph_index: 1 },
        },
      ],
    };
    const model = await read(encodeTflite([main, body]));
    expect(model.warnings[0]).toBe(
      'WHILE is not counted but by its tensors: 1 operators, 16 MACs a pass, an unknown number of passes',
    );
    expect(totalCost(model)).toMatchObject({ macs: 0, params: 0, bytesIn: 16, bytesOut: 16 });
  });

  it('names what it does not know and counts its bytes', async () => {
    const model = await read(oneOperator('TFLite_Detection_PostProcess', { x: { shape: [1, 10, 4] }, y: { shape: [1, 5, 4] } }));
    expect(model.warnings).toEqual([
      'not known: TFLite_Detection_PostProcess; 100.0 % of all bytes are theirs, their arithmetic is not counted',
    ]);
    expect(totalCost(model)).toMatchObject({ bytesIn: 160, bytesOut: 80 });
  });

  it('reads and writes variables as tensors of the model', async () => {
    const file = encodeTflite([
      {
        tensors: {
          x: { shape: [1, 2] },
          handle: { shape: [], type: 'RESOURCE' },
          before: { shape: [1, 2] },
          y: { shape: [1, 2] },
        },
        inputs: ['x'],
        outputs: ['y'],
        operators: [
          { code: 'VAR_HANDLE', inputs: [], outputs: ['handle'] },
          { code: 'READ_VARIABLE', inputs: ['handle'], outputs: ['before'] },
          { code: 'ADD', inputs: ['x', 'before'], outputs: ['y'] },
          { code: 'ASSIGN_VARIABLE', inputs: ['handle', 'y'], outputs: [] },
        ],
      },
    ]);
    const model = await read(file);
    expect(working(model).map(({ op, shape }) => [op, ...shape])).toEqual([
      ['add', 1, 2],
      ['copy', 1, 2],
    ]);
    expect(totalCost(model).params).toBe(0);
  });
});

describe('tfliteReader refuses', () => {
  const whole = classifier({});
  const places = Buffer.from(whole);

  it.each<[string, Uint8Array, ReadModelOptions, Record<string, unknown>]>([
    [
      'a cut file',
      whole.subarray(0, 200),
      {},
      { code: 'corrupt', message: expect.stringMatching(/is cut: .* the file has 200/) },
    ],
    ['a file of its identifier only', whole.subarray(0, 8), {}, { code: 'corrupt', where: 'net.tflite' }],
    [
      'a page saved in its place',
      Buffer.from('<!DOCTYPE html><html></html>'),
      {},
      { code: 'unsupported', message: 'no TFLite file: it does not begin with TFL3' },
    ],
    [
      'an older version',
      Buffer.concat([places.subarray(0, 7), Buffer.from('2'), places.subarray(8)]),
      {},
      { code: 'unsupported', message: 'TFLite of version 2' },
    ],
    ['another version of the schema', encodeTflite([CLASSIFIER], { version: 4 }), {}, { code: 'unsupported' }],
    [
      'weights that are not all there',
      classifier({ matrix: { shape: [5, 40], values: undefined }, mean: weights([1, 4]) }),
      {},
      { code: 'corrupt', message: expect.stringContaining("nothing makes 'matrix'") },
    ],
    [
      'a result that does not follow',
      classifier({ features: { shape: [1, 6, 8, 4] } }),
      {},
      { code: 'corrupt', message: "operator 0 (CONV_2D, 'features'): makes [1,3,4,4] for 'features', the file states [1,6,8,4]" },
    ],
    [
      'filters that do not fit',
      classifier({ filters: weights([4, 3, 3, 2]) }),
      {},
      {
        code: 'bad-input',
        message: expect.stringContaining("operator 0 (CONV_2D, 'features'): weights [4,3,3,2] do not fit 3 channels"),
      },
    ],
    [
      'an open size',
      classifier({ picture: { shape: [1, 1, 1, 3], signature: [-1, -1, -1, 3] } }),
      {},
      { code: 'bad-input', message: "input 'picture' leaves axes 1, 2 open", hint: expect.stringContaining('--shape picture=') },
    ],
    [
      'a batch that the file fixes',
      whole,
      { batch: 2 },
      { code: 'bad-input', message: expect.stringContaining("input 'picture' is fixed to [1,6,8,3]") },
    ],
    ['an input that is not there', whole, { shapes: { image: [1, 2] } }, { code: 'bad-input', hint: 'inputs: picture' }],
  ])('%s', async (_, file, options, expected) => {
    await expect(read(file, options)).rejects.toMatchObject({ name: 'HwcastError', ...expected });
  });

  it('cut anywhere, with an error of its own', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: whole.length - 8 }, (_, i) =>
        read(whole.subarray(0, 8 + i)).then(
          () => 'read',
          (error) => error.code ?? String(error),
        ),
      ),
    );
    expect([...new Set(outcomes)]).toEqual(['corrupt']);
  });

  it('damaged anywhere, or reads something', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: whole.length - 8 }, (_, i) => {
        const damaged = Uint8Array.from(whole);
        damaged[8 + i] ^= 0xff;
        return read(damaged).then(
          () => 'read',
          (error) => error.code ?? String(error),
        );
      }),
    );
    expect([...new Set(outcomes)].sort()).toEqual(['bad-input', 'corrupt', 'read', 'unsupported']);
  });
});

describe('operators of tfliteReader', () => {
  const PICTURE = { shape: [1, 4, 6, 8] };
  const sequence = { shape: [2, 5, 3] };
  const gates = (hidden: number, features: number, out = hidden) => ({
    ...Object.fromEntries(['i', 'f', 'c', 'o'].map((gate) => [`w${gate}`, weights([hidden, features])])),
    ...Object.fromEntries(['i', 'f', 'c', 'o'].map((gate) => [`r${gate}`, weights([hidden, out])])),
    ...Object.fromEntries(['i', 'f', 'c', 'o'].map((gate) => [`b${gate}`, weights([hidden])])),
  });
  const LSTM = ['x', 'wi', 'wf', 'wc', 'wo', 'ri', 'rf', 'rc', 'ro', '', '', '', 'bi', 'bf', 'bc', 'bo'];

  it.each<[string, Uint8Array, (string | number)[][], number]>([
    [
      'a grouped convolution',
      oneOperator('CONV_2D', { x: PICTURE, w: weights([4, 1, 1, 4]), y: { shape: [1, 4, 6, 4] } }),
      [['conv2d', 1, 4, 4, 6]],
      24 * 4 * 4,
    ],
    [
      'a transposed convolution',
      oneOperator(
        'TRANSPOSE_CONV',
        { size: ints(1, 8, 12, 2), w: weights([2, 3, 3, 8]), x: PICTURE, y: { shape: [1, 8, 12, 2] } },
        { options: { table: 'TransposeConvOptions', stride_w: 2, stride_h: 2 } },
      ),
      [['conv_transpose2d', 1, 2, 8, 12]],
      24 * 8 * 2 * 9,
    ],
    [
      "MediaPipe's transposed convolution",
      oneOperator('Convolution2DTransposeBias', {
        x: PICTURE,
        w: weights([2, 2, 2, 8]),
        b: weights([2]),
        y: { shape: [1, 8, 12, 2] },
      }),
      [['conv_transpose2d', 1, 2, 8, 12]],
      24 * 8 * 2 * 4,
    ],
    [
      'a convolution over volumes',
      oneOperator('CONV_3D', { x: { shape: [1, 2, 3, 4, 5] }, w: weights([1, 1, 1, 5, 6]), y: { shape: [1, 2, 3, 4, 6] } }),
      [['conv3d', 1, 6, 2, 3, 4]],
      24 * 30,
    ],
    [
      'a product of two activations',
      oneOperator(
        'BATCH_MATMUL',
        { x: { shape: [2, 3, 4] }, z: { shape: [2, 5, 4] }, y: { shape: [2, 3, 5] } },
        { options: { table: 'BatchMatMulOptions', adj_y: 1 } },
      ),
      [['matmul', 2, 3, 5]],
      2 * 15 * 4,
    ],
    [
      'a product with a learned matrix',
      oneOperator('BATCH_MATMUL', { x: { shape: [2, 3, 4] }, w: weights([4, 5]), y: { shape: [2, 3, 5] } }),
      [['linear', 2, 3, 5]],
      6 * 20,
    ],
    [
      'a sequence through an LSTM',
      oneOperator('UNIDIRECTIONAL_SEQUENCE_LSTM', { x: sequence, ...gates(4, 3), y: { shape: [2, 5, 4] } }, { inputs: LSTM }),
      [['lstm', 2, 5, 4]],
      10 * 4 * 4 * (3 + 4),
    ],
    [
      'one whose output is projected',
      oneOperator(
        'UNIDIRECTIONAL_SEQUENCE_LSTM',
        { x: sequence, ...gates(4, 3, 2), p: weights([2, 4]), y: { shape: [2, 5, 2] } },
        { inputs: [...LSTM, 'p'] },
      ),
      [['lstm', 2, 5, 2]],
      10 * (4 * 4 * (3 + 2) + 4 * 2),
    ],
    [
      'a step of a basic LSTM',
      oneOperator(
        'LSTM',
        {
          x: { shape: [2, 3] },
          before: { shape: [2, 4], variable: true },
          w: weights([16, 7]),
          b: weights([16]),
          state: { shape: [2, 4], variable: true },
          y: { shape: [2, 4] },
          y2: { shape: [2, 4] },
        },
        { options: { table: 'LSTMOptions', kernel_type: 1 } },
      ),
      [['lstm', 2, 1, 4]],
      2 * 16 * 7,
    ],
    [
      'a layer of rank-1 filters',
      oneOperator(
        'SVDF',
        {
          x: { shape: [1, 6] },
          w: weights([4, 6]),
          t: weights([4, 3]),
          b: weights([2]),
          state: { shape: [1, 12], variable: true },
          y: { shape: [1, 2] },
        },
        { options: { table: 'SVDFOptions', rank: 2, fused_activation_function: 1 } },
      ),
      [
        ['linear', 1, 4],
        ['concat', 1, 4, 3],
        ['conv1d', 1, 4, 1],
        ['reduce', 1, 2],
        ['add', 1, 2],
        ['relu', 1, 2],
      ],
      4 * 6 + 4 * 3,
    ],
  ])('%s', async (_, file, expected, macs) => {
    const model = await read(file);
    expect(working(model).map(({ op, shape }) => [op, ...shape])).toEqual(expected);
    expect(totalCost(model).macs).toBe(macs);
    expect(model.warnings).toEqual([]);
  });

  it.each<[string, Uint8Array, (string | number)[][]]>([
    [
      'a pool',
      oneOperator(
        'MAX_POOL_2D',
        { x: PICTURE, y: { shape: [1, 2, 3, 8] } },
        { options: { table: 'Pool2DOptions', padding: 1, stride_w: 2, stride_h: 2, filter_width: 2, filter_height: 2 } },
      ),
      [['max_pool2d', 1, 8, 2, 3]],
    ],
    [
      'a size',
      oneOperator('RESIZE_BILINEAR', { x: PICTURE, size: ints(8, 12), y: { shape: [1, 8, 12, 8] } }),
      [['resize', 1, 8, 8, 12]],
    ],
    [
      'blocks of places',
      oneOperator(
        'SPACE_TO_DEPTH',
        { x: PICTURE, y: { shape: [1, 2, 3, 32] } },
        { options: { table: 'BlockOptions', block_size: 2 } },
      ),
      [['space_to_depth', 1, 32, 2, 3]],
    ],
    ['slopes', oneOperator('PRELU', { x: PICTURE, a: weights([1, 1, 8]), y: PICTURE }), [['prelu', 1, 8, 4, 6]]],
    [
      'the root of a sum of squares',
      oneOperator('L2_NORMALIZATION', { x: { shape: [2, 8] }, y: { shape: [2, 8] } }),
      [
        ['reduce', 2, 1],
        ['div', 2, 8],
      ],
    ],
    [
      'rows of a table',
      oneOperator('GATHER', { table: weights([10, 4]), ids: { shape: [1, 3], type: 'INT32' }, y: { shape: [1, 3, 4] } }),
      [['embedding', 1, 3, 4]],
    ],
    [
      'parts',
      oneOperator('SPLIT', {
        axis: { shape: [], type: 'INT32', values: [3] },
        x: PICTURE,
        y: { shape: [1, 4, 6, 4] },
        y2: { shape: [1, 4, 6, 4] },
      }),
      [['split', 1, 4, 6, 4]],
    ],
    [
      'parts of sizes',
      oneOperator('SPLIT_V', {
        x: { shape: [2, 6] },
        sizes: ints(2, -1),
        axis: ints(1),
        y: { shape: [2, 2] },
        y2: { shape: [2, 4] },
      }),
      [['split', 2, 2]],
    ],
    [
      'layers of a stack',
      oneOperator(
        'UNPACK',
        { x: { shape: [2, 6] }, y: { shape: [6] }, y2: { shape: [6] } },
        { options: { table: 'UnpackOptions', num: 2 } },
      ),
      [['split', 1, 6]],
    ],
    [
      'a block from the end',
      oneOperator(
        'STRIDED_SLICE',
        { x: { shape: [4, 6] }, from: ints(-1, 1), to: ints(0, 0), step: ints(1, 2), y: { shape: [3] } },
        { options: { table: 'StridedSliceOptions', shrink_axis_mask: 1, end_mask: 2 } },
      ),
      [['slice', 1, 3]],
    ],
    [
      'an order',
      oneOperator('TRANSPOSE', { x: PICTURE, order: ints(0, 3, 1, 2), y: { shape: [1, 8, 4, 6] } }),
      [['transpose', 1, 8, 4, 6]],
    ],
    [
      'the largest',
      oneOperator('TOPK_V2', { x: { shape: [2, 9] }, k: ints(3), y: { shape: [2, 3] }, y2: { shape: [2, 3], type: 'INT32' } }),
      [['topk', 2, 3]],
    ],
    [
      'where it is',
      oneOperator('ARG_MAX', { x: { shape: [2, 9] }, axis: ints(1), y: { shape: [2], type: 'INT64' } }),
      [['argmax', 2]],
    ],
    [
      'a choice',
      oneOperator('SELECT_V2', {
        c: { shape: [2, 1], type: 'BOOL' },
        x: { shape: [2, 3] },
        z: { shape: [3] },
        y: { shape: [2, 3] },
      }),
      [['where', 2, 3]],
    ],
    [
      'a square of a difference',
      oneOperator('SQUARED_DIFFERENCE', { x: { shape: [2, 3] }, z: { shape: [2, 1] }, y: { shape: [2, 3] } }),
      [
        ['sub', 2, 3],
        ['square', 2, 3],
      ],
    ],
    ['integers', oneOperator('QUANTIZE', { x: PICTURE, y: { ...PICTURE, ...int8 } }), [['quantize', 1, 4, 6, 8]]],
    ['real numbers', oneOperator('DEQUANTIZE', { x: { ...PICTURE, ...int8 }, y: PICTURE }), [['dequantize', 1, 4, 6, 8]]],
    ['another type', oneOperator('CAST', { x: PICTURE, y: { ...PICTURE, type: 'INT32' } }), [['cast', 1, 4, 6, 8]]],
    ['repeats', oneOperator('TILE', { x: { shape: [2, 3] }, times: ints(2, 1), y: { shape: [4, 3] } }), [['tile', 4, 3]]],
    [
      'a broadcast',
      oneOperator('BROADCAST_TO', { x: { shape: [1, 3] }, size: ints(4, 3), y: { shape: [4, 3] } }),
      [['expand', 4, 3]],
    ],
    [
      'blocks of places in the batch',
      oneOperator('SPACE_TO_BATCH_ND', {
        x: PICTURE,
        block: ints(2, 2),
        pads: { shape: [2, 2], type: 'INT32', values: [0, 0, 0, 0] },
        y: { shape: [4, 2, 3, 8] },
      }),
      [['copy', 4, 2, 3, 8]],
    ],
    [
      'neighbouring channels',
      oneOperator('LOCAL_RESPONSE_NORMALIZATION', { x: PICTURE, y: PICTURE }),
      [['local_response_norm', 1, 8, 4, 6]],
    ],
  ])('%s', async (_, file, expected) => {
    expect(await made(file)).toEqual(expected);
  });

  it('knows numbers of the schema as TensorFlow has them', async () => {
    const { BUILTIN_OPERATORS, FIELDS, TENSOR_TYPES } = await import('../../../../src/graph/readers/tflite/tfliteSchema.js');
    expect(
      ['FULLY_CONNECTED', 'CUSTOM', 'SPLIT_V', 'BATCH_MATMUL', 'GELU', 'STABLEHLO_COMPOSITE'].map((n) =>
        BUILTIN_OPERATORS.indexOf(n),
      ),
    ).toEqual([9, 32, 102, 126, 150, 206]);
    expect([TENSOR_TYPES.indexOf('INT8'), TENSOR_TYPES.indexOf('INT4')]).toEqual([9, 17]);
    expect([
      FIELDS.Operator.get('builtin_options')?.number,
      FIELDS.Operator.get('builtin_options_2')?.number,
      FIELDS.Conv2DOptions.get('dilation_h_factor')?.number,
      FIELDS.Tensor.get('shape_signature')?.number,
    ]).toEqual([4, 12, 5, 7]);
  });
});
