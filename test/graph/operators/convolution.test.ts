import { describe, expect, it } from 'vitest';
import { costOf, refusal } from './costOf.js';

describe('convolutions', () => {
  it('conv2d: one number or a list, padding of each side, dilation', () => {
    const pairs = costOf('conv2d', [[1, 4, 9, 9]], { kernel: [3, 3], stride: [1, 1], padding: [1, 1], outChannels: 8, bias: 1 });
    expect(costOf('conv2d', [[1, 4, 9, 9]], { kernel: 3, stride: 1, padding: 1, outChannels: 8, bias: 1 })).toEqual(pairs);
    expect(pairs).toMatchObject({ shape: [1, 8, 9, 9], macs: 8 * 81 * 4 * 9, params: 8 * 36 + 8 });
    expect(pairs.flops).toBe(2 * pairs.macs + 8 * 81);
    // before: 0 above, 1 left; after: 2 below, 0 right
    expect(costOf('conv2d', [[1, 4, 9, 9]], { kernel: 3, padding: [0, 1, 2, 0], outChannels: 8 }).shape).toEqual([1, 8, 9, 8]);
    // a kernel of 3 two apart reaches over 5
    const dilated = costOf('conv2d', [[1, 4, 9, 9]], { kernel: 3, dilation: 2, outChannels: 8 });
    expect(dilated).toMatchObject({ shape: [1, 8, 5, 5], macs: 8 * 25 * 36, params: 8 * 36 });
  });

  it("'same' gives ceil(size / stride), the odd place behind", () => {
    expect(costOf('conv2d', [[1, 3, 224, 225]], { kernel: 3, stride: 2, padding: 'same', outChannels: 8 }).shape).toEqual([
      1, 8, 112, 113,
    ]);
    expect(costOf('conv2d', [[1, 3, 8, 8]], { kernel: 4, padding: 'valid', outChannels: 8 }).shape).toEqual([1, 8, 5, 5]);
  });

  it('conv1d and conv3d count one and three axes', () => {
    expect(costOf('conv1d', [[2, 16, 100]], { kernel: 5, padding: 2, groups: 4, outChannels: 32 })).toMatchObject({
      shape: [2, 32, 100],
      macs: 2 * 32 * 100 * (16 / 4) * 5,
      params: 32 * 4 * 5,
    });
    expect(costOf('conv3d', [[1, 3, 8, 16, 16]], { kernel: [3, 1, 1], padding: [1, 0, 0], outChannels: 4 })).toMatchObject({
      shape: [1, 4, 8, 16, 16],
      macs: 4 * 8 * 256 * 3 * 3,
      params: 4 * 3 * 3,
    });
  });

  it('transposed: every input element is spread over a window', () => {
    // (7 - 1) 2 - 2 + (3 - 1) + 1 + 1 = 14
    const up = costOf('conv_transpose2d', [[1, 8, 7, 7]], {
      kernel: 3,
      stride: 2,
      padding: 1,
      outputPadding: 1,
      outChannels: 4,
      bias: 1,
    });
    expect(up).toMatchObject({ shape: [1, 4, 14, 14], macs: 8 * 49 * 4 * 9, params: 8 * 4 * 9 + 4 });
    expect(costOf('conv_transpose1d', [[1, 2, 5]], { kernel: 4, stride: 4, outChannels: 3 }).shape).toEqual([1, 3, 20]);
  });

  it('weights may have a type of their own', () => {
    const attrs = { kernel: 1, outChannels: 8, weightDtype: 'int8' };
    expect(costOf('conv2d', [[1, 4, 2, 2]], attrs, 'fp16')).toMatchObject({ bytesWeights: 32, bytesResident: 32, bytesIn: 32 });
    expect(costOf('linear', [[1, 64]], { outFeatures: 32, weightDtype: 'int4' }, 'bf16').bytesWeights).toBe((64 * 32) / 2);
  });

  it('says which attribute is missing, unknown or wrong', () => {
    const takes =
      'it takes kernel, stride, padding, dilation, groups, outChannels, bias, foldedNorm, weightDtype, computeDtype, params, shape';
    expect(refusal('conv2d', [[1, 4, 9, 9]], { outChannels: 8 })).toBe(
      `bad-input: conv2d: needs attrs.kernel (inputs [1,4,9,9])\n  ${takes}`,
    );
    expect(refusal('conv2d', [[1, 4, 9, 9]], { outChannels: 8, kernal: 3, kernel: 3 })).toBe(
      `bad-input: conv2d: has no attribute 'kernal' (inputs [1,4,9,9])\n  did you mean kernel? ${takes}`,
    );
    expect(refusal('conv2d', [[1, 4, 9, 9]], { outChannels: 8, kernel: [3, 3, 3] })).toContain(
      'attrs.kernel must be one whole number of at least 1, or 2 of them, not [3,3,3]',
    );
    expect(refusal('conv2d', [[1, 4, 9, 9]], { outChannels: 0, kernel: 3 })).toContain(
      'attrs.outChannels must be a whole number of at least 1, not 0',
    );
    expect(refusal('conv2d', [[1, 4, 9, 9]], { outChannels: 8, kernel: 3, padding: 'full' })).toContain(
      "attrs.padding must be one whole number, 2 or 4 of them, 'same' or 'valid', not \"full\"",
    );
    expect(refusal('conv2d', [[1, 4, 9, 9]], { outChannels: 8, kernel: 3, bias: 2 })).toContain(
      'attrs.bias must be 0 or 1, not 2',
    );
    expect(refusal('conv2d', [[1, 4, 9, 9], [8]], { outChannels: 8, kernel: 3 })).toContain('takes 1 input, has 2');
    expect(refusal('conv3d', [[1, 4, 9, 9]], { outChannels: 8, kernel: 3 })).toContain('needs an [N, C, D, H, W] input');
  });
});
