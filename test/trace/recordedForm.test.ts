import { describe, expect, it } from 'vitest';
import { operatorText, parseOperatorText } from '../../src/graph/operatorText.js';
import { recordedForm } from '../../src/trace/recordedForm.js';

const form = (text: string): string => operatorText(recordedForm(parseOperatorText(text)));

describe('recordedForm', () => {
  it.each([
    [
      'op:conv2d/fp32/1x3x8x8/bias=1;dilation=[1x1];groups=1;kernel=[3x3];outChannels=4;padding=[1x1x1x1];stride=[2x2]',
      'op:conv2d/fp32/1x3x8x8/bias=1;groups=1;kernel=[3x3];outChannels=4;padding=[1x1];stride=[2x2]',
    ],
    [
      'op:conv2d/fp32/1x3x8x8/bias=0;dilation=[2x2];groups=1;kernel=[3x3];outChannels=4;padding=[0x0x1x1];stride=[1x1]',
      'op:conv2d/fp32/1x3x8x8/bias=0;dilation=[2x2];groups=1;kernel=[3x3];outChannels=4;padding=[0x0x1x1];stride=[1x1]',
    ],
    [
      'op:max_pool2d/fp32/1x3x8x8/ceilMode=0;dilation=[1x1];kernel=[2x2];padding=0;stride=[2x2]',
      'op:max_pool2d/fp32/1x3x8x8/kernel=[2x2];padding=[0x0];stride=[2x2]',
    ],
    ['op:softmax/fp32/2x5/axis=-1', 'op:softmax/fp32/2x5/'],
    ['op:softmax/fp32/2x5/axis=0', 'op:softmax/fp32/2x5/axis=0'],
    ['op:matmul/fp32/2x4x8;2x8x4/', 'op:matmul/fp32/2x4x8;2x8x4/transposeB=0'],
  ])('%s', (text, expected) => expect(form(text)).toBe(operatorText(parseOperatorText(expected))));
});
