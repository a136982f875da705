import type { Attrs } from '../operators/attributes.js';
import { type AtenCall, type AtenRule, type AtenTensor, operators, Unusable, weightsOf } from './atenCall.js';

/** One number for all axes, or one for each. */
const perAxis = (values: readonly number[], axes: number): number[] =>
  Array.from({ length: axes }, (_, i) => values[i] ?? values[0]);

/** A batch of images; programs may hold one image without its batch axis. */
function imageOf(call: AtenCall, weight: AtenTensor): AtenTensor {
  const x = call.tensor('input');
  const rank = weight.shape.length;
  if (call.outputs && x.shape.length === rank - 1) return { ...x, shape: [1, ...x.shape] };
  if (x.shape.length !== rank || rank < 3 || rank > 5) throw new Unusable(`convolution over ${x.shape.length - 2} axes`);
  return x;
}

function paddingOf(call: AtenCall, axes: number, kernel: readonly number[], dilation: readonly number[]): number[] {
  const mode = call.word('padding');
  if (mode === 'valid') return perAxis([0], axes);
  if (mode === 'same') return kernel.map((k, i) => (dilation[i] * (k - 1)) >> 1);
  return perAxis(call.numbers('padding', [0]), axes);
}

/** Attributes that every convolution has, in the order of canonical texts. */
function windowOf(
  call: AtenCall,
  weight: AtenTensor,
): { kernel: number[]; stride: number[]; padding: number[]; dilation: number[] } {
  const kernel = weight.shape.slice(2);
  const axes = kernel.length;
  const stride = perAxis(call.numbers('stride', [1]), axes);
  const dilation = perAxis(call.numbers('dilation', [1]), axes);
  return { kernel, stride, dilation, padding: paddingOf(call, axes, kernel, dilation) };
}

/** Convolution with a weight [Co, Ci / groups, ..]; transposed where the call says so. */
const convolution: AtenRule = (call) => {
  if (call.flag('transposed')) return transposed(call);
  const weight = call.tensor('weight');
  const x = imageOf(call, weight);
  const { kernel, stride, padding, dilation } = windowOf(call, weight);
  const groups = call.isGiven('groups') ? call.numbers('groups')[0] : x.shape[1] / weight.shape[1];
  const attrs: Attrs = {
    kernel,
    stride,
    padding,
    groups,
    outChannels: weight.shape[0],
    bias: call.has('bias') ? 1 : 0,
    ...(dilation.some((d) => d !== 1) ? { dilation } : {}),
  };
  return { op: `conv${kernel.length}d`, attrs, inputs: [x], weights: weightsOf(call, 'weight', 'bias') };
};

/** Transposed convolution with a weight [Ci, Co / groups, ..]. */
const transposed: AtenRule = (call) => {
  if (!call.outputs) throw new Unusable('transposed convolution');
  const weight = call.tensor('weight');
  const x = imageOf(call, weight);
  const { kernel, stride, padding, dilation } = windowOf(call, weight);
  const groups = call.numbers('groups', [1])[0];
  const outputPadding = perAxis(call.numbers('output_padding', [0]), kernel.length);
  return {
    op: `conv_transpose${kernel.length}d`,
    attrs: {
      kernel,
      stride,
      padding,
      groups,
      outChannels: weight.shape[1] * groups,
      bias: call.has('bias') ? 1 : 0,
      dilation,
      outputPadding,
    },
    inputs: [x],
    weights: weightsOf(call, 'weight', 'bias'),
  };
};

export const CONVOLUTIONS = {
  ...operators('conv1d conv2d conv3d cudnn_convolution_relu', 'input weight bias stride padding dilation groups', convolution),
  ...operators(
    'convolution _convolution',
    'input weight bias stride padding dilation transposed output_padding groups',
    convolution,
  ),
  ...operators('cudnn_convolution', 'input weight padding stride dilation groups', convolution),
  ...operators('miopen_convolution mkldnn_convolution', 'input weight bias padding stride dilation groups', convolution),
  ...operators('_conv_depthwise2d', 'input weight kernel_size bias stride padding dilation', convolution),
  ...operators(
    'conv_transpose1d conv_transpose2d conv_transpose3d',
    'input weight bias stride padding output_padding groups dilation',
    transposed,
  ),
};
