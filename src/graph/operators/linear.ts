import { elementCount } from '../../core/elementCount.js';
import { flag, Misfit, WEIGHT_TYPES, whole } from './attributes.js';
import { operator } from './operator.js';
import { broadcastShape, last } from './shapes.js';

/** [.., k] -> [.., n] with a weight [k, n]: MACs = outputs k, parameters = k n + n of bias. */
const linear = operator('linear', {
  about: 'the last axis is contracted with a weight',
  attributes: { outFeatures: whole(1), bias: flag(0), ...WEIGHT_TYPES },
  operands: [0, 1],
  shape([x], a) {
    if (!x?.length) throw new Misfit('needs an input with a feature axis');
    return [...x.slice(0, -1), a.outFeatures];
  },
  work([x], a, y) {
    const outputs = elementCount(y.shape);
    return {
      macs: outputs * last(x.shape),
      flops: a.bias ? outputs : 0,
      params: last(x.shape) * a.outFeatures + (a.bias ? a.outFeatures : 0),
    };
  },
  kernel: 'open',
  weighted: true,
  feature: 'gemm',
  tfjs: {
    layout: 'plain',
    prepare({ tf, attrs, inputs, output, weight }) {
      const features = last(inputs[0].shape);
      const w = weight('weight', [features, attrs.outFeatures]); // [k, n]
      const bias = attrs.bias ? weight('bias', [attrs.outFeatures]) : undefined;
      return (x) => {
        const y = tf.matMul(tf.reshape(x, [-1, features]), w); // [rows, n]
        return tf.reshape(bias ? tf.add(y, bias) : y, [...output.shape]);
      };
    },
  },
  onnx({ attrs, inputs, weight, add }, [x]) {
    const features = last(inputs[0].shape);
    const bias = attrs.bias ? [weight('bias', [attrs.outFeatures])] : [];
    // as exporters write them: matrices with a transposed weight
    if (inputs[0].shape.length === 2)
      return add('Gemm', [x, weight('weight', [attrs.outFeatures, features]), ...bias], { transB: 1 });
    const y = add('MatMul', [x, weight('weight', [features, attrs.outFeatures])]);
    return bias.length ? add('Add', [y, ...bias]) : y;
  },
});

/** [.., m, k] x [.., k, n] -> [.., m, n], both activations: MACs = outputs k. */
const matmul = operator('matmul', {
  about: 'product of two activations; leading axes broadcast',
  attributes: { transposeA: flag(0), transposeB: flag(0), computeDtype: WEIGHT_TYPES.computeDtype },
  operands: [0, 2],
  shape([x, y], a) {
    if (!x || !y || x.length < 2 || y.length < 2) throw new Misfit('needs two matrices');
    const [m, inner] = a.transposeA ? [last(x), x[x.length - 2]] : [x[x.length - 2], last(x)];
    const [k, n] = a.transposeB ? [last(y), y[y.length - 2]] : [y[y.length - 2], last(y)];
    if (inner !== k) throw new Misfit('inner sizes differ');
    return [...broadcastShape([x.slice(0, -2), y.slice(0, -2)]), m, n];
  },
  work: ([x], a, y) => ({ macs: elementCount(y.shape) * (a.transposeA ? x.shape[x.shape.length - 2] : last(x.shape)) }),
  kernel: 'open',
  feature: 'gemm',
  tfjs: {
    layout: 'plain',
    prepare:
      ({ tf, attrs }) =>
      (a, b) =>
        tf.matMul(a, b, Boolean(attrs.transposeA), Boolean(attrs.transposeB)),
  },
  onnx({ attrs, inputs, add }, operands) {
    const turned = [attrs.transposeA, attrs.transposeB].map((turn, k) => {
      const rank = inputs[k].shape.length;
      const perm = inputs[k].shape.map((_, i) => (i < rank - 2 ? i : 2 * rank - 3 - i));
      return turn ? add('Transpose', [operands[k]], { perm }) : operands[k];
    });
    return add('MatMul', turned);
  },
});

export const PRODUCTS = [linear, matmul];
