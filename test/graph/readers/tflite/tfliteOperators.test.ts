import { describe, expect, it } from 'vitest';
import { tfliteReader } from '../../../../src/graph/readers/tflite/tfliteReader.js';
import { readWith, totalCost, working } from '../readText.js';
import { int8, ints, oneOperator, weights } from './encodeTflite.js';

const read = async (file: Uint8Array) => (await readWith(tfliteReader, file, {}, 'net.tflite'))[0];
const made = async (file: Uint8Array) => working(await read(file)).map(({ op, shape }) => [op, ...shape]);

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
