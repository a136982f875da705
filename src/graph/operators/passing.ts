import { elementCount } from '../../core/elementCount.js';
import { COUNTED_PARAMS, Misfit } from './attributes.js';
import { onnxUnary } from './onnxForm.js';
import { operator } from './operator.js';
import { statedShape } from './shapes.js';
import { unary } from './tfjsKernel.js';

/** A tensor from outside; a graph may leave its shape to the node. */
const input = operator('input', {
  about: 'a tensor from outside',
  operands: [0, 0],
  shape: (_, attrs, stated) => statedShape(attrs, stated),
  kernel: 'free',
  value: 'given',
  feature: 'pass',
});

/** Learned values or a table that an operator reads as an operand of its own, e.g. position embeddings; `params` of them are learned. */
const stored = operator('stored', {
  about: 'a tensor of the model: learned values (`params` of them) or a table',
  attributes: COUNTED_PARAMS,
  operands: [0, 0],
  shape: (_, attrs, stated) => statedShape(attrs, stated),
  kernel: 'free',
  value: 'stored',
  weighted: true,
  feature: 'pass',
  tfjs: {
    layout: 'plain',
    prepare({ tf, output, weight }) {
      const value = weight('value', output.shape);
      return () => tf.clone(value);
    },
  },
  onnx: ({ weight, output }) => weight('value', output.shape),
});

const identity = operator('identity', {
  about: 'passes its input on; costs nothing',
  shape: ([x]) => x,
  kernel: 'free',
  value: 'passed',
  feature: 'pass',
});

/** At inference a dropout does nothing, but it is written as an operator. */
const dropout = operator('dropout', {
  about: 'passes its input on at inference; costs nothing',
  shape: ([x]) => x,
  kernel: 'free',
  feature: 'pass',
  tfjs: unary((tf, x) => tf.clone(x)),
  onnx: onnxUnary('Identity'),
});

const reshape = operator('reshape', {
  about: 'the same elements in another shape; costs nothing',
  shape([x], attrs, stated) {
    const shape = statedShape(attrs, stated);
    if (elementCount(shape) !== elementCount(x))
      throw new Misfit(`cannot make ${elementCount(shape)} elements [${shape}] of ${elementCount(x)}`);
    return shape;
  },
  textShape: () => undefined,
  kernel: 'free',
  feature: 'pass',
  tfjs: {
    layout: 'plain',
    prepare:
      ({ tf, output }) =>
      (x) =>
        tf.reshape(x, [...output.shape]),
  },
  onnx: ({ add, integers, output }, [x]) => add('Reshape', [x, integers(output.shape)]),
});

/** What strides can say (a slice, axes in another order, a broadcast): its reader pays for it. */
const view = operator('view', {
  about: 'other places of the same memory, its shape: a slice, axes in another order, a broadcast; costs nothing',
  shape: (_, attrs, stated) => statedShape(attrs, stated),
  textShape: () => undefined,
  kernel: 'free',
  feature: 'pass',
});

/** Written, nothing read: a framework fills it at each call. */
const fill = operator('fill', {
  about: 'zeros, a range, random numbers: elements that come from no tensor, of its shape',
  operands: [0, Number.POSITIVE_INFINITY],
  shape: (_, attrs, stated) => statedShape(attrs, stated),
  work: () => ({ elementsRead: 0 }),
  textShape: () => undefined,
  kernel: 'open',
  value: 'given',
  feature: 'other',
});

/** An eager framework multiplies by 0; for a compiler the output is a constant (NAS-Bench-201 `none`). */
const zero = operator('zero', {
  about: 'multiplies its input by 0',
  shape: ([x]) => x,
  work: (_, _attrs, y) => ({ flops: elementCount(y.shape) }),
  kernel: 'open',
  value: 'constant',
  feature: 'zero',
  tfjs: unary((tf, x) => tf.mul(x, 0)),
  onnx: ({ add, scalar }, [x]) => add('Mul', [x, scalar(0)]),
});

export const PASSING = [input, stored, identity, dropout, reshape, view, fill, zero];
