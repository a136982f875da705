import { groupFilters, imageToLine, lineToImage, perGroup, volumeInside, volumeOutside } from './convolutionTfjs.js';
import { type Tensor, type TfjsKernel, type TfjsNode, unsupported } from './tfjsKernel.js';
import type { Convolution } from './window.js';

type Image = import('@tensorflow/tfjs').Tensor4D;
type Volume = import('@tensorflow/tfjs').Tensor5D;

/**
 * How TensorFlow.js spreads inputs over 1, 2 or 3 axes: the full result, (size - 1) stride + kernel, from its gradient kernel, of which the padding is cut
 * off; what output padding adds behind is zero before the bias. Filters are [.., co, ci].
 */
export const transposedConvolutionTfjs = (axes: 1 | 2 | 3): TfjsKernel<Convolution> => ({
  layout: axes === 2 ? 'image' : 'plain',
  prepare(node) {
    const { tf, attrs } = node;
    if (Math.max(...attrs.dilation) > 1) throw unsupported(node, 'dilation of a transposed convolution');
    const run = prepareInside(node, axes);
    if (axes === 1) return (x) => imageToLine(tf, run(lineToImage(tf, x)));
    if (axes === 3) return (x) => volumeOutside(tf, run(volumeInside(tf, x)));
    return run;
  },
});

/** Channels last -> channels last; one axis as an image of one row. */
function prepareInside(node: TfjsNode<Convolution>, axes: 1 | 2 | 3): (x: Tensor) => Tensor {
  const { tf, attrs, inputs, output } = node,
    { groups, outChannels } = attrs,
    [, channels, ...sizes] = inputs[0].shape;
  const row = axes === 1 ? [1] : [],
    kernel = [...row, ...attrs.kernel],
    stride = [...row, ...attrs.stride],
    wanted = [...row, ...output.shape.slice(2)];
  const full = [...row, ...sizes].map((size, i) => (size - 1) * stride[i] + kernel[i]);
  const before = [...(axes === 1 ? [0] : []), ...cutBefore(attrs)];
  const missing = wanted.map((size, i) => Math.max(0, before[i] + size - full[i]));
  return perGroup(node, groupFilters(node, [...kernel, outChannels / groups, channels / groups]), (part, filter) => {
    const shape = [part.shape[0], ...full, outChannels / groups];
    const y: Tensor =
      axes === 3
        ? tf.conv3dTranspose(
            part as Volume,
            filter as Volume,
            shape as Volume['shape'],
            stride as [number, number, number],
            'valid',
          )
        : tf.conv2dTranspose(part as Image, filter as Image, shape as Image['shape'], stride as [number, number], 'valid');
    const longer = missing.some(Boolean) ? tf.pad(y, [[0, 0], ...missing.map((n): [number, number] => [0, n]), [0, 0]]) : y;
    return tf.slice(longer, [0, ...before, 0], [-1, ...wanted, -1]);
  });
}

/** Places cut off in front of each axis. */
const cutBefore = ({ padding, kernel, stride }: Convolution): number[] =>
  padding === 'same' ? kernel.map((k, i) => Math.max(0, k - stride[i]) >> 1) : [...padding.before];
