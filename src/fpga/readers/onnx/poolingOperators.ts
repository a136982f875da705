import { intAttribute, intsAttribute } from '../../../graph/readers/onnx/onnxModel.js';
import { positiveAxis } from '../../../graph/readers/onnx/onnxShapes.js';
import { axesOf } from './foldedConstant.js';
import { hlsAxes, isChannelsLast, type OnnxOperator, sameShape } from './onnxWalk.js';
import { channelsOf, dimsOf, padded, windows } from './onnxWindow.js';

/** Pooling over windows. */
export const pool =
  (kind: 'max_pool' | 'avg_pool'): OnnxOperator =>
  (walk, node) => {
    const input = walk.arranged(node, !isChannelsLast(node)),
      kernel = intsAttribute(node, 'kernel_shape');
    if (!kernel) throw walk.problem(node, "has no 'kernel_shape'");
    const window = windows(walk, node, input, kernel),
      dims = dimsOf(input, window.out, channelsOf(input));
    if (kernel.length > 2 || (intsAttribute(node, 'dilations') ?? []).some((d) => d !== 1))
      return walk.opaque(node, 'pooling over three axes or with gaps is not supported', dims);
    const from = padded(walk, node, input, window);
    walk.add(node, kind, [from.input], { dims }, { kernel: [...kernel], stride: window.stride, padding: from.padding });
  };

/** Pooling over the whole picture, its axes kept as 1. */
export const globalPool =
  (kind: 'global_max_pool' | 'global_avg_pool'): OnnxOperator =>
  (walk, node) => {
    const input = walk.arranged(node, !isChannelsLast(node));
    const space = (input.channelsFirst ? input.dims.slice(2) : input.dims.slice(1, -1)).map(() => 1);
    walk.add(node, kind, [input], { dims: dimsOf(input, space, channelsOf(input)) });
  };

/** A mean or maximum over all axes but batch and channel is a global pooling. */
export const reduce =
  (kind: 'global_max_pool' | 'global_avg_pool'): OnnxOperator =>
  (walk, node) => {
    const input = walk.flow(node),
      axes = axesOf(node, walk.constant(node, 1))?.map((a) => positiveAxis(a, input.dims.length)) ?? [];
    const space = hlsAxes(input).slice(0, -1),
      keep = intAttribute(node, 'keepdims') !== 0;
    const dims = input.dims.flatMap((d, i) => (!axes.includes(i) ? [d] : keep ? [1] : []));
    if (!space.length || !sameShape([...axes].sort(), [...space].sort()))
      return walk.opaque(node, 'a reduction over other axes than those of a picture is not supported', dims);
    walk.add(node, kind, [input], { dims, channelsFirst: keep && input.channelsFirst });
  };
