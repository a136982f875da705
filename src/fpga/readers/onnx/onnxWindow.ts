import { intAttribute, intsAttribute, type OnnxNode, stringAttribute } from '../../../graph/readers/onnx/onnxModel.js';
import type { Flow, OnnxWalk } from './onnxWalk.js';

/** Windows of a convolution or pooling over the axes behind the batch and the channel. */
export function windows(
  walk: OnnxWalk,
  node: OnnxNode,
  input: Flow,
  kernel: readonly number[],
): { space: number[]; out: number[]; stride: number[]; total: number[] } {
  const rank = kernel.length,
    space = input.channelsFirst ? input.dims.slice(2) : input.dims.slice(1, -1);
  if (space.length !== rank) throw walk.problem(node, `moves a window [${kernel}] over [${input.dims}]`);
  const stride = intsAttribute(node, 'strides') ?? kernel.map(() => 1),
    dilation = intsAttribute(node, 'dilations') ?? kernel.map(() => 1),
    pads = intsAttribute(node, 'pads') ?? Array.from({ length: 2 * rank }, () => 0),
    auto = stringAttribute(node, 'auto_pad') ?? 'NOTSET',
    round = intAttribute(node, 'ceil_mode') === 1 ? Math.ceil : Math.floor;
  const window = kernel.map((k, i) => (k - 1) * (dilation[i] ?? 1) + 1);
  const out = space.map((size, i) => {
    if (auto.startsWith('SAME')) return Math.ceil(size / stride[i]);
    const padding = auto === 'VALID' ? 0 : (pads[i] ?? 0) + (pads[i + rank] ?? 0);
    return round((size + padding - window[i]) / stride[i]) + 1;
  });
  // what the windows reach beyond the input
  const total = out.map((o, i) => Math.max(0, (o - 1) * stride[i] + window[i] - space[i]));
  return { space, out, stride: stride.slice(0, rank), total };
}

/** Channels of a picture or signal. */
export const channelsOf = ({ dims, channelsFirst }: Flow): number => dims[channelsFirst ? 1 : dims.length - 1];

/** Dims with other sizes of the picture and another number of channels. */
export const dimsOf = (input: Flow, space: readonly number[], channels: number): number[] =>
  input.channelsFirst ? [input.dims[0], channels, ...space] : [input.dims[0], ...space, channels];

/** Input and padding of a windowed layer: hls4ml's `same` where the sizes are those, else a padding layer before it. */
export function padded(
  walk: OnnxWalk,
  node: OnnxNode,
  input: Flow,
  { space, out, stride, total }: ReturnType<typeof windows>,
): { input: Flow; padding: 'same' | 'valid' } {
  if (total.every((t) => t === 0)) return { input, padding: 'valid' };
  if (out.every((o, i) => o === Math.ceil(space[i] / stride[i]))) return { input, padding: 'same' };
  const wider = space.map((size, i) => size + total[i]);
  return {
    input: walk.add(node, 'padding', [input], { dims: dimsOf(input, wider, channelsOf(input)) }, {}, '_padding'),
    padding: 'valid',
  };
}
