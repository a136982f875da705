import { elementCount } from '../../core/elementCount.js';
import type { Shape } from '../tensorType.js';
import { flag, Misfit, oneOrMore, whole, word } from './attributes.js';
import { notInOnnx } from './onnxForm.js';
import { operator } from './operator.js';
import { axisOf, sameShape, statedShape } from './shapes.js';
import { unsupported } from './tfjsKernel.js';

function reduced(x: Shape, axes: readonly number[], keep: 0 | 1): Shape {
  const gone = axes.map((axis) => axisOf(axis, x.length));
  return x.flatMap((n, i) => (gone.includes(i) ? (keep ? [1] : []) : [n]));
}

const ONNX_REDUCTIONS = {
  mean: 'ReduceMean',
  sum: 'ReduceSum',
  max: 'ReduceMax',
  min: 'ReduceMin',
  prod: 'ReduceProd',
  norm: 'ReduceL2',
} as const;

/** One operation for each element read. */
const reduce = operator('reduce', {
  about: 'mean, sum, max, .. over axes; `shape` states its output where axes are not given',
  attributes: {
    axis: oneOrMore().optional(),
    keepDims: flag(0),
    kind: word('mean', 'sum', 'max', 'min', 'prod', 'norm').default('mean'),
  },
  shape([x], attrs, stated) {
    const shape =
      attrs.shape ?? (attrs.axis && stated === undefined ? reduced(x, attrs.axis, attrs.keepDims) : statedShape(attrs, stated));
    if (!attrs.axis) return shape;
    const left = elementCount(reduced(x, attrs.axis, 1));
    if (elementCount(shape) !== left) throw new Misfit(`over axes ${attrs.axis} leaves ${left} elements, not [${shape}]`);
    return shape;
  },
  work: ([x], _attrs, y) => ({ flops: elementCount((x ?? y).shape) }),
  textShape: () => undefined,
  kernel: 'open',
  feature: 'pool',
  tfjs: {
    layout: 'plain',
    prepare(node) {
      const { tf, attrs, output } = node;
      if (!attrs.axis) throw unsupported(node, 'needs attrs.axis');
      if (attrs.kind === 'norm') throw unsupported(node, `kind ${attrs.kind}`);
      const run = tf[attrs.kind];
      return (x) => tf.reshape(run(x, attrs.axis), [...output.shape]);
    },
  },
  onnx(site, [x]) {
    const { attrs, inputs, output, add, integers } = site;
    if (!attrs.axis) throw notInOnnx(site, 'needs attrs.axis');
    const y = add(ONNX_REDUCTIONS[attrs.kind], [x, integers(attrs.axis)], { keepdims: attrs.keepDims });
    const made = reduced(inputs[0].shape, attrs.axis, attrs.keepDims);
    return sameShape(made, output.shape) ? y : add('Reshape', [y, integers(output.shape)]);
  },
});

/** Positions of the largest or smallest along an axis. */
const argmax = operator('argmax', {
  about: 'position of the largest or smallest along an axis',
  attributes: { axis: whole().default(-1), keepDims: flag(0) },
  shape: ([x], { axis, keepDims }) => reduced(x, [axis], keepDims),
  work: ([x]) => ({ flops: elementCount(x.shape) }),
  kernel: 'open',
  feature: 'pool',
});

/** The k largest along an axis and their positions; at least one comparison for each element. */
const topK = operator('topk', {
  about: 'the k largest along an axis, and as second output their positions',
  attributes: { k: whole(1), axis: whole().default(-1) },
  operands: [1, 2],
  shape: ([x], { k, axis }) => x.map((n, i) => (i === axisOf(axis, x.length) ? k : n)),
  further: ([x], { k, axis }) => [{ shape: x.map((n, i) => (i === axisOf(axis, x.length) ? k : n)), dtype: 'int64' }],
  work: ([x]) => ({ flops: elementCount(x.shape) }),
  kernel: 'closed',
  feature: 'other',
});

const cumulative = operator('cumsum', {
  about: 'running sum along an axis',
  attributes: { axis: whole().default(-1) },
  operands: [1, 2],
  shape: ([x]) => x,
  work: ([x]) => ({ flops: elementCount(x.shape) }),
  kernel: 'open',
  feature: 'other',
});

export const REDUCTIONS = [reduce, argmax, topK, cumulative];
