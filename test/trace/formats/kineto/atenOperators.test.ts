import { describe, expect, it } from 'vitest';
import type { MappedOp } from '../../../../src/graph/operatorText.js';
import { isMapped, mapOperator } from '../../../../src/trace/formats/kineto/atenOperators.js';

const event = (name: string, dims: unknown[] | null, types: string[], concrete: string[] | null = null) => ({
  name,
  thread: '1/1',
  start: 0,
  end: 1,
  externalId: 1,
  dims: dims as never,
  types,
  concrete,
});
const map = (name: string, dims: unknown[], types: string[], concrete?: string[]): MappedOp => {
  const mapped = mapOperator(event(name, dims, types, concrete ?? null));
  if (typeof mapped === 'string') throw new Error(mapped);
  return mapped;
};
const F = 'float',
  B = 'c10::BFloat16',
  L = 'ScalarList',
  S = 'Scalar';

describe('mapOperator', () => {
  it('reads stride, padding and groups of each kind of convolution', () => {
    const x = [1, 32, 14, 14],
      w = [64, 1, 3, 3];
    const attrs = { kernel: [3, 3], stride: [2, 2], padding: [1, 1], groups: 32, outChannels: 64, bias: 0 };
    const expected = { op: 'conv2d', attrs, inputs: [{ shape: x, dtype: 'fp32' }], shape: [1, 64, 7, 7], dtype: 'fp32' };
    expect(
      map('aten::conv2d', [x, w, [], [], [], [], []], [F, F, '', L, L, L, S], ['', '', '', '[2, 2]', '[1, 1]', '[1, 1]', '32']),
    ).toEqual(expected);
    expect(
      map(
        'aten::convolution',
        [x, w, [], [], [], [], [], [], []],
        [F, F, '', L, L, L, S, L, S],
        ['', '', '', '[2, 2]', '[1, 1]', '[1, 1]', 'False', '[0, 0]', '32'],
      ),
    ).toEqual(expected);
    expect(
      map(
        'aten::cudnn_convolution',
        [x, w, [], [], [], [], [], [], []],
        [F, F, L, L, L, S, S, S, S],
        ['', '', '[1, 1]', '[2, 2]', '[1, 1]', '32', 'False', 'False', 'True'],
      ),
    ).toEqual(expected);
    expect(
      map(
        'aten::miopen_convolution',
        [x, w, [64], [], [], [], []],
        [F, F, F, L, L, L, S],
        ['', '', '', '[1, 1]', '[2, 2]', '[1, 1]', '32'],
      ),
    ).toEqual({ ...expected, attrs: { ...attrs, bias: 1 } });
    expect(
      map(
        'aten::_conv_depthwise2d',
        [x, [32, 1, 3, 3], [], [], [], [], []],
        [F, F, L, '', L, L, L],
        ['', '', '[3, 3]', '', '[1, 1]', '[1, 1]', '[1, 1]'],
      ),
    ).toMatchObject({ attrs: { groups: 32 }, shape: x });
  });

  it('takes a 1-D convolution as one of height 1, keeps dilation, reads "same"', () => {
    expect(
      map('aten::conv1d', [[1, 8, 128], [8, 1, 4], [8]], [B, B, B, L, L, L, S], ['', '', '', '[1]', '[3]', '[1]', '8']),
    ).toMatchObject({
      attrs: { kernel: [1, 4], stride: [1, 1], padding: [0, 3], groups: 8, bias: 1 },
      shape: [1, 8, 1, 131],
      dtype: 'bf16',
      inputs: [{ shape: [1, 8, 1, 128] }],
    });
    const dilated = map(
      'aten::conv2d',
      [
        [1, 4, 9, 9],
        [4, 4, 3, 3],
      ],
      [F, F, '', L, L, L, S],
      ['', '', '', '[1, 1]', 'same', '[2, 2]', '1'],
    );
    expect(dilated).toMatchObject({ attrs: { dilation: [2, 2], padding: [2, 2] }, shape: [1, 4, 9, 9] });
  });

  it('tells products with weights from products of activations', () => {
    expect(map('aten::linear', [[8, 128, 64], [256, 64], [256]], [F, F, F])).toMatchObject({
      op: 'linear',
      attrs: { outFeatures: 256, bias: 1 },
      shape: [8, 128, 256],
    });
    expect(map('aten::addmm', [[256], [128, 64], [64, 256], [], []], [F, F, F, S, S])).toMatchObject({
      op: 'linear',
      attrs: { outFeatures: 256, bias: 1 },
      inputs: [{ shape: [128, 64] }],
      shape: [128, 256],
    });
    expect(
      map(
        'aten::bmm',
        [
          [12, 128, 64],
          [12, 64, 128],
        ],
        [F, F],
      ),
    ).toMatchObject({ op: 'matmul', shape: [12, 128, 128] });
    expect(
      map(
        'aten::baddbmm',
        [
          [12, 2, 3],
          [12, 2, 4],
          [12, 4, 3],
        ],
        [F, F, F],
      ),
    ).toMatchObject({ op: 'matmul', shape: [12, 2, 3] });
    expect(mapOperator(event('aten::mv', [[3, 4], [4]], [F, F]))).toMatchObject({ op: 'opaque', attrs: { kind: 'aten::mv' } });
    expect(mapOperator(event('aten::matmul', [[3, 4], [4]], [F, F]))).toBe('product with a vector');
  });

  it('reads attention, its key length and mask', () => {
    const q = [2, 8, 1, 64],
      k = [2, 2, 512, 64];
    expect(
      map(
        'aten::scaled_dot_product_attention',
        [q, k, k, [], [], [], [], []],
        [B, B, B, '', S, S, S, S],
        ['', '', '', '', '0.', 'True', '', 'False'],
      ),
    ).toMatchObject({
      op: 'attention',
      attrs: { heads: 8, kvHeads: 2, headDim: 64, kvLength: 512, causal: 1 },
      shape: q,
      dtype: 'bf16',
    });
    expect(
      map(
        'aten::_scaled_dot_product_cudnn_attention',
        [q, k, k, [], [], [], []],
        [B, B, B, '', S, S, S],
        ['', '', '', '', 'False', '0.', 'False'],
      ),
    ).toMatchObject({ attrs: { causal: 0 } });
  });

  it('maps pools, reductions, lookups, data movement', () => {
    const x = [1, 8, 7, 7];
    expect(map('aten::max_pool2d', [x], [F, L, L, L, L, S], ['', '[3, 3]', '[2, 2]', '[1, 1]', '[1, 1]', 'False']).shape).toEqual(
      [1, 8, 4, 4],
    );
    expect(map('aten::avg_pool2d', [x], [F, L, L, L, S], ['', '[2, 2]', '[]', '[0, 0]', 'True']).shape).toEqual([1, 8, 4, 4]);
    expect(map('aten::adaptive_avg_pool2d', [x, []], [F, L], ['', '[1, 1]'])).toMatchObject({
      op: 'global_avg_pool',
      shape: [1, 8, 1, 1],
    });
    expect(map('aten::mean', [x, [], [], []], [F, L, S, ''], ['', '[-1, -2]', 'True', ''])).toMatchObject({
      op: 'global_avg_pool',
    });
    expect(map('aten::mean', [x, [], [], []], [F, L, S, ''], ['', '[1]', 'False', ''])).toMatchObject({
      op: 'reduce',
      attrs: { axis: [1] },
      shape: [1, 7, 7],
    });
    expect(map('aten::sum', [x, []], [F, ''], ['', ''])).toMatchObject({ op: 'reduce', shape: [] });
    expect(map('aten::embedding', [[100, 16], [2, 5], []], [B, 'long int', S])).toMatchObject({
      op: 'embedding',
      attrs: { rows: 100, dim: 16 },
      shape: [2, 5, 16],
      dtype: 'bf16',
      inputs: [{ dtype: 'int64' }],
    });
    expect(map('aten::copy_', [[4, 4], [4, 4], []], [B, F, S])).toMatchObject({
      op: 'copy',
      dtype: 'bf16',
      inputs: [{ dtype: 'fp32' }],
    });
    expect(map('aten::constant_pad_nd', [[2, 3, 4], []], [F, L, S], ['', '[1, 2, 0, 5]', '0.'])).toMatchObject({
      op: 'pad',
      shape: [2, 8, 7],
    });
    expect(map('aten::index_select', [[100, 16], [], [7]], [F, S, 'long int'], ['', '0', ''])).toMatchObject({
      op: 'gather',
      shape: [7, 16],
    });
    expect(map('aten::group_norm', [x], [F])).toMatchObject({ op: 'opaque', attrs: { kind: 'aten::group_norm' }, shape: x });
  });

  it('broadcasts elementwise operators and leaves scalars out', () => {
    expect(map('aten::add_', [[2, 8, 4, 4], [8, 1, 1], []], [F, F, S])).toMatchObject({ op: 'add', shape: [2, 8, 4, 4] });
    expect(map('aten::mul', [[2, 3], []], ['long int', S])).toMatchObject({
      op: 'mul',
      inputs: [{ shape: [2, 3] }],
      dtype: 'int64',
    });
    expect(
      map(
        'aten::mul',
        [
          [2, 3],
          [2, 3],
        ],
        [B, F],
      ).dtype,
    ).toBe('fp32');
  });

  it('asks for the element type of a tensor list', () => {
    const cat = event('aten::cat', [[[0], [1, 2, 3], [1, 4, 3]], []], ['TensorList', S], ['', '-2']);
    expect(mapOperator(cat)).toBe('element type of a tensor list is not recorded');
    const shapes: number[][] = [];
    expect(
      mapOperator(cat, (s) => {
        shapes.push(...s);
        return 'fp16';
      }),
    ).toMatchObject({ op: 'concat', attrs: { axis: 1 }, shape: [1, 6, 3], dtype: 'fp16' });
    expect(shapes).toEqual([
      [1, 2, 3],
      [1, 4, 3],
      [1, 6, 3],
    ]);
  });

  it('says why an operator cannot be used', () => {
    const reason = (...args: Parameters<typeof event>) => mapOperator(event(...args));
    expect(reason('aten::relu', null, [])).toBe('no input shapes: profile with record_shapes=True');
    expect(
      reason(
        'aten::conv2d',
        [
          [1, 3, 8, 8],
          [4, 3, 3, 3],
        ],
        [F, F],
      ),
    ).toBe('no stride: the trace has no Concrete Inputs (older PyTorch)');
    expect(
      reason(
        'aten::conv2d',
        [
          [3, 8, 8],
          [4, 3, 3, 3],
        ],
        [F, F],
        ['', '', '', '[1, 1]', '[1, 1]', '[1, 1]', '1'],
      ),
    ).toBe('convolution over 1 axes');
    expect(
      reason(
        'aten::convolution',
        [
          [1, 3, 8, 8],
          [4, 3, 3, 3],
        ],
        [F, F],
        ['', '', '', '', '', '', 'True'],
      ),
    ).toBe('transposed convolution');
    expect(reason('aten::relu', [[2]], ['c10::complex<float>'])).toBe(
      "argument 1 is no tensor hwcast knows (type 'c10::complex<float>')",
    );
    expect(
      reason(
        'aten::bmm',
        [
          [1, 2, 3],
          [1, 4, 5],
        ],
        [F, F],
      ),
    ).toBe('matmul: inner sizes differ');
    expect(reason('aten::add', [[], []], [F, F])).toBe('no tensor with an axis among its arguments');
  });

  it('keeps names of operators only, no text of the user', () => {
    expect(map('mylib::fused_thing', [[2]], [F]).attrs.kind).toBe('mylib::fused_thing');
    expect(map('triton_poi_fused_relu_0', [[2]], [F]).attrs.kind).toBe('triton_poi_fused_relu_0');
    expect(map('serve request of alice@host', [[2]], [F]).attrs.kind).toBe('other');
  });

  it('knows in-place variants', () => {
    expect(isMapped('aten::relu_')).toBe(true);
    expect(isMapped('relu')).toBe(false);
    // the table knows it, but its work belongs to what it calls
    expect(isMapped('aten::reshape')).toBe(false);
  });
});
