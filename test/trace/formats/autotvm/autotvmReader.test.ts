import { describe, expect, it } from 'vitest';
import { operatorText } from '../../../../src/graph/operatorText.js';
import { autotvmReader } from '../../../../src/trace/formats/autotvm/autotvmReader.js';
import { taskOperator } from '../../../../src/trace/formats/autotvm/taskOperator.js';
import { collect } from '../kineto/tinyTrace.js';
import { sourceOf } from '../sourceOf.js';

const tensor = (shape: number[], dtype = 'float32') => ['TENSOR', shape, dtype];
const text = (name: string, ...args: unknown[]): string => {
  const operator = taskOperator(name, args);
  return typeof operator === 'string' ? operator : operatorText(operator);
};
const X = tensor([1, 64, 56, 56]),
  W = tensor([128, 64, 3, 3]),
  CONV = 'op:conv2d/fp32/1x64x56x56/bias=0;groups=1;kernel=[3x3];outChannels=128;padding=[1x1];stride=[2x2]';

describe('taskOperator', () => {
  it.each([
    ['conv2d_nchw.cuda', [X, W, [2, 2], [1, 1, 1, 1], [1, 1], 'float32']],
    ['conv2d_nchw_winograd.cuda', [X, W, [2, 2], [1, 1], [1, 1], 'float32']],
    ['conv2d_nchw_spatial_pack.arm_cpu', [X, W, 2, 1, 1, 'float32']],
    ['topi_nn_conv2d', [X, W, [2, 2], [1, 1], 'NCHW', 'float32']],
    ['conv2d_NCHWc.x86', [X, W, [2, 2], [1, 1, 1, 1], [1, 1], 'NCHW', 'NCHW', 'float32']],
    [
      'conv2d_NCHWc.x86',
      [tensor([1, 4, 56, 56, 16]), tensor([4, 4, 3, 3, 16, 32]), [2, 2], [1, 1], [1, 1], 'NCHW16c', 'NCHW32c', 'float32'],
    ],
    [
      'conv2d_nhwc_spatial_pack.arm_cpu',
      [tensor([1, 56, 56, 64]), tensor([3, 3, 64, 128]), [2, 2], [1, 1, 1, 1], [1, 1], 'float32'],
    ],
  ])('%s is one convolution', (name, args) => expect(text(name, ...args)).toBe(CONV));

  it('knows depthwise, grouped and transposed convolutions, products and types', () => {
    expect(text('depthwise_conv2d_nchw.cuda', X, tensor([64, 2, 3, 3]), 1, [0, 0, 1, 1], [2, 2], 'float32')).toBe(
      'op:conv2d/fp32/1x64x56x56/bias=0;dilation=[2x2];groups=64;kernel=[3x3];outChannels=128;padding=[0x0x1x1];shape=[1x128x53x53];stride=[1x1]',
    );
    expect(text('group_conv2d_nchw.cuda', X, tensor([64, 16, 1, 1]), [1, 1], [0, 0], [1, 1], 4, 'float32')).toContain('groups=4');
    expect(text('conv2d_transpose_nchw.cuda', X, tensor([64, 32, 2, 2]), [2, 2], [0, 0, 0, 0], 'float32', [1, 1])).toBe(
      'op:conv_transpose2d/fp32/1x64x56x56/bias=0;groups=1;kernel=[2x2];outChannels=32;outputPadding=[1x1];padding=[0x0];stride=[2x2]',
    );
    expect(
      text('conv1d_transpose_nchw.cuda', tensor([1, 257, 128]), tensor([257, 1, 512]), [128], [256], 'float32', [0]),
    ).toMatch(/^op:conv_transpose1d\/fp32\/1x257x128\//);
    expect(text('dense_nopack.x86', tensor([8, 512]), tensor([1000, 512]), null, 'float32')).toBe(
      'op:linear/fp32/8x512/bias=0;outFeatures=1000',
    );
    expect(text('batch_matmul.cuda', tensor([12, 128, 64]), tensor([12, 96, 64]))).toBe(
      'op:matmul/fp32/12x128x64;12x96x64/transposeB=1',
    );
    expect(text('conv2d_int8.x86', tensor([1, 4, 8, 8], 'int8'), tensor([8, 4, 1, 1], 'int8'), 1, 0, 1, 'int32')).toBe(
      'op:conv2d/int32/1x4x8x8.int8/bias=0;computeDtype=int8;groups=1;kernel=[1x1];outChannels=8;padding=[0x0];stride=[1x1];weightDtype=int8',
    );
  });

  it('says why what it cannot know is no operator', () => {
    expect(text('correlation_nchw.cuda', X, W)).toBe('correlation_nchw.cuda: a template that is not read');
    expect(text('conv2d_nchw.cuda', X)).toBe('conv2d_nchw.cuda: fewer than two tensors');
    expect(text('conv2d_nchw.cuda', X, tensor([128, 32, 3, 3]), 1, 0, 1)).toBe('conv2d_nchw.cuda: filters of 32 channels on 64');
    expect(text('conv2d_nchw.cuda', X, tensor([128, 64, 99, 99]), 1, 0, 1)).toMatch(/^conv2d_nchw.cuda: .*99/);
    expect(text('dense.cuda', tensor([8, 4], 'custom[posit]'), tensor([2, 4]))).toBe(
      'dense.cuda: an element type that is not known',
    );
    expect(text('conv2d_HWNCnc_tensorcore.cuda', X, W, 1, 1, 1)).toBe(
      'conv2d_HWNCnc_tensorcore.cuda: an order of axes that is not read',
    );
  });
});

it('of the configurations of one operator the fastest counts, by target', async () => {
  const task = (target: string, name: string, costs: number[], error = 0) =>
    JSON.stringify({ input: [target, name, [X, W, [2, 2], [1, 1], [1, 1], 'float32'], {}], result: [costs, error, 1, 2] });
  const old = JSON.stringify({ i: ['llvm', 'topi_nn_dense', [tensor([1, 8]), tensor([4, 8])], {}], r: [[1e-6], 0, 1, 2] });
  const log = [
    task('cuda -model=v100', 'conv2d_nchw.cuda', [0.004, 0.002]),
    task('cuda -keys=cuda,gpu -model=v100', 'conv2d_nchw_winograd.cuda', [0.002]),
    task('opencl -device=mali -model=unknown', 'conv2d_nchw.cuda', [0.5]),
    task('cuda -model=v100', 'conv2d_nchw.cuda', [1e9], 4),
    '{"input": ["cuda", "x"',
    old,
  ];
  const records = await collect(autotvmReader.read(sourceOf(log.join('\n')), {}));
  expect(records.map((r) => (r.kind === 'operator' ? [r.device, r.latency] : r.kind === 'issue' && r.reason))).toEqual([
    'task left out: its measurement failed',
    'task left out: no JSON',
    ['cuda v100', 0.002],
    ['opencl mali', 0.5],
    ['llvm', 1e-6],
  ]);
});
