import { elementCount } from '../../core/elementCount.js';
import type { Shape } from '../tensorType.js';
import { flag, Misfit, padding, perAxis } from './attributes.js';
import { tfjsPadding } from './convolutionTfjs.js';
import { notInOnnx, onnxUnary, onnxWindow } from './onnxForm.js';
import { operator } from './operator.js';
import { sameShape } from './shapes.js';
import { type TfjsKernel, unsupported } from './tfjsKernel.js';
import { AXES, needImage, type Window, windowCounts } from './window.js';

/** Windows reduced by their mean or maximum: one operation for each place of each window. */
function pool(kind: 'avg' | 'max', axes: number) {
  return operator(`${kind}_pool${axes}d`, {
    about: `${kind === 'avg' ? 'mean' : 'maximum'} over windows of ${AXES[axes]}`,
    attributes: {
      kernel: perAxis(axes),
      stride: perAxis(axes).default(Array(axes).fill(1)),
      padding: padding(axes),
      dilation: perAxis(axes).default(Array(axes).fill(1)),
      ceilMode: flag(0),
    },
    shape([x], a) {
      needImage(x, axes);
      // adaptive pools and those that round up otherwise state their shape
      if (a.shape) return statedWindows(x, a.shape, axes);
      return [x[0], x[1], ...windowCounts(x, a)];
    },
    work: (_, a, y) => ({ flops: elementCount(y.shape) * elementCount(a.kernel) }),
    kernel: 'open',
    feature: 'pool',
    tfjs: axes === 2 ? pool2dTfjs(kind) : undefined,
    onnx(site, [x]) {
      const { attrs, inputs, output, add } = site;
      const counts = windowCounts(inputs[0].shape, attrs);
      if (!sameShape(counts, output.shape.slice(2)))
        throw notInOnnx(site, `its windows give [${counts}], it states [${output.shape.slice(2)}]`);
      const window = { ...onnxWindow(attrs, inputs[0].shape), ceil_mode: attrs.ceilMode };
      return add(kind === 'avg' ? 'AveragePool' : 'MaxPool', [x], window);
    },
  });
}

function statedWindows(x: Shape, stated: Shape, axes: number): Shape {
  if (stated.length !== axes + 2 || !sameShape(stated.slice(0, 2), x.slice(0, 2)))
    throw new Misfit(`attrs.shape [${stated}] is no pool of [${x}]`);
  return stated;
}

/** [N, H, W, C] -> [N, H', W', C]; padded places do not count in averages. */
const pool2dTfjs = (kind: 'avg' | 'max'): TfjsKernel<Window> => ({
  layout: 'image',
  prepare(node) {
    const { tf, attrs, inputs } = node;
    type Image = import('@tensorflow/tfjs').Tensor4D;
    if (Math.max(...attrs.dilation) > 1) throw unsupported(node, 'dilated windows');
    const [kernel, stride] = [attrs.kernel, attrs.stride] as [number, number][];
    const pad = tfjsPadding(attrs, inputs[0].shape);
    const run = kind === 'avg' ? tf.avgPool : tf.maxPool;
    return (x) => run(x as Image, kernel, stride, pad);
  },
});

/** [N, C, ..] -> [N, C, 1, ..]: reads every element once. */
const globalPool = (kind: 'avg' | 'max') =>
  operator(`global_${kind}_pool`, {
    about: `${kind === 'avg' ? 'mean' : 'maximum'} over all spatial axes`,
    shape([x]) {
      if (x.length < 3 || x.length > 5) throw new Misfit('needs an [N, C, H, W] input');
      return [x[0], x[1], ...x.slice(2).map(() => 1)];
    },
    work: ([x]) => ({ flops: elementCount(x.shape) }),
    kernel: 'open',
    feature: 'pool',
    tfjs: {
      layout: 'image',
      prepare(node) {
        const { tf, inputs } = node;
        if (inputs[0].shape.length !== 4) throw unsupported(node, `rank ${inputs[0].shape.length}`);
        return (x) => (kind === 'avg' ? tf.mean(x, [1, 2], true) : tf.max(x, [1, 2], true));
      },
    },
    onnx: onnxUnary(kind === 'avg' ? 'GlobalAveragePool' : 'GlobalMaxPool'),
  });

export const POOLS = [
  ...(['avg', 'max'] as const).flatMap((kind) => [1, 2, 3].map((axes) => pool(kind, axes))),
  globalPool('avg'),
  globalPool('max'),
];
