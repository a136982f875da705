import { describe, expect, it } from 'vitest';
import { ncnnReader } from '../../../../src/graph/readers/ncnn/ncnnReader.js';
import { readWith, totalCost, working } from '../readText.js';

const param = (...layers: string[]) => `7767517\n${layers.length} ${layers.length}\n${layers.join('\n')}\n`;
const PICTURE = 'Input data 0 1 data 0=8 1=6 2=3';
const read = async (layers: string[], options = {}) => (await readWith(ncnnReader, param(...layers), options))[0];
/** What layers behind the picture [1, 3, 6, 8] make of it. */
const made = async (...layers: string[]) => {
  const model = await read([PICTURE, ...layers]);
  return working(model).map(({ op, shape }) => [op, ...shape]);
};

describe('ncnnReader', () => {
  it('knows a .param file by its number', () => {
    expect(ncnnReader.detect(Buffer.from(param(PICTURE)), 'x')).toBe('certain');
    expect(ncnnReader.detect(Buffer.from('7767518\n1 1\n'), 'x.param')).toBeUndefined();
  });

  it('costs a convolution with its activation by hand', async () => {
    const model = await read([PICTURE, 'Convolution conv 1 1 data y 0=4 1=3 3=2 4=1 5=1 6=108 9=1']);
    expect(working(model).map(({ op, shape }) => [op, ...shape])).toEqual([
      ['conv2d', 1, 4, 3, 4],
      ['relu', 1, 4, 3, 4],
    ]);
    // 4 channels x 3 x 4 places x 3 x 3 x 3 inputs; 4 x 27 weights and 4 biases; a sum and a maximum for each of 48 results
    expect(totalCost(model)).toMatchObject({ macs: 4 * 12 * 27, params: 112, flops: 2 * 4 * 12 * 27 + 48 + 48 });
    expect(model).toMatchObject({ warnings: [], graph: { outputs: [model.graph.nodes[2].id] } });
  });

  it.each<[string, string[], (string | number)[][]]>([
    ['a depthwise convolution', ['ConvolutionDepthWise d 1 1 data y 0=3 1=3 4=1 6=27 7=3'], [['conv2d', 1, 3, 6, 8]]],
    ['padding worked out (-233)', ['Convolution c 1 1 data y 0=2 1=3 3=2 4=-233 6=54'], [['conv2d', 1, 2, 3, 4]]],
    ['a deconvolution', ['Deconvolution d 1 1 data y 0=2 1=4 3=2 4=1 6=96'], [['conv_transpose2d', 1, 2, 12, 16]]],
    ['a pool that rounds up', ['Pooling p 1 1 data y 0=0 1=3 2=2'], [['max_pool2d', 1, 3, 3, 4]]],
    ['a pool that rounds down', ['Pooling p 1 1 data y 0=0 1=3 2=2 5=1'], [['max_pool2d', 1, 3, 2, 3]]],
    [
      'a global pool, which leaves a vector',
      ['Pooling p 1 1 data y 0=1 4=1', 'ReLU r 1 1 y z'],
      [
        ['global_avg_pool', 1, 3, 1, 1],
        ['relu', 1, 3],
      ],
    ],
    ['a fully connected layer over all elements', ['InnerProduct i 1 1 data y 0=5 1=1 2=720'], [['linear', 1, 5]]],
    [
      'slices that share what is left',
      ['Slice s 1 2 data a b -23300=2,1,-233', 'ReLU r 1 1 b c'],
      [
        ['split', 1, 1, 6, 8],
        ['relu', 1, 2, 6, 8],
      ],
    ],
    ['a permutation "h w c"', ['Permute p 1 1 data y 0=1'], [['transpose', 1, 3, 8, 6]]],
    ['a permutation "c w h"', ['Permute p 1 1 data y 0=3'], [['transpose', 1, 6, 8, 3]]],
    ['a crop by starts and ends', ['Crop c 1 1 data y -23309=1,1 -23310=1,-233 -23311=1,2'], [['slice', 1, 3, 6, 7]]],
    ['a crop by offset and size', ['Crop c 1 1 data y 2=1 3=8 4=6 5=2'], [['slice', 1, 2, 6, 8]]],
    ['a mean over places', ['Reduction r 1 1 data y 0=3 1=0 -23303=2,1,2 4=1 5=1'], [['reduce', 1, 3, 1, 1]]],
    ['a resize by a factor', ['Interp i 1 1 data y 0=1 1=2.0 2=2.0'], [['resize', 1, 3, 12, 16]]],
    ['zeros around', ['Padding p 1 1 data y 0=1 1=2 2=1 3=2 8=1'], [['pad', 1, 4, 9, 11]]],
    ['a vector added to channels', ['MemoryData m 0 1 v 0=3', 'BinaryOp b 2 1 data v y 0=0'], [['add', 1, 3, 6, 8]]],
  ])('reads %s', async (_, layers, expected) => {
    expect(await made(...layers)).toEqual(expected);
  });

  it('multiplies rows by learned matrices and attends over a cache', async () => {
    const model = await read(
      [
        'Input x 0 1 x',
        'Input m 0 1 m',
        'Input kv 0 2 cache_k0 cache_v0',
        'Gemm g 1 1 x q 10=-1 3=1 5=1 6=1 8=8 9=8',
        'Reshape r 1 1 q h 0=4 1=2 2=-1',
        'Permute p 1 1 h q2 0=2',
        'Split s 1 3 q2 a b c',
        'SDPA s 6 3 a b c m cache_k0 cache_v0 y k v 5=1 7=1',
      ],
      { shapes: { x: [1, 3, 8], m: [1, 3, 10], kv: [1, 2, 7, 4] } },
    );
    const attention = model.graph.nodes.find(({ op }) => op === 'attention')!;
    expect(attention.shape).toEqual([1, 2, 3, 4]);
    // 3 rows x 8 x 8, then 2 heads x 3 queries x (7 cached + 3) keys x (4 + 4)
    expect(totalCost(model).macs).toBe(3 * 64 + 2 * 3 * 10 * 8);
  });

  it('reads int8 layers as int8 work of the same size', async () => {
    const layer = 'Convolution c 1 1 data y 0=4 1=1 5=1 6=12';
    const [real, quantized] = [await read([PICTURE, layer]), await read([PICTURE, `${layer} 8=102`])];
    expect(totalCost(quantized).macs).toBe(totalCost(real).macs);
    expect(quantized.graph.nodes[1]).toMatchObject({ dtype: 'int8', attrs: { weightDtype: 'int8', computeDtype: 'int8' } });
  });

  it('names inputs without a shape and the flag', async () => {
    const layers = ['Input in0 0 1 in0', 'ReLU r 1 1 in0 y'];
    await expect(read(layers)).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringContaining("'in0'"),
      hint: expect.stringContaining('--shape in0='),
    });
    expect((await read(layers, { shapes: { in0: [1, 2, 4, 4] } })).graph.nodes[1].shape).toEqual([1, 2, 4, 4]);
  });

  it('repeats the batch through the network', async () => {
    const model = await read([PICTURE, 'MemoryData m 0 1 v 0=8 1=6 2=1', 'Concat c 2 1 data v y 0=0'], { batch: 2 });
    expect(working(model).at(-1)).toMatchObject({ op: 'concat', shape: [2, 4, 6, 8] });
  });

  it('counts a type that it does not know by its tensors, and says so', async () => {
    const model = await read([PICTURE, 'Mystery m 1 1 data y -23330=4,3,4,3,2', 'ReLU r 1 1 y z']);
    expect(model.graph.nodes[1]).toMatchObject({ op: 'opaque', attrs: { kind: 'Mystery' }, shape: [1, 2, 3, 4] });
    // (144 + 24) x 4 bytes are its, 48 x 4 the relu's
    expect(model.warnings).toEqual([expect.stringContaining('not known: Mystery; 77.8 % of all bytes')]);
  });

  it.each<[string, string, Record<string, unknown>]>([
    [
      'a cut file',
      param(PICTURE, 'ReLU r 1 1 data y').split('\n').slice(0, 3).join('\n'),
      { code: 'corrupt', message: expect.stringContaining('line 3') },
    ],
    ['a line cut in two', param(PICTURE, 'ReLU r 1'), { code: 'corrupt', message: expect.stringContaining('line 4') }],
    [
      'a damaged setting',
      param(PICTURE, 'ReLU r 1 1 data y 0==1'),
      { code: 'corrupt', message: expect.stringContaining('line 4') },
    ],
    [
      'a blob from nowhere',
      param(PICTURE, 'ReLU r 1 1 dat y'),
      { code: 'bad-input', message: expect.stringContaining("line 4, layer 'r' (ReLU): reads 'dat'") },
    ],
    [
      'a shape that the weights are not for',
      param(PICTURE, 'Convolution c 1 1 data y 0=4 1=1 6=16'),
      { code: 'bad-input', message: expect.stringContaining('holds 16 weights, of its input [1,3,6,8] it would need 12') },
    ],
    [
      'the file that PNNX writes beside it',
      param('pnnx.Input in0 0 1 0'),
      { code: 'unsupported', hint: expect.stringContaining('.ncnn.param') },
    ],
  ])('refuses %s', async (_, text, expected) => {
    await expect(readWith(ncnnReader, text)).rejects.toMatchObject(expected);
  });
});
