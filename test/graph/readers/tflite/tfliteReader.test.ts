import { describe, expect, it } from 'vitest';
import type { ReadModelOptions } from '../../../../src/graph/readers/modelReader.js';
import { tfliteReader } from '../../../../src/graph/readers/tflite/tfliteReader.js';
import { readWith, totalCost, working } from '../readText.js';
import {
  classifier,
  encodeTflite,
  int8,
  ints,
  oneOperator,
  type TinySubgraph,
  type TinyTensor,
  weights,
} from './encodeTflite.js';

const read = async (file: Uint8Array, options: ReadModelOptions = {}) =>
  (await readWith(tfliteReader, file, options, 'net.tflite'))[0];

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

  it('turns weights when the network is loaded, and counts them where they are read', async () => {
    const file = encodeTflite([
      {
        tensors: { x: { shape: [2, 3] }, w: weights([3, 4]), order: ints(1, 0), turned: { shape: [4, 3] }, y: { shape: [2, 4] } },
        inputs: ['x'],
        outputs: ['y'],
        operators: [
          { code: 'TRANSPOSE', inputs: ['w', 'order'], outputs: ['turned'] },
          { code: 'FULLY_CONNECTED', inputs: ['x', 'turned', ''], outputs: ['y'] },
        ],
      },
    ]);
    const model = await read(file);
    expect(model.graph.nodes.map(({ op }) => op)).toEqual(['input', 'linear']);
    expect(totalCost(model)).toMatchObject({ macs: 24, params: 12 });
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

  it('takes the branch that is known, and says what is behind one that is not', async () => {
    const branch = (features: number): TinySubgraph => ({
      tensors: {
        x: { shape: [1, 4] },
        w: weights([features, 4]),
        v: weights([4, features]),
        h: { shape: [1, features] },
        y: { shape: [1, 4] },
      },
      inputs: ['x'],
      outputs: ['y'],
      operators: [
        { code: 'FULLY_CONNECTED', inputs: ['x', 'w', ''], outputs: ['h'] },
        { code: 'FULLY_CONNECTED', inputs: ['h', 'v', ''], outputs: ['y'] },
      ],
    });
    const main = (condition: TinyTensor): TinySubgraph => ({
      tensors: { c: condition, x: { shape: [1, 4] }, y: { shape: [1, 4] } },
      inputs: condition.values ? ['x'] : ['c', 'x'],
      outputs: ['y'],
      operators: [
        {
          code: 'IF',
          inputs: ['c', 'x'],
          outputs: ['y'],
          options: { table: 'IfOptions', then_subgraph_index: 1, else_subgraph_index: 2 },
        },
      ],
    });
    const known = await read(encodeTflite([main({ shape: [], type: 'BOOL', values: [0] }), branch(2), branch(8)]));
    expect(totalCost(known)).toMatchObject({ macs: 64, params: 64 });
    const open = await read(encodeTflite([main({ shape: [], type: 'BOOL' }), branch(2), branch(8)]));
    expect(open.warnings[0]).toBe('IF is not counted but by its tensors: 2 operators, 16 MACs or 2 operators, 64 MACs');
    expect(totalCost(open).macs).toBe(0);
  });

  it('names what it does not know and counts its bytes', async () => {
    const model = await read(oneOperator('TFLite_Detection_PostProcess', { x: { shape: [1, 10, 4] }, y: { shape: [1, 5, 4] } }));
    expect(model.warnings).toEqual([
      'not known: TFLite_Detection_PostProcess; 100.0 % of all bytes are theirs, their arithmetic is not counted',
    ]);
    expect(totalCost(model)).toMatchObject({ bytesIn: 160, bytesOut: 80 });
  });

  it('says which shapes it had to take as the file has them', async () => {
    const file = oneOperator('NON_MAX_SUPPRESSION_V4', {
      boxes: { shape: [10, 4] },
      yKept: { shape: [1], type: 'INT32', signature: [-1] },
      yCount: { shape: [], type: 'INT32' },
    });
    const model = await read(file);
    expect(working(model).map(({ op, shape }) => [op, ...shape])).toEqual([['opaque', 1], ['opaque']]);
    expect(model.graph.assumptions).toEqual([
      "the shape of 'yKept' (NON_MAX_SUPPRESSION_V4) is not known before it runs and taken as [1]",
    ]);
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
