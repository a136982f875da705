import type { Shape } from '../tensorType.js';
import type { Tensor, Tf, TfjsKernel, TfjsNode } from './tfjsKernel.js';
import { unsupported } from './tfjsKernel.js';
import { type Convolution, paddingOf, type Window } from './window.js';

type Pads = Parameters<Tf['conv2d']>[3];
type Image = import('@tensorflow/tfjs').Tensor4D;
type Volume = import('@tensorflow/tfjs').Tensor5D;

/** Padding as the kernels of TensorFlow.js take it: one number where all sides agree. Given one number, they take the window's width for its height's. */
export function tfjsPadding(window: Window, x: Shape): Pads {
  const [[top, bottom], [left, right]] = [0, 1].map((axis) => paddingOf(window, axis, x[axis + 2]));
  const { kernel, dilation } = window,
    isSquare = kernel[0] === kernel[1] && dilation[0] === dilation[1];
  if (isSquare && top === bottom && left === right && top === left) return top;
  return [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
}

/** [N, C, L] -> [N, 1, L, C]: a line as an image of one row. */
export function lineToImage(tf: Tf, x: Tensor): Image {
  const [n, c, length] = x.shape;
  return tf.reshape(tf.transpose(x, [0, 2, 1]), [n, 1, length, c]);
}

/** [N, 1, L, C] -> [N, C, L] */
export function imageToLine(tf: Tf, y: Tensor): Tensor {
  const [n, , length, c] = y.shape;
  return tf.transpose(tf.reshape(y, [n, length, c]), [0, 2, 1]);
}

/** [N, C, D, H, W] -> [N, D, H, W, C], and back. */
export const volumeInside = (tf: Tf, x: Tensor): Volume => tf.transpose(x as Volume, [0, 2, 3, 4, 1]);
export const volumeOutside = (tf: Tf, y: Tensor): Tensor => tf.transpose(y, [0, 4, 1, 2, 3]);

/** Channels last -> channels last: `convolve` for each group of channels between a split and a concatenation, then the bias. */
export function perGroup(
  { tf, attrs, weight }: TfjsNode<Convolution>,
  filters: readonly Tensor[],
  convolve: (part: Tensor, filter: Tensor) => Tensor,
): (x: Tensor) => Tensor {
  const bias = attrs.bias ? weight('bias', [attrs.outChannels]) : undefined;
  return (x) => {
    const axis = x.shape.length - 1;
    const y =
      filters.length === 1
        ? convolve(x, filters[0])
        : tf.concat(
            tf.split(x, filters.length, axis).map((part, g) => convolve(part, filters[g])),
            axis,
          );
    return bias ? tf.add(y, bias) : y;
  };
}

/** One filter for each group, of the shape that a group of channels wants: `weight` alone, else `weight0`, `weight1`, .. */
export const groupFilters = ({ attrs, weight }: TfjsNode<Convolution>, shape: Shape): Tensor[] =>
  Array.from({ length: attrs.groups }, (_, g) => weight(attrs.groups === 1 ? 'weight' : `weight${g}`, shape));

/** [N, H, W, Ci] -> [N, H', W', Co]: one kernel where groups = 1, a depthwise kernel where groups = Ci, else one convolution for each group. Filters are [kh, kw, ci, co]. */
function prepareImage(node: TfjsNode<Convolution>, x: Shape): (x: Tensor) => Tensor {
  const { tf, attrs, weight } = node;
  const { groups, outChannels, kernel } = attrs;
  const stride = attrs.stride as [number, number],
    dilation = attrs.dilation as [number, number],
    pad = tfjsPadding(attrs, x),
    channels = x[1];
  if (groups > 1 && groups === channels)
    return perGroup(node, [weight('weight', [...kernel, channels, outChannels / channels])], (t, filter) =>
      tf.depthwiseConv2d(t as Image, filter as Image, stride, pad, 'NHWC', dilation),
    );
  return perGroup(node, groupFilters(node, [...kernel, channels / groups, outChannels / groups]), (part, filter) =>
    tf.conv2d(part as Image, filter as Image, stride, pad, 'NHWC', dilation),
  );
}

/** [N, C, L] as an image of one row; stride and dilation across its rows do nothing, and native depthwise kernels want both equal. */
function prepareLine(node: TfjsNode<Convolution>): (x: Tensor) => Tensor {
  const { tf, attrs, inputs } = node,
    [n, channels, length] = inputs[0].shape,
    [before, after] = paddingOf(attrs, 0, length);
  const run = prepareImage(
    {
      ...node,
      attrs: {
        ...attrs,
        kernel: [1, ...attrs.kernel],
        stride: [attrs.stride[0], attrs.stride[0]],
        dilation: [attrs.dilation[0], attrs.dilation[0]],
        padding: { before: [0, before], after: [0, after] },
      },
    },
    [n, channels, 1, length],
  );
  return (x) => imageToLine(tf, run(lineToImage(tf, x)));
}

/** [N, Ci, D, H, W] -> [N, Co, D', H', W']; padded beforehand, filters [kd, kh, kw, ci, co]. */
function prepareVolume(node: TfjsNode<Convolution>): (x: Tensor) => Tensor {
  const { tf, attrs, inputs } = node,
    x = inputs[0].shape,
    { groups, outChannels, kernel } = attrs;
  type Three = [number, number, number];
  const pads = [[0, 0], ...[0, 1, 2].map((axis) => paddingOf(attrs, axis, x[axis + 2])), [0, 0]] as [number, number][],
    isPadded = pads.flat().some(Boolean);
  const run = perGroup(node, groupFilters(node, [...kernel, x[1] / groups, outChannels / groups]), (part, filter) =>
    tf.conv3d(part as Volume, filter as Volume, attrs.stride as Three, 'valid', 'NDHWC', attrs.dilation as Three),
  );
  return (t) => {
    const inside = volumeInside(tf, t);
    return volumeOutside(tf, run(isPadded ? tf.pad(inside, pads) : inside));
  };
}

const PREPARE = {
  1: prepareLine,
  2: (node: TfjsNode<Convolution>) => prepareImage(node, node.inputs[0].shape),
  3: prepareVolume,
} as const;

/** How TensorFlow.js convolves over 1, 2 or 3 axes. */
export const convolutionTfjs = (axes: 1 | 2 | 3): TfjsKernel<Convolution> => ({
  layout: axes === 2 ? 'image' : 'plain',
  prepare(node) {
    if (Math.max(...node.attrs.stride) > 1 && Math.max(...node.attrs.dilation) > 1)
      throw unsupported(node, 'stride and dilation at once');
    return PREPARE[axes](node);
  },
});
