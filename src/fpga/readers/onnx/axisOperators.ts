import { intAttribute, intsAttribute, type OnnxNode } from '../../../graph/readers/onnx/onnxModel.js';
import { flattened, keptAxes, positiveAxis, reshaped, unsqueezed } from '../../../graph/readers/onnx/onnxShapes.js';
import { axesOf } from './foldedConstant.js';
import { hlsAxes, hlsShape, type OnnxOperator, type OnnxWalk, sameShape } from './onnxWalk.js';

/** Other axes, the same elements in the same order. */
function reshapeTo(walk: OnnxWalk, node: OnnxNode, dims: number[], batch: number, keepsAxes = false): void {
  const input = walk.flow(node),
    output = node.outputs[0];
  if (dims[batch] !== input.dims[input.batch])
    throw walk.problem(node, `turns [${input.dims}] into [${dims}]: the batch is mixed with other axes`);
  const channelsFirst = dims.length > 2 && batch === 0 && (walk.wantsChannelsFirst(output) || (keepsAxes && input.channelsFirst));
  const out = { dims, batch, channelsFirst },
    shape = hlsShape(out);
  const made = walk.layerOf(input)?.outShape ?? hlsShape(input);
  if (sameShape(shape, made)) {
    walk.pass(node, out);
    return;
  }
  if (input.channelsFirst && !channelsFirst && dims.length > 2 && !keepsAxes)
    walk.assumptions.push(`'${walk.nameOf(node)}' reshapes a channels-first tensor: its order of elements is not counted`);
  walk.add(node, 'reshape', [input], out);
}

export const reshape: OnnxOperator = (walk, node) => {
  const input = walk.flow(node),
    target = walk.constant(node, 1)?.values() ?? intsAttribute(node, 'shape');
  const dims = target
    ? reshaped(input.dims, [...target], intAttribute(node, 'allowzero') === 1)
    : walk.recordedDims(node.outputs[0]);
  if (!dims)
    throw walk.problem(
      node,
      target
        ? `turns [${input.dims}] into [${[...target]}]: another number of elements`
        : 'takes a shape that is computed at run time',
      target ? undefined : 'fold constants first, e.g. with qonnx-cleanup or onnxsim',
    );
  reshapeTo(walk, node, dims, 0);
};

export const flatten: OnnxOperator = (walk, node) => {
  const input = walk.flow(node);
  reshapeTo(walk, node, flattened(input.dims, intAttribute(node, 'axis') ?? 1), 0);
};

export const squeeze: OnnxOperator = (walk, node) => {
  const input = walk.flow(node),
    kept = keptAxes(input.dims, axesOf(node, walk.constant(node, 1)));
  const batch = kept.indexOf(input.batch);
  if (batch < 0) throw walk.problem(node, 'takes the batch axis away');
  reshapeTo(
    walk,
    node,
    kept.map((i) => input.dims[i]),
    batch,
    kept.includes(1),
  );
};

export const unsqueeze: OnnxOperator = (walk, node) => {
  const input = walk.flow(node),
    axes = axesOf(node, walk.constant(node, 1));
  if (!axes) throw walk.problem(node, "has no constant 'axes'");
  const rank = input.dims.length + axes.length,
    added = axes.map((a) => positiveAxis(a, rank));
  const places = Array.from({ length: rank }, (_, i) => i).filter((i) => !added.includes(i));
  reshapeTo(walk, node, unsqueezed(input.dims, axes), places[input.batch], places[1] === 1);
};

export const transpose: OnnxOperator = (walk, node) => {
  const input = walk.flow(node),
    rank = input.dims.length,
    perm = intsAttribute(node, 'perm') ?? input.dims.map((_, i) => rank - 1 - i);
  if (perm.length !== rank) throw walk.problem(node, `permutes ${rank} axes by [${perm}]`);
  const out = { dims: perm.map((p) => input.dims[p]), batch: perm.indexOf(input.batch), channelsFirst: false };
  out.channelsFirst = rank > 2 && out.batch === 0 && walk.wantsChannelsFirst(node.outputs[0]);
  // the order of elements in hardware, in axes of the input
  if (
    sameShape(
      hlsAxes(out).map((i) => perm[i]),
      hlsAxes(input),
    )
  )
    walk.pass(node, out);
  else walk.add(node, 'transpose', [input], out);
};

export const pad: OnnxOperator = (walk, node) => {
  const input = walk.flow(node),
    pads = intsAttribute(node, 'pads') ?? walk.constant(node, 1)?.values();
  if (!pads || pads.length !== 2 * input.dims.length) return walk.opaque(node, 'padding that is no constant is not supported');
  const rank = input.dims.length;
  if (pads.every((p) => p === 0)) return walk.pass(node);
  walk.add(node, 'padding', [input], { dims: input.dims.map((d, i) => d + pads[i] + pads[i + rank]) });
};

export const resize: OnnxOperator = (walk, node) => {
  const input = walk.flow(node),
    at = node.opType === 'Upsample' || walk.opset < 11 ? 1 : 2;
  const scales = walk.constant(node, at)?.values(),
    sizes = walk.constant(node, at + 1)?.values();
  const dims =
    scales?.length === input.dims.length
      ? input.dims.map((d, i) => Math.floor(d * scales[i]))
      : sizes?.length === input.dims.length
        ? [...sizes]
        : walk.recordedDims(node.outputs[0]);
  if (!dims) return walk.opaque(node, 'a size that is computed at run time is not known');
  walk.add(node, 'resize', [input], { dims });
};
