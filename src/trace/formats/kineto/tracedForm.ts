import { type AtenTensor, type Made, Unusable } from '../../../graph/aten/atenCall.js';

/**
 * Operators that device work is attributed to: those that frameworks call as a whole. What only calls one of them, or moves a view, is left out.
 */
const TRACED = new Set(
  `conv1d conv2d cudnn_convolution_relu convolution _convolution cudnn_convolution miopen_convolution mkldnn_convolution _conv_depthwise2d
  linear addmm _addmm_activation _scaled_mm mm bmm matmul baddbmm _int_mm scaled_dot_product_attention _scaled_dot_product_flash_attention
  _scaled_dot_product_efficient_attention _scaled_dot_product_cudnn_attention _scaled_dot_product_flash_attention_for_cpu layer_norm
  native_layer_norm rms_norm _fused_rms_norm batch_norm native_batch_norm cudnn_batch_norm miopen_batch_norm _batch_norm_impl_index group_norm
  native_group_norm softmax _softmax log_softmax _log_softmax relu relu6 hardtanh sigmoid hardsigmoid hardswish gelu silu tanh exp erf dropout
  native_dropout add mul sub rsub div max_pool2d max_pool2d_with_indices avg_pool2d adaptive_avg_pool2d _adaptive_avg_pool2d gather index_select
  mean sum amax amin embedding copy cat concat pad constant_pad_nd roll upsample_nearest2d upsample_bilinear2d upsample_bicubic2d`.split(
    /\s+/,
  ),
);

/** Name in the table of ATen operators, of an event whose device work is attributed to it. */
export function tracedName(event: string): string | undefined {
  if (!event.startsWith('aten::')) return undefined;
  const bare = event.slice(6);
  return TRACED.has(bare) ? bare : bare.endsWith('_') && TRACED.has(bare.slice(0, -1)) ? bare.slice(0, -1) : undefined;
}

/** The form in which datasets of traces know an operator, older than the table: their workload ids stay. @throws Unusable */
export function tracedForm(made: Made): Made {
  const [x] = made.inputs;
  if (made.op === 'conv1d') return flatConvolution(made, x);
  if (made.op === 'conv3d') throw new Unusable('convolution over 3 axes');
  if (made.op === 'group_norm') return { op: 'opaque', attrs: { kind: 'aten::group_norm' }, inputs: [x], shape: x.shape };
  if (made.op === 'log_softmax') return { ...made, op: 'softmax' };
  if (made.op === 'reduce') {
    const { kind: _, ...attrs } = made.attrs;
    const isPool = x.shape.length === 4 && made.shape?.length === 4 && [...(attrs.axis as number[])].sort().join() === '2,3';
    return isPool ? { op: 'global_avg_pool', attrs: {}, inputs: [x] } : { ...made, attrs };
  }
  return made;
}

/** A 1-D convolution is a 2-D one of height 1. */
function flatConvolution(made: Made, { shape: [n, c, length], dtype }: AtenTensor): Made {
  const wide = (name: string, height: number) => [height, (made.attrs[name] as number[])[0]];
  const attrs = {
    ...made.attrs,
    kernel: wide('kernel', 1),
    stride: wide('stride', 1),
    padding: wide('padding', 0),
    ...(made.attrs.dilation ? { dilation: wide('dilation', 1) } : {}),
  };
  return { op: 'conv2d', attrs, inputs: [{ shape: [n, c, 1, length], dtype }] };
}
