import { elementCount } from '../../core/elementCount.js';
import { COUNTED_PARAMS, whole } from './attributes.js';
import { type OnnxForm, onnxOwnWeights } from './onnxForm.js';
import { type KernelClass, operator } from './operator.js';
import { axisOf, last } from './shapes.js';
import type { TfjsKernel, TfjsNode } from './tfjsKernel.js';

/** Scale and shift of each channel, folded to one multiplication and one addition at inference; parameters = 2 C. */
const batchNorm = operator('batch_norm', {
  about: 'scale and shift by channel (axis 1), statistics given',
  attributes: COUNTED_PARAMS,
  operands: [1, 5],
  shape: ([x]) => x,
  work: (_, _attrs, y) => ({ flops: 2 * elementCount(y.shape), params: 2 * (y.shape[1] ?? 1) }),
  kernel: 'elementwise',
  weighted: true,
  feature: 'norm',
  tfjs: {
    layout: 'joint',
    prepare({ tf, inputs, layout, weight }) {
      const { shape } = inputs[0];
      if (layout === 'nhwc') {
        const channels = [shape[1]];
        const [scale, shift, mean, variance] = ['scale', 'shift', 'mean', 'variance'].map((name) => weight(name, channels));
        type Row = import('@tensorflow/tfjs').Tensor1D;
        return (x) => tf.batchNorm(x, mean as Row, variance as Row, shift as Row, scale as Row, 0);
      }
      const channels = shape.map((n, i) => (i === 1 ? n : 1));
      const scale = weight('scale', channels);
      const shift = weight('shift', channels);
      return (x) => tf.add(tf.mul(x, scale), shift);
    },
  },
  onnx(site, [x]) {
    onnxOwnWeights(site);
    const vectors = ['scale', 'shift', 'mean', 'variance'].map((name) => site.weight(name, [site.inputs[0].shape[1]]));
    return site.add('BatchNormalization', [x, ...vectors]);
  },
});

/** Row norms: FLOPs for each element as counted from the formula (mean, variance, scale, shift), parameters = learned rows. */
function rowNorm(name: string, about: string, flops: number, rows: number, tfjs: TfjsKernel<unknown>, onnx: OnnxForm<unknown>) {
  return operator(name, {
    about,
    attributes: COUNTED_PARAMS,
    operands: [1, 3],
    shape: ([x]) => x,
    work: (_, _attrs, y) => ({ flops: flops * elementCount(y.shape), params: rows * (last(y.shape) ?? 1) }),
    kernel: 'rowwise',
    weighted: true,
    feature: 'norm',
    tfjs,
    onnx,
  });
}

const EPSILON = 1e-5;
const scaleOf = ({ output, weight }: TfjsNode<unknown>) => weight('scale', [last(output.shape)]);

const layerNormTfjs: TfjsKernel<unknown> = {
  layout: 'plain',
  prepare(node) {
    const { tf, output, weight } = node;
    const scale = scaleOf(node);
    const shift = weight('shift', [last(output.shape)]);
    return (x) => {
      const { mean, variance } = tf.moments(x, -1, true); // [.., 1]
      return tf.add(tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, EPSILON))), scale), shift);
    };
  },
};

const layerNormOnnx: OnnxForm<unknown> = (site, [x]) => {
  onnxOwnWeights(site);
  const row = [last(site.output.shape)];
  return site.add('LayerNormalization', [x, site.weight('scale', row), site.weight('shift', row)], {
    epsilon: { float: EPSILON },
  });
};

const layerNorm = rowNorm(
  'layer_norm',
  'normalised over the last axis, learned scale and shift',
  7,
  2,
  layerNormTfjs,
  layerNormOnnx,
);

const rmsNormTfjs: TfjsKernel<unknown> = {
  layout: 'plain',
  prepare(node) {
    const { tf } = node;
    const scale = scaleOf(node);
    return (x) => tf.mul(tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), EPSILON))), scale);
  },
};

/** Written out: ONNX has it from operator set 23 on. */
const rmsNormOnnx: OnnxForm<unknown> = (site, [x]) => {
  onnxOwnWeights(site);
  const { add, scalar, integers, weight, output } = site;
  const mean = add('ReduceMean', [add('Mul', [x, x]), integers([-1])], { keepdims: 1 }); // [.., 1]
  const scaled = add('Div', [x, add('Sqrt', [add('Add', [mean, scalar(EPSILON)])])]);
  return add('Mul', [scaled, weight('scale', [last(output.shape)])]);
};

const rmsNorm = rowNorm(
  'rms_norm',
  'divided by the root mean square of the last axis, learned scale',
  5,
  1,
  rmsNormTfjs,
  rmsNormOnnx,
);

/** Norms over channels and places: arithmetic of a layer norm, scale and shift by channel. */
function channelNorm(name: string, about: string, attributes: { groups?: ReturnType<typeof whole> }) {
  return operator(name, {
    about,
    attributes: { ...attributes, ...COUNTED_PARAMS },
    operands: [1, 3],
    shape: ([x]) => x,
    work: (_, _attrs, y) => ({ flops: 7 * elementCount(y.shape), params: 2 * (y.shape[1] ?? 1) }),
    kernel: 'open',
    weighted: true,
    feature: 'norm',
  });
}

/** x / (k + alpha sum of squares over `size` channels)^beta (Krizhevsky et al., NeurIPS 2012): square and sum, scale, power, divide. */
const localResponseNorm = operator('local_response_norm', {
  about: 'divided by the squares of neighbouring channels',
  attributes: { size: whole(1) },
  shape: ([x]) => x,
  work: (_, { size }, y) => ({ flops: (2 * size + 4) * elementCount(y.shape) }),
  kernel: 'open',
  feature: 'norm',
});

/** max, subtract, exp, sum, divide: 5 operations for each element. */
function softmax(name: string, about: string, flops: number, kernel: KernelClass) {
  return operator(name, {
    about,
    attributes: { axis: whole().default(-1) },
    shape([x], { axis }) {
      if (x.length) axisOf(axis, x.length);
      return x;
    },
    work: (_, _attrs, y) => ({ flops: flops * elementCount(y.shape) }),
    kernel,
    feature: 'norm',
    tfjs: {
      layout: 'plain',
      prepare({ tf, attrs, op, inputs }) {
        const rank = inputs[0].shape.length;
        const axis = axisOf(attrs.axis, rank);
        if (op === 'log_softmax') return (x) => tf.logSoftmax(x, axis);
        // the kernel takes the last axis only
        const order = inputs[0].shape.map((_, i) => (i === axis ? rank - 1 : i === rank - 1 ? axis : i));
        return axis === rank - 1 ? (x) => tf.softmax(x) : (x) => tf.transpose(tf.softmax(tf.transpose(x, order)), order);
      },
    },
    onnx: ({ attrs, op, add }, [x]) => add(op === 'log_softmax' ? 'LogSoftmax' : 'Softmax', [x], { axis: attrs.axis }),
  });
}

export const NORMS = [
  batchNorm,
  layerNorm,
  rmsNorm,
  channelNorm('group_norm', 'normalised over groups of channels, learned scale and shift by channel', { groups: whole(1) }),
  channelNorm('instance_norm', 'normalised over the places of each channel, learned scale and shift', {}),
  localResponseNorm,
  softmax('softmax', 'exponentials of an axis that sum to 1', 5, 'rowwise'),
  softmax('log_softmax', 'logarithm of softmax', 6, 'rowwise'),
];
