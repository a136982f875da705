import { elementCount } from '../../core/elementCount.js';
import type { Shape, TensorType } from '../tensorType.js';
import { flag, Misfit, type Padding, padding, perAxis, WEIGHT_TYPES, whole } from './attributes.js';
import { type OperatorClass, operator } from './operator.js';
import { type Tensor, type TfjsKernel, unsupported } from './tfjsKernel.js';
import { AXES, needImage, paddingOf, type Window, windowCounts } from './window.js';

interface Convolution extends Window {
  padding: Padding;
  groups: number;
  outChannels: number;
  bias: 0 | 1;
}

const attributesOf = (axes: number) => ({
  kernel: perAxis(axes),
  stride: perAxis(axes).default(Array(axes).fill(1)),
  padding: padding(axes),
  dilation: perAxis(axes).default(Array(axes).fill(1)),
  groups: whole(1).default(1),
  outChannels: whole(1),
  bias: flag(0),
  ...WEIGHT_TYPES,
});

function checkGroups(channels: number, { groups, outChannels }: Convolution): void {
  if (channels % groups || outChannels % groups)
    throw new Misfit(`groups ${groups} do not divide channels ${channels} -> ${outChannels}`);
}

/** Channel-wise, grouped, 1x1 and other convolutions run as different kernels. */
function classOf([x]: readonly TensorType[], { groups, kernel }: Convolution): OperatorClass {
  if (groups > 1) return groups === x.shape[1] ? 'depthwise' : 'grouped';
  return elementCount(kernel) > 1 ? 'conv' : 'pointwise';
}

const SHARED = {
  kernel: 'open',
  weighted: true,
  feature: classOf,
  sibling: ({ kernel, stride }: Convolution) => `${kernel}/${stride}`,
} as const;

/** [N, Ci, ..] -> [N, Co, ..]: MACs = N Co (outputs) (Ci / groups) (kernel), parameters = Co (Ci / groups) (kernel) + Co of bias. */
function convolution(axes: number, tfjs?: TfjsKernel<Convolution>) {
  const shape = ([x]: readonly Shape[], a: Convolution) => {
    needImage(x, axes);
    checkGroups(x[1], a);
    return [x[0], a.outChannels, ...windowCounts(x, a)];
  };
  return operator(`conv${axes}d`, {
    about: `convolution of ${AXES[axes]}`,
    attributes: attributesOf(axes),
    ...SHARED,
    shape,
    work([x], a, y) {
      const perOutput = (x.shape[1] / a.groups) * elementCount(a.kernel);
      const outputs = elementCount(y.shape);
      return {
        macs: outputs * perOutput,
        flops: a.bias ? outputs : 0,
        params: a.outChannels * perOutput + (a.bias ? a.outChannels : 0),
      };
    },
    // canonical texts of dilated convolutions state their shape: they are older than the attribute
    textShape: (inputs, a) => shape(inputs, { ...a, dilation: a.dilation.map(() => 1) }),
    tfjs,
  });
}

/** [N, Ci, ..] -> [N, Co, ..], every input element spread over a window: (size - 1) stride - padding + dilation (kernel - 1) + 1 + outputPadding. */
function transposedConvolution(axes: number) {
  return operator(`conv_transpose${axes}d`, {
    about: `transposed convolution of ${AXES[axes]}`,
    attributes: { ...attributesOf(axes), outputPadding: perAxis(axes, 0).default(Array(axes).fill(0)) },
    ...SHARED,
    shape([x], a) {
      needImage(x, axes);
      checkGroups(x[1], a);
      const sizes = a.kernel.map((k, i) => {
        const size = x[i + 2];
        if (a.padding === 'same') return size * a.stride[i];
        const cut = a.padding.before[i] + a.padding.after[i];
        return (size - 1) * a.stride[i] - cut + a.dilation[i] * (k - 1) + 1 + a.outputPadding[i];
      });
      if (sizes.some((n) => n < 1)) throw new Misfit(`kernel ${a.kernel.join('x')} does not fit`);
      return [x[0], a.outChannels, ...sizes];
    },
    work([x], a, y) {
      const perInput = (a.outChannels / a.groups) * elementCount(a.kernel);
      return {
        macs: elementCount(x.shape) * perInput,
        flops: a.bias ? elementCount(y.shape) : 0,
        params: x.shape[1] * perInput + (a.bias ? a.outChannels : 0),
      };
    },
  });
}

type Pads = Parameters<typeof import('@tensorflow/tfjs').conv2d>[3];

/** Padding as the kernels of TensorFlow.js take it: one number where all sides agree. */
export function tfjsPadding(window: Window, x: Shape): Pads {
  const [[top, bottom], [left, right]] = [0, 1].map((axis) => paddingOf(window, axis, x[axis + 2]));
  if (top === bottom && left === right && top === left) return top;
  return [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
}

/**
 * [N, H, W, Ci] -> [N, H', W', Co]: one kernel where groups = 1, a depthwise kernel where groups = Ci, else one convolution for each group between
 * a split and a concatenation. Filters are [kh, kw, ci, co].
 */
const conv2dTfjs: TfjsKernel<Convolution> = {
  layout: 'image',
  prepare(node) {
    const { tf, attrs, inputs, weight } = node;
    type Image = ReturnType<typeof tf.zeros<import('@tensorflow/tfjs').Rank.R4>>;
    const x = inputs[0].shape;
    const { groups, outChannels } = attrs;
    const [kh, kw] = attrs.kernel;
    const stride = attrs.stride as [number, number];
    const dilation = attrs.dilation as [number, number];
    if (Math.max(...stride) > 1 && Math.max(...dilation) > 1) throw unsupported(node, 'stride and dilation at once');
    const pad = tfjsPadding(attrs, x);
    const perGroup = x[1] / groups;
    const bias = attrs.bias ? weight('bias', [outChannels]) : undefined;
    const finish = (y: Tensor) => (bias ? tf.add(y, bias) : y);
    if (groups === 1) {
      const filter = weight('weight', [kh, kw, x[1], outChannels]) as Image;
      return (t) => finish(tf.conv2d(t as Image, filter, stride, pad, 'NHWC', dilation));
    }
    if (perGroup === 1) {
      const filter = weight('weight', [kh, kw, x[1], outChannels / x[1]]) as Image;
      return (t) => finish(tf.depthwiseConv2d(t as Image, filter, stride, pad, 'NHWC', dilation));
    }
    const filters = Array.from(
      { length: groups },
      (_, g) => weight(`weight${g}`, [kh, kw, perGroup, outChannels / groups]) as Image,
    );
    // groups x [N, H', W', Co / groups]
    return (t) =>
      finish(
        tf.concat(
          (tf.split(t, groups, 3) as Image[]).map((part, g) => tf.conv2d(part, filters[g], stride, pad, 'NHWC', dilation)),
          3,
        ),
      );
  },
};

export const CONVOLUTIONS = [
  convolution(1),
  convolution(2, conv2dTfjs),
  convolution(3),
  transposedConvolution(1),
  transposedConvolution(2),
  transposedConvolution(3),
];
