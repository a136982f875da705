import { elementCount } from '../../core/elementCount.js';
import type { Shape } from '../tensorType.js';
import { list, Misfit, whole } from './attributes.js';
import { notInOnnx } from './onnxForm.js';
import { operator } from './operator.js';
import { axisOf, broadcastShape, statedShape } from './shapes.js';
import { axisInside, type TfjsKernel, unary, unsupported } from './tfjsKernel.js';

const ANY = Number.POSITIVE_INFINITY;
/** Canonical texts of these always state the output's shape. */
const ALWAYS_STATED = { textShape: () => undefined };
/** No arithmetic: every element is read and written once. */
const MOVES = { kernel: 'open', feature: 'other' } as const;

const concat = operator('concat', {
  about: 'operands one after another along an axis',
  attributes: { axis: whole().default(1) },
  operands: [1, ANY],
  shape(inputs, a) {
    const [x] = inputs;
    const axis = axisOf(a.axis, x.length);
    for (const t of inputs)
      if (t.length !== x.length || t.some((n, i) => i !== axis && n !== x[i]))
        throw new Misfit(`shapes differ beside axis ${axis}`);
    return x.map((n, i) => (i === axis ? inputs.reduce((s, t) => s + t[axis], 0) : n));
  },
  ...MOVES,
  tfjs: {
    layout: 'joint',
    prepare({ tf, attrs, inputs, layout }) {
      const axis = axisInside(axisOf(attrs.axis, inputs[0].shape.length), layout);
      return (...ts) => tf.concat(ts, axis);
    },
  },
  onnx: ({ attrs, add }, operands) => add('Concat', operands, { axis: attrs.axis }),
});

const transpose = operator('transpose', {
  about: 'axes in another order',
  attributes: { order: list(0) },
  shape([x], { order }) {
    if (order.length !== x.length || new Set(order).size !== order.length || order.some((i) => i >= x.length))
      throw new Misfit('needs attrs.order, a permutation of the axes');
    return order.map((i) => x[i]);
  },
  ...MOVES,
  tfjs: {
    layout: 'plain',
    prepare:
      ({ tf, attrs }) =>
      (x) =>
        tf.transpose(x, attrs.order),
  },
  onnx: ({ attrs, add }, [x]) => add('Transpose', [x], { perm: attrs.order }),
});

const slice = operator('slice', {
  about: 'a block of its input: its shape, where it begins, and the step along each axis',
  attributes: { begin: list(0).optional(), step: list().optional() },
  operands: [1, 5],
  shape: (_, attrs, stated) => statedShape(attrs, stated),
  work: (_, _attrs, y) => ({ elementsRead: elementCount(y.shape) }),
  ...ALWAYS_STATED,
  ...MOVES,
  tfjs: {
    layout: 'plain',
    prepare({ tf, attrs, output }) {
      const begin = attrs.begin ?? output.shape.map(() => 0);
      return (x) => tf.slice(x, begin, [...output.shape]);
    },
  },
  onnx(site, [x]) {
    const { attrs, output, add, integers } = site;
    if (site.inputs.length > 1) throw notInOnnx(site, 'its bounds come from tensors');
    const { begin = output.shape.map(() => 0), step = output.shape.map(() => 1) } = attrs;
    if (step.some((s) => s < 1)) throw notInOnnx(site, `a step of ${Math.min(...step)}`);
    const end = output.shape.map((n, i) => begin[i] + (n - 1) * step[i] + 1);
    return add('Slice', [x, integers(begin), integers(end), integers(begin.map((_, i) => i)), integers(step)]);
  },
});

const pad = operator('pad', {
  about: 'zeros around its input up to its shape, `before` of them in front',
  attributes: { before: list(0).optional(), after: list(0).optional() },
  operands: [1, 4],
  shape([x], attrs, stated) {
    const { before, after } = attrs;
    if (!after) return statedShape(attrs, stated);
    return x.map((n, i) => n + (before?.[i] ?? 0) + after[i]);
  },
  ...ALWAYS_STATED,
  ...MOVES,
  tfjs: {
    layout: 'plain',
    prepare(node) {
      const { tf, attrs, inputs, output } = node;
      const from = inputs[0].shape;
      const before = attrs.before ?? output.shape.map(() => 0);
      const paddings = output.shape.map((n, i): [number, number] => [before[i], n - from[i] - before[i]]);
      if (paddings.some(([, after]) => after < 0)) throw unsupported(node, `[${from}] does not fit into [${output.shape}]`);
      return (x) => tf.pad(x, paddings);
    },
  },
  onnx({ attrs, inputs, output, add, integers }, [x]) {
    const before = attrs.before ?? output.shape.map(() => 0);
    return add('Pad', [x, integers([...before, ...output.shape.map((n, i) => n - inputs[0].shape[i] - before[i])])]);
  },
});

const copy = operator('copy', {
  about: 'its input written anew, in another type or repeated to another shape',
  shape: ([x], attrs) => attrs.shape ?? x,
  ...MOVES,
  // a real copy: clone shares memory
  tfjs: unary((tf, x) => tf.mul(x, 1)),
});

const bilinear: TfjsKernel<unknown> = {
  layout: 'image',
  prepare(node) {
    const { tf, output } = node;
    if (output.shape.length !== 4) throw unsupported(node, `on [N, C, H, W] only, not [${output.shape}]`);
    const size: [number, number] = [output.shape[2], output.shape[3]];
    return (x) => tf.image.resizeBilinear(x as import('@tensorflow/tfjs').Tensor4D, size);
  },
};

const resize = operator('resize', {
  about: 'images of another size, its shape',
  operands: [1, 4],
  shape: (_, attrs, stated) => statedShape(attrs, stated),
  ...ALWAYS_STATED,
  ...MOVES,
  tfjs: bilinear,
  onnx: ({ add, integers, output }, [x]) => add('Resize', [x, '', '', integers(output.shape)], { mode: 'linear' }),
});

/** Elements at indices: only what is given out is read. */
const gather = operator('gather', {
  about: 'elements of the first operand at the indices of the second; shaped by the indices along `axis`, or as stated',
  attributes: { axis: whole().optional() },
  operands: [1, 2],
  shape([x, indices], attrs, stated) {
    if (attrs.shape || attrs.axis === undefined || !indices) return statedShape(attrs, stated);
    const axis = axisOf(attrs.axis, x.length);
    return [...x.slice(0, axis), ...indices, ...x.slice(axis + 1)];
  },
  work: (_, _attrs, y) => ({ elementsRead: elementCount(y.shape) }),
  ...ALWAYS_STATED,
  kernel: 'closed',
  feature: 'other',
});

const scatter = operator('scatter', {
  about: 'the first operand with elements of the last written at indices',
  operands: [1, 3],
  shape: ([x]) => x,
  kernel: 'closed',
  feature: 'other',
});

const expand = operator('expand', {
  about: 'its input repeated to its shape, by the rules of broadcasting',
  operands: [1, 2],
  shape([x], attrs, stated) {
    const shape = statedShape(attrs, stated);
    broadcastShape([x, shape]);
    return shape;
  },
  ...ALWAYS_STATED,
  ...MOVES,
  onnx: ({ add, integers, output }, [x]) => add('Expand', [x, integers(output.shape)]),
});

const tile = operator('tile', {
  about: 'its input repeated whole, `repeats` times along each axis',
  attributes: { repeats: list(1) },
  operands: [1, 2],
  shape([x], { repeats }) {
    if (repeats.length !== x.length) throw new Misfit(`needs ${x.length} repeats, has ${repeats.length}`);
    return x.map((n, i) => n * repeats[i]);
  },
  ...MOVES,
  onnx: ({ attrs, add, integers }, [x]) => add('Tile', [x, integers(attrs.repeats)]),
});

const partsOf = ([x]: readonly Shape[], a: { axis: number; parts: number[] }): Shape[] => {
  const axis = axisOf(a.axis, x.length);
  const sum = a.parts.reduce((s, n) => s + n, 0);
  if (sum !== x[axis]) throw new Misfit(`parts of ${sum} are not the ${x[axis]} of axis ${axis}`);
  return a.parts.map((n) => x.map((size, i) => (i === axis ? n : size)));
};

const split = operator('split', {
  about: 'parts of its input along an axis, one output each',
  attributes: { axis: whole().default(1), parts: list(0) },
  operands: [1, 2],
  shape: (inputs, a) => partsOf(inputs, a)[0],
  further: (inputs, a) =>
    partsOf(inputs, a)
      .slice(1)
      .map((shape) => ({ shape })),
  ...MOVES,
  tfjs: {
    layout: 'plain',
    prepare:
      ({ tf, attrs, inputs }) =>
      (x) =>
        tf.split(x, attrs.parts, axisOf(attrs.axis, inputs[0].shape.length)),
  },
  onnx: ({ attrs, addSeveral, integers }, [x]) =>
    addSeveral('Split', [x, integers(attrs.parts)], { axis: attrs.axis }, attrs.parts.length),
});

/** Blocks of places into channels or back: [N, C, H, W] with H and W over the block, C times its square. */
const spaceToDepth = (name: string, about: string, onnxName: string, resized: (x: Shape, block: number) => number[]) =>
  operator(name, {
    about,
    attributes: { block: whole(1) },
    shape([x], { block }) {
      if (x.length !== 4) throw new Misfit('needs an [N, C, H, W] input');
      const shape = resized(x, block);
      if (!shape.every(Number.isInteger)) throw new Misfit(`block ${block} does not divide it`);
      return shape;
    },
    ...MOVES,
    onnx: ({ attrs, add }, [x]) => add(onnxName, [x], { blocksize: attrs.block }),
  });

export const DATA_MOVEMENT = [
  concat,
  transpose,
  slice,
  pad,
  copy,
  resize,
  gather,
  scatter,
  expand,
  tile,
  split,
  spaceToDepth('space_to_depth', 'blocks of places into channels', 'SpaceToDepth', ([n, c, h, w], b) => [
    n,
    c * b * b,
    h / b,
    w / b,
  ]),
  spaceToDepth('depth_to_space', 'channels into blocks of places (pixel shuffle)', 'DepthToSpace', ([n, c, h, w], b) => [
    n,
    c / (b * b),
    h * b,
    w * b,
  ]),
];
