import { elementCount } from '../../core/elementCount.js';
import type { Shape, TensorType } from '../tensorType.js';
import { flag, Misfit, padding, perAxis, WEIGHT_TYPES, whole, word } from './attributes.js';
import { convolutionTfjs } from './convolutionTfjs.js';
import { type OnnxForm, onnxWindow } from './onnxForm.js';
import { type OperatorClass, operator } from './operator.js';
import type { TfjsKernel } from './tfjsKernel.js';
import { transposedConvolutionTfjs } from './transposedConvolutionTfjs.js';
import { AXES, type Convolution, needImage, windowCounts } from './window.js';

const attributesOf = (axes: number) => ({
  kernel: perAxis(axes),
  stride: perAxis(axes).default(Array(axes).fill(1)),
  padding: padding(axes),
  dilation: perAxis(axes).default(Array(axes).fill(1)),
  groups: whole(1).default(1),
  outChannels: whole(1),
  bias: flag(0),
  /** a batch norm that an exporter folded into the weights, which may have had a bias before */
  foldedNorm: word('alone', 'after bias').optional(),
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

/** Filters are [Co, Ci / groups, ..], transposed ones [Ci, Co / groups, ..]. */
const convolutionOnnx =
  (transposed: boolean): OnnxForm<Convolution & { outputPadding?: number[] }> =>
  ({ attrs, inputs, weight, add }, [x]) => {
    const { groups, outChannels, kernel, bias, padding, outputPadding } = attrs;
    const channels = inputs[0].shape[1];
    const filters = transposed ? [channels, outChannels / groups] : [outChannels, channels / groups];
    const operands = [x, weight('weight', [...filters, ...kernel]), ...(bias ? [weight('bias', [outChannels])] : [])];
    if (!transposed) return add('Conv', operands, { ...onnxWindow(attrs, inputs[0].shape), group: groups });
    const { pads, ...window } = onnxWindow(attrs, inputs[0].shape);
    return add('ConvTranspose', operands, {
      ...window,
      ...(padding === 'same' ? { auto_pad: 'SAME_UPPER' } : { pads, output_padding: outputPadding! }),
      group: groups,
    });
  };

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
    onnx: convolutionOnnx(false),
  });
}

/** [N, Ci, ..] -> [N, Co, ..], every input element spread over a window: (size - 1) stride - padding + dilation (kernel - 1) + 1 + outputPadding. */
function transposedConvolution(axes: 1 | 2 | 3) {
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
    tfjs: transposedConvolutionTfjs(axes),
    onnx: convolutionOnnx(true),
  });
}

export const CONVOLUTIONS = [
  convolution(1, convolutionTfjs(1)),
  convolution(2, convolutionTfjs(2)),
  convolution(3, convolutionTfjs(3)),
  transposedConvolution(1),
  transposedConvolution(2),
  transposedConvolution(3),
];
