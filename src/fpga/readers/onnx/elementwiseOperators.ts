import { floatAttribute, intAttribute, type OnnxNode } from '../../../graph/readers/onnx/onnxModel.js';
import { broadcasted, positiveAxis } from '../../../graph/readers/onnx/onnxShapes.js';
import { activationNamed } from '../activationName.js';
import { zeroSlopes } from '../keras/elementwiseLayers.js';
import { type OnnxConstant, onnxQuantizer } from './onnxQuantizer.js';
import { type Flow, hlsAxes, hlsShape, isChannelsLast, type OnnxOperator, type OnnxWalk, sameShape } from './onnxWalk.js';

/** A scale and shift an element: goes into the matrix before it, as in hls4ml, where that has no types of its own and all pixels have the same. */
function scaleAndShift(
  walk: OnnxWalk,
  node: OnnxNode,
  i: number,
  input: Flow,
  { constants, perChannel }: { constants: readonly (OnnxConstant | undefined)[]; perChannel: boolean },
): void {
  const before = walk.layerOf(input),
    matrix = walk.soleMatrix(node, i, input);
  if (matrix && !matrix.weight && !matrix.bias && perChannel) {
    matrix.useBias = true;
    fold(walk, node, input, matrix.name);
    walk.assumptions.push(`'${walk.nameOf(node)}' folded into '${matrix.name}', as hls4ml does`);
  } else if (before?.kind === 'batch_norm' && !before.result && walk.isSoleReader(node, i)) fold(walk, node, input, before.name);
  else
    walk.add(
      node,
      'batch_norm',
      [input],
      { dims: input.dims },
      {
        weight: constants[0]?.precision,
        bias: constants[1]?.precision,
      },
    );
}

function fold(walk: OnnxWalk, node: OnnxNode, input: Flow, layer: string): void {
  walk.flows.set(node.outputs[0], input);
  walk.part(node, layer);
}

export const batchNorm: OnnxOperator = (walk, node) => {
  const input = walk.arranged(node, !isChannelsLast(node));
  scaleAndShift(walk, node, 0, input, { constants: [walk.constant(node, 1), walk.constant(node, 2)], perChannel: true });
};

export const MERGES: Record<string, string> = {
  Add: 'add',
  Sum: 'add',
  Sub: 'subtract',
  Mul: 'multiply',
  Mean: 'average',
  Max: 'maximum',
  Min: 'minimum',
};

/** Whether a constant has one value, or one a channel: the last axis in HLS. */
function isPerChannel({ dims }: OnnxConstant, input: Flow): boolean {
  const channel = hlsAxes(input).at(-1)! - (input.dims.length - dims.length);
  return dims.every((d, i) => d === 1 || i === channel);
}

/** Elementwise on tensors: a merge. With a constant: a bias of the matrix before it, a scale and shift, or not known. */
export const elementwise: OnnxOperator = (walk, node) => {
  const tensors = node.inputs.flatMap((name, i) => (walk.flows.has(name) ? [i] : []));
  const [first] = tensors;
  if (tensors.length < node.inputs.filter(Boolean).length) {
    const constant = walk.constant(
      node,
      node.inputs.findIndex((name) => walk.constants.has(name)),
    );
    const input = walk.flow(node, first);
    if (tensors.length !== 1 || !/^(Add|Sub|Mul|Div)$/.test(node.opType) || (node.opType === 'Div' && first !== 0))
      return walk.opaque(node, `${node.opType} with a constant is not supported`);
    const dims = broadcasted(input.dims, constant!.dims);
    if (!dims || !sameShape(dims, input.dims))
      return walk.opaque(node, 'a constant larger than the tensor is not supported', dims);
    const shifts = node.opType === 'Add' || (node.opType === 'Sub' && first === 0),
      matrix = walk.soleMatrix(node, first, input);
    const perChannel = isPerChannel(constant!, input);
    if (matrix && !matrix.useBias && shifts && perChannel) {
      Object.assign(matrix, { useBias: true }, constant!.precision ? { bias: constant!.precision } : {});
      return fold(walk, node, input, matrix.name);
    }
    return scaleAndShift(walk, node, first, input, { constants: shifts ? [undefined, constant] : [constant], perChannel });
  }
  const merge = MERGES[node.opType];
  if (!merge) return walk.opaque(node, `${node.opType} of tensors is not supported`);
  const layout = walk.flow(node, first).channelsFirst,
    inputs = tensors.map((i) => walk.arranged(node, layout, i));
  const dims = inputs.map((f) => f.dims).reduce<number[] | undefined>((a, b) => a && broadcasted(a, b), inputs[0].dims);
  if (!dims) throw walk.problem(node, `joins shapes that do not fit: ${inputs.map((f) => `[${f.dims}]`).join(', ')}`);
  walk.add(node, 'merge', inputs, { dims }, { merge });
};

export const concat: OnnxOperator = (walk, node) => {
  if (!node.inputs.every((name) => walk.flows.has(name)))
    return walk.opaque(node, 'a concatenation with constants is not supported');
  const layout = walk.flow(node).channelsFirst,
    inputs = node.inputs.map((_, i) => walk.arranged(node, layout, i));
  const [{ dims }] = inputs,
    axis = positiveAxis(intAttribute(node, 'axis') ?? 1, dims.length);
  if (inputs.some((f) => f.dims.length !== dims.length || f.dims.some((d, i) => i !== axis && d !== dims[i])))
    throw walk.problem(node, `joins shapes that do not fit: ${inputs.map((f) => `[${f.dims}]`).join(', ')}`);
  const joined = dims.map((d, i) => (i === axis ? inputs.reduce((sum, f) => sum + f.dims[axis], 0) : d));
  walk.add(node, 'merge', inputs, { dims: joined }, { merge: 'concatenate' });
};

export const activation: OnnxOperator = (walk, node) => {
  const input = walk.flow(node);
  if (node.opType === 'Softmax') {
    const axis = positiveAxis(intAttribute(node, 'axis') ?? (walk.opset < 13 ? 1 : -1), input.dims.length);
    const shape = hlsShape(input);
    if (hlsAxes(input).at(-1) !== axis && shape.slice(0, -1).some((d) => d !== 1))
      walk.assumptions.push(
        `layer '${walk.nameOf(node)}': a softmax over axis ${axis} of [${input.dims}] is taken over the channels`,
      );
  }
  if (node.opType === 'PRelu') walk.assumptions.push(zeroSlopes(walk.nameOf(node)));
  const slope = node.opType === 'LeakyRelu' ? (floatAttribute(node, 'alpha') ?? 0.01) : undefined;
  walk.add(node, 'activation', [input], { dims: input.dims }, { activation: activationNamed(node.opType), slope });
};

/** Clip from 0 is a relu, from -1 to 1 a hard tanh. */
export const clip: OnnxOperator = (walk, node) => {
  const limit = (name: string, i: number): number | undefined => {
    const attribute = node.attributes.get(name);
    return attribute?.kind === 'float' ? attribute.value : walk.constant(node, i)?.values()?.[0];
  };
  const low = limit('min', 1),
    high = limit('max', 2);
  const name = low === 0 ? 'relu' : low === -1 && high === 1 ? 'hard_tanh' : undefined;
  if (!name) return walk.opaque(node, `Clip to ${low ?? 'unknown'}..${high ?? 'unknown'} is not supported`);
  const input = walk.flow(node);
  walk.add(node, 'activation', [input], { dims: input.dims }, { activation: name });
};

/** A quantiser is the type of what was made before it; where that cannot be, a linear activation, as in hls4ml. */
export const quantize: OnnxOperator = (walk, node) => {
  const quantizer = onnxQuantizer(
    node,
    node.inputs.map((name) => walk.constants.get(name)),
  );
  for (const text of quantizer.notes) walk.assumptions.push(`quantiser '${walk.nameOf(node)}': ${text}`);
  const result = quantizer.precision;
  if (!result) return walk.pass(node);
  const input = walk.flow(node),
    before = walk.layerOf(input);
  const safe = before && /^(dense|(depthwise_)?conv\dd|batch_norm|activation)$/.test(before.kind) && !before.result;
  if (safe && walk.isSoleReader(node)) {
    before.result = result;
    walk.pass(node);
  } else walk.add(node, 'activation', [input], { dims: input.dims }, { activation: 'linear', result });
};
