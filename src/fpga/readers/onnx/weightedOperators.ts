import { elementCount } from '../../../core/elementCount.js';
import { intAttribute, intsAttribute, type OnnxNode, stringAttribute } from '../../../graph/readers/onnx/onnxModel.js';
import { countConstants, MOST_COUNTED } from '../../design/constantCounts.js';
import type { HlsLayer, LayerKind } from '../../design/hlsDesign.js';
import { zerosOf } from './foldedConstant.js';
import type { OnnxConstant } from './onnxQuantizer.js';
import { isChannelsLast, type OnnxOperator, type OnnxWalk, sameShape } from './onnxWalk.js';
import { channelsOf, dimsOf, padded, windows } from './onnxWindow.js';

/**
 * Weights of a layer: their type and how many are zero. Of weights without a type only those that are exactly zero count, as in hls4ml; where none is, the
 * number that rounds to zero is left to the type they get.
 */
function weighted(walk: OnnxWalk, node: OnnxNode, weights: readonly (OnnxConstant | undefined)[]): Partial<HlsLayer> {
  const counts = weights.map(zerosOf);
  const isCounted = counts.every((z) => z !== undefined);
  if (!isCounted) walk.withoutValues.push(walk.nameOf(node));
  const zeros = isCounted ? counts.reduce((a, b) => a! + b!, 0) : undefined;
  return {
    weight: weights.find((w) => w?.precision)?.precision,
    zeroWeights: weights.every((w) => w?.precision) ? zeros : zeros || undefined,
    ...(weights.some((w) => w?.ownWidths) ? { ownWidths: true } : {}),
  };
}

/**
 * Constants of a matrix of weights that are whole multiples of one step: what is wired in is the whole number, a scale that is no power of two is a layer of its own. `at` is where
 * input `i` of output `o` stands.
 */
function constantsOf(
  { precision, step, values }: OnnxConstant,
  nIn: number,
  nOut: number,
  at: (i: number, o: number) => number,
): HlsLayer['constants'] {
  if (!precision || !step || nIn * nOut > MOST_COUNTED) return undefined;
  const weights = values();
  return weights && countConstants(nIn, nOut, (i, o) => weights[at(i, o)] / step);
}

const biased = (bias: OnnxConstant | undefined): Partial<HlsLayer> => ({ useBias: bias !== undefined, bias: bias?.precision });

/** A matrix of constants over the last axis. */
function dense(walk: OnnxWalk, node: OnnxNode, weight: OnnxConstant, transposed: boolean, bias: OnnxConstant | undefined): void {
  const input = walk.arranged(node, false);
  const [nIn, nOut] = transposed ? [weight.dims[1], weight.dims[0]] : weight.dims;
  if (input.dims.at(-1) !== nIn || input.batch === input.dims.length - 1)
    throw walk.problem(node, `multiplies [${input.dims}] by a matrix of ${nIn} x ${nOut}`);
  walk.add(
    node,
    'dense',
    [input],
    { dims: [...input.dims.slice(0, -1), nOut] },
    {
      ...weighted(walk, node, [weight]),
      constants: constantsOf(weight, nIn, nOut, transposed ? (i, o) => o * nIn + i : (i, o) => i * nOut + o),
      ...biased(bias),
    },
  );
}

export const gemm: OnnxOperator = (walk, node) => {
  const weight = walk.constant(node, 1);
  if (weight?.dims.length !== 2 || intAttribute(node, 'transA') === 1)
    walk.opaque(node, 'a product of two tensors is not supported');
  else dense(walk, node, weight, intAttribute(node, 'transB') === 1, walk.constant(node, 2));
};

export const matMul: OnnxOperator = (walk, node) => {
  const weight = walk.constant(node, 1),
    [a, b] = node.inputs.map((name) => walk.flows.get(name));
  if (weight?.dims.length !== 2 || !a)
    walk.opaque(
      node,
      'a product that is not of a tensor by a matrix of constants is not supported',
      a && b && a.dims.length >= b.dims.length && b.dims.length > 1 ? [...a.dims.slice(0, -1), b.dims.at(-1)!] : undefined,
    );
  else dense(walk, node, weight, false, undefined);
};

export const conv: OnnxOperator = (walk, node) => {
  const weight = walk.constant(node, 1),
    last = isChannelsLast(node),
    input = walk.arranged(node, !last);
  const rank = input.dims.length - 2;
  if (!weight) return walk.opaque(node, 'a convolution by a tensor that is no constant is not supported');
  if (weight.dims.length !== rank + 2 || input.batch !== 0)
    throw walk.problem(node, `convolves [${input.dims}] with weights [${weight.dims}]`);
  const filters = weight.dims[0],
    size = elementCount(weight.dims.slice(1)),
    ofWeights = last ? weight.dims.slice(1, -1) : weight.dims.slice(2),
    kernel = intsAttribute(node, 'kernel_shape') ?? ofWeights,
    groups = intAttribute(node, 'group') ?? 1,
    channels = channelsOf(input);
  if (channels !== groups * weight.dims[last ? rank + 1 : 1] || !sameShape(kernel, ofWeights))
    throw walk.problem(node, `convolves ${channels} channels in ${groups} groups with weights [${weight.dims}]`);
  const window = windows(walk, node, input, kernel),
    dims = dimsOf(input, window.out, filters);
  if (rank !== 1 && rank !== 2) return walk.opaque(node, `a convolution over ${rank} axes is not supported`, dims);
  if ((intsAttribute(node, 'dilations') ?? []).some((d) => d !== 1))
    return walk.opaque(node, 'a dilated convolution is not supported', dims);
  const from = padded(walk, node, input, window);
  const depthwise = groups > 1 && groups === channels;
  walk.add(
    node,
    `${depthwise ? 'depthwise_' : ''}conv${rank}d` as LayerKind,
    [from.input],
    { dims },
    {
      kernel: [...kernel],
      stride: window.stride,
      padding: from.padding,
      groups: groups === 1 || depthwise ? undefined : groups,
      ...weighted(walk, node, [weight]),
      constants: groups === 1 ? constantsOf(weight, size, filters, (i, o) => o * size + i) : undefined,
      ...biased(walk.constant(node, 2)),
    },
  );
};

/** GRU, LSTM, RNN: [steps, batch, features], weights [1, gates x units, ..]. */
export const recurrent =
  (kind: 'gru' | 'lstm' | 'simple_rnn'): OnnxOperator =>
  (walk, node) => {
    const input = walk.flow(node),
      layout = intAttribute(node, 'layout') ?? 0,
      [w, r] = [walk.constant(node, 1), walk.constant(node, 2)];
    const direction = stringAttribute(node, 'direction') ?? 'forward';
    if (!w || !r || direction !== 'forward' || input.dims.length !== 3 || input.batch !== 1 - layout || input.channelsFirst)
      return walk.opaque(
        node,
        `a ${kind} that is ${direction} over [${input.dims}] with ${w && r ? 'constant' : 'computed'} weights is not supported`,
      );
    const steps = input.dims[layout],
      batch = input.dims[1 - layout],
      units = r.dims[2];
    const [all, lastState] = node.outputs;
    const sequences = walk.isRead(all);
    const fields = { ...weighted(walk, node, [w, r]), ...biased(walk.constant(node, 3)) };
    const flow = walk.add(
      node,
      kind,
      [input],
      layout ? { dims: [batch, steps, 1, units], batch: 0 } : { dims: [steps, 1, batch, units], batch: 2 },
      { ...fields, outShape: sequences ? [steps, units] : [units] },
    );
    if (!lastState) return;
    if (sequences && walk.isRead(lastState))
      walk.assumptions.push(`layer '${walk.nameOf(node)}': its last state is read beside all states; taking it is not counted`);
    walk.flows.set(lastState, {
      ...flow,
      ...(layout ? { dims: [batch, 1, units], batch: 0 } : { dims: [1, batch, units], batch: 1 }),
    });
  };
