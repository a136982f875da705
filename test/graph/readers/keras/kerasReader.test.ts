import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { readHlsDesign } from '../../../../src/fpga/readers/readHlsDesign.js';
import { kerasReader } from '../../../../src/graph/readers/keras/kerasReader.js';
import { SHARED } from '../../../shared.js';
import { readWith, totalCost, working } from '../readText.js';

type Layer = [className: string, config: Record<string, unknown>];
const sequential = (shape: (number | null)[], ...layers: Layer[]) =>
  JSON.stringify({
    class_name: 'Sequential',
    config: {
      name: 'net',
      layers: [['InputLayer', { name: 'in', batch_input_shape: [null, ...shape] }] as Layer, ...layers].map(
        ([class_name, config], i) => ({
          class_name,
          config: { name: `l${i}`, ...config },
        }),
      ),
    },
  });
const read = async (text: string | Uint8Array, options = {}) => (await readWith(kerasReader, text, options))[0];

describe('kerasReader', () => {
  it('costs a small network by hand, its activations as operators of their own', async () => {
    const model = await read(
      sequential(
        [8, 6, 3],
        ['Conv2D', { filters: 4, kernel_size: [3, 3], strides: [2, 2], padding: 'same', activation: 'relu' }],
        ['MaxPooling2D', { pool_size: [2, 2] }],
        ['Flatten', {}],
        ['Dense', { units: 5, activation: 'softmax', use_bias: false }],
      ),
    );
    expect(working(model).map(({ op, shape }) => [op, ...shape])).toEqual([
      ['conv2d', 1, 4, 4, 3],
      ['relu', 1, 4, 4, 3],
      ['max_pool2d', 1, 4, 2, 1],
      ['linear', 1, 5],
      ['softmax', 1, 5],
    ]);
    expect(totalCost(model)).toMatchObject({ macs: 12 * 4 * 27 + 8 * 5, params: 4 * 27 + 4 + 40 });
  });

  it.each<[string, (number | null)[], Layer, [string, ...number[]], number]>([
    [
      'a causal convolution',
      [10, 2],
      ['Conv1D', { filters: 3, kernel_size: [4], padding: 'causal', dilation_rate: [2] }],
      ['conv1d', 1, 3, 10],
      4 * 2 * 3 + 3,
    ],
    [
      'a depthwise convolution',
      [4, 4, 2],
      ['DepthwiseConv2D', { kernel_size: [3, 3], depth_multiplier: 2 }],
      ['conv2d', 1, 4, 2, 2],
      4 * 9 + 4,
    ],
    ['an LSTM, whose last state is given out', [7, 3], ['LSTM', { units: 5 }], ['lstm', 1, 7, 5], 4 * 5 * (3 + 5 + 1)],
    ['a layer that normalises by channel', [4, 4, 6], ['BatchNormalization', { axis: [3] }], ['batch_norm', 1, 6, 4, 4], 12],
    ['words', [9], ['Embedding', { input_dim: 100, output_dim: 8 }], ['embedding', 1, 9, 8], 800],
  ])('reads %s', async (_, shape, layer, [op, ...made], params) => {
    const model = await read(sequential(shape, layer));
    expect(working(model)[0]).toMatchObject({ op, shape: made });
    expect(totalCost(model).params).toBe(params);
  });

  it.each<[string, unknown, unknown]>([
    [
      '2',
      [[['a', 0, 0, {}]]],
      [
        [
          ['d', 0, 0, {}],
          ['a', 0, 0, {}],
        ],
      ],
    ],
    [
      '3',
      [{ args: [{ config: { keras_history: ['a', 0, 0] } }] }],
      [{ args: [[{ config: { keras_history: ['d', 0, 0] } }, { config: { keras_history: ['a', 0, 0] } }]] }],
    ],
  ])('follows the edges of a functional model of Keras %s', async (_, one, two) => {
    const model = await read(
      JSON.stringify({
        class_name: 'Functional',
        config: {
          name: 'branches',
          layers: [
            { class_name: 'InputLayer', name: 'a', config: { name: 'a', batch_shape: [null, 4] }, inbound_nodes: [] },
            { class_name: 'Add', name: 's', config: { name: 's' }, inbound_nodes: two },
            { class_name: 'Dense', name: 'd', config: { name: 'd', units: 4 }, inbound_nodes: one },
          ],
        },
      }),
      { batch: 3 },
    );
    expect(working(model).map(({ op, shape }) => [op, ...shape])).toEqual([
      ['linear', 3, 4],
      ['add', 3, 4],
    ]);
    expect(model.name).toBe('branches');
  });

  it('reads the configuration of a .keras archive', async () => {
    const archive = zipSync({ 'metadata.json': strToU8('{}'), 'config.json': strToU8(sequential([4], ['Dense', { units: 2 }])) });
    expect(kerasReader.detect(archive, 'x')).toBe('certain');
    expect(totalCost(await read(archive)).macs).toBe(8);
  });

  it('counts a layer that it does not know by its tensors', async () => {
    const model = await read(sequential([4], ['Mystery', {}]));
    expect(model.graph.nodes[1]).toMatchObject({ op: 'opaque', attrs: { kind: 'Mystery' } });
    expect(model.warnings).toEqual([expect.stringContaining('Mystery; 100.0 %')]);
    expect(model.graph.assumptions).toEqual([expect.stringContaining("'l1' (Mystery)")]);
  });

  it('asks for open sizes by input and flag', async () => {
    const text = sequential([null, null, 3], ['GlobalAveragePooling2D', {}]);
    await expect(read(text)).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringContaining("layer 'in'"),
      hint: expect.stringContaining('--shape in='),
    });
    expect((await read(text, { shapes: { in: [1, 5, 5, 3] } })).graph.nodes.at(-1)?.shape).toEqual([1, 3]);
  });

  it.each<[string, string | Uint8Array, Record<string, unknown>]>([
    ['cut JSON', sequential([4]).slice(0, 90), { code: 'corrupt' }],
    ['a cut archive', zipSync({ 'config.json': strToU8('{}') }).subarray(0, 40), { code: 'corrupt' }],
    [
      'an archive of something else',
      zipSync({ 'data.json': strToU8('{}') }),
      { code: 'unsupported', hint: expect.stringContaining('to_json') },
    ],
    ['a cut HDF5 file', new Uint8Array([0x89, 0x48, 0x44, 0x46, 13, 10, 26, 10, 0, 0]), { code: 'corrupt' }],
    [
      'a wrong setting',
      sequential([4], ['Dense', { units: 0 }]),
      { code: 'bad-input', message: expect.stringContaining("layer 'l1' (Dense)") },
    ],
  ])('refuses %s', async (_, content, expected) => {
    await expect(read(content)).rejects.toMatchObject(expected);
  });
});

const CASES = join(SHARED, 'data/fpga');
describe.skipIf(!existsSync(CASES))('real Keras files', () => {
  it('are read from .h5 and .keras, for graphs and for HLS designs', async () => {
    for (const file of ['iris_mlp_fixed.h5', 'keras_model.keras']) {
      const bytes = readFileSync(join(CASES, 'cases/keras-file-direct', file));
      const model = await read(bytes);
      expect(totalCost(model).macs).toBeGreaterThan(0);
      expect(model.warnings).toEqual([]);
      expect(readHlsDesign(bytes, file).layers.filter(({ kind }) => kind === 'dense').length).toBe(
        working(model).filter(({ op }) => op === 'linear').length,
      );
    }
  });

  it("are read whole from hls4ml's baselines", async () => {
    const folder = join(CASES, 'hls4ml_baselines');
    const files = readdirSync(folder).filter((f) => f.endsWith('.keras.json'));
    expect(files.length).toBeGreaterThan(40);
    const models = await Promise.all(files.map((f) => read(readFileSync(join(folder, f)))));
    expect(models.flatMap((m) => m.warnings)).toEqual([]);
  });
});
