import { HwcastError } from '../../core/errors.js';
import { graphIndex } from '../../graph/graphIndex.js';
import { graphCosts } from '../../graph/operatorCost.js';
import { paddingOf, type Window, windowOf } from '../../graph/operators/window.js';
import { operatorsOf } from '../../graph/operatorsOf.js';
import type { OpGraph } from '../../graph/opGraph.js';
import { type Fusion, fuse } from '../fuse.js';
import { liveBytes, type TensorLives, tensorLives } from '../peakMemory.js';

/** The first layers of a network in parts of their last output, and what that saves and costs. */
export interface PatchPlan {
  /** parts along each axis */
  patches: number;
  /** the operator whose output is kept whole; the parts end there */
  last: string;
  /** bytes of activations that live at most: layer by layer, and with parts */
  whole: number;
  peak: number;
  /** multiply-accumulates that parts repeat, over those of the network */
  overhead: number;
}

/** From the first to behind the last place of an axis. */
type Span = readonly [from: number, to: number];
/** Places that each part needs along one axis. */
type Spans = Span[];

/** Operators of one output place that read that place of their operands only. */
const SAME_PLACE = new Set(['batch_norm', 'identity', 'dropout', 'zero', 'quantize', 'dequantize']);
const WINDOWED = new Set(['conv2d', 'max_pool2d', 'avg_pool2d']);

/**
 * Patch by patch inference (MCUNetV2, Lin et al., NeurIPS 2021): the first operators run on n x n parts of the last one's output; p places of an output
 * need s (p - 1) + d (k - 1) + 1 of the input, less what lies in the padding, so parts overlap and are computed twice. That output is kept whole and
 * parts are written into it; of the picture only the part is kept. Peak: the larger of the parts' tensors with that output, and of the rest layer by
 * layer; kernels fused, tensors freed after their last reader, depthwise convolutions in place but for one channel (MCUNet, Lin et al., NeurIPS 2020). The end is where the peak is least. Regime: convolutions, pools and what works place by
 * place; parts end before a layer that reads the whole picture (global pools, squeeze and excite, attention), and where one tensor carries all on.
 * @param patches parts along each axis, 1 or more
 * @throws HwcastError `unsupported` where no such end exists
 */
export function patchInference(graph: OpGraph, patches: number): PatchPlan {
  const fusion = fuse(graph),
    lives = tensorLives(graph, fusion),
    { nodes } = graph;
  const size = (i: number) => lives.bytes(i);
  const inPlace = depthwiseInPlace(graph, fusion, lives);
  /** bytes while each node runs, its tensors of the sizes `of` */
  const live = (of: (i: number) => number) => {
    const saved = (i: number) => {
      const place = inPlace.get(i);
      return place === undefined ? 0 : Math.min(of(place), of(i)) - of(i) / nodes[i].shape[1];
    };
    return liveBytes(lives, of, saved);
  };
  const whole = Math.max(...live(size));
  const { each, total } = graphCosts(graph);
  let best: PatchPlan | undefined;
  const stop = firstWithoutParts(graph);
  for (let last = 0; last < stop; last++) {
    const [, , height, width] = nodes[last].shape;
    if (nodes[last].op === 'input' || !carriesAll(lives, last) || Math.min(height ?? 0, width ?? 0) < patches) continue;
    const spans = [0, 1].map((axis) => spansUpTo(graph, last, axis, patches));
    const share = (i: number, of: (lengths: number[]) => number) =>
      spans.reduce((product, axis, a) => product * (axis[i] ? of(axis[i].map(lengthOf)) / nodes[i].shape[a + 2] : 1), 1);
    const part = (i: number) => (i === last ? 0 : size(i) * share(i, (lengths) => Math.max(...lengths)));
    const early = live((i) => (i <= last ? part(i) : 0)).slice(0, last + 1),
      late = live(size).slice(last + 1);
    const peak = Math.ceil(Math.max(Math.max(...early) + size(last), ...late));
    if (best && peak >= best.peak) continue;
    const repeated = nodes.reduce((sum, _, i) => sum + (i > last ? 0 : each[i].macs * (share(i, sumOf) - 1)), 0);
    best = { patches, last: nodes[last].id, whole, peak, overhead: total.macs ? repeated / total.macs : 0 };
  }
  if (!best)
    throw new HwcastError('unsupported', `no first layers of the network can run in ${patches} x ${patches} parts`, {
      hint: `they end before '${nodes[Math.min(stop, nodes.length - 1)].id}' (${nodes[Math.min(stop, nodes.length - 1)].op}), with ${patches} x ${patches} places or more of an output that carries all on; fewer patches`,
    });
  return best;
}

const lengthOf = ([from, to]: Span): number => to - from;
const sumOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** By the node that holds its output: the tensor that a depthwise convolution overwrites, which nobody reads later. */
function depthwiseInPlace(graph: OpGraph, { groupOf, source }: Fusion, { isHeld, lastRead }: TensorLives): Map<number, number> {
  const { nodes } = graph,
    { inputs } = graphIndex(graph);
  const found = new Map<number, number>();
  nodes.forEach(({ op, shape, attrs }, i) => {
    if (op !== 'conv2d' || attrs.groups !== shape[1] || groupOf[i] < 0) return;
    const from = source[inputs[i][0]],
      end = groupOf.lastIndexOf(groupOf[i]);
    if (from >= 0 && isHeld(from) && isHeld(end) && nodes[from].shape[1] === shape[1] && lastRead[from] === end)
      found.set(end, from);
  });
  return found;
}

/** Position of the first node whose places need more than places of its operands. */
function firstWithoutParts(graph: OpGraph): number {
  const operators = operatorsOf(graph),
    { inputs } = graphIndex(graph);
  const found = graph.nodes.findIndex((node, i) => {
    if (operators[i].value === 'stored' || WINDOWED.has(node.op)) return false;
    if (node.shape.length !== 4) return true;
    if (!inputs[i].length) return false;
    const images = inputs[i].map((j) => graph.nodes[j]).filter(({ shape }) => shape.length === 4 && shape[2] * shape[3] > 1);
    const isInPlace =
      operators[i].kernel === 'elementwise' || SAME_PLACE.has(node.op) || (node.op === 'concat' && node.attrs.axis === 1);
    return !isInPlace || images.some(({ shape }) => shape[2] !== node.shape[2] || shape[3] !== node.shape[3]);
  });
  return found < 0 ? graph.nodes.length : found;
}

/** Whether nothing but the tensor of node `i` is read later. */
const carriesAll = ({ isHeld, lastRead }: TensorLives, i: number): boolean =>
  isHeld(i) && lastRead[i] > i && lastRead.every((step, j) => j >= i || step <= i);

/** Places along an axis that each part needs of every node up to `last`, from the last one back; undefined for nodes that parts do not read. */
function spansUpTo(graph: OpGraph, last: number, axis: number, patches: number): (Spans | undefined)[] {
  const { nodes } = graph,
    { inputs } = graphIndex(graph);
  const needed: (Spans | undefined)[] = new Array(nodes.length);
  const side = nodes[last].shape[axis + 2];
  needed[last] = Array.from({ length: patches }, (_, p) => [
    Math.floor((p * side) / patches),
    Math.floor(((p + 1) * side) / patches),
  ]);
  for (let i = last; i >= 0; i--) {
    const own = needed[i];
    if (!own) continue;
    for (const j of inputs[i]) {
      const size = nodes[j].shape.length === 4 ? nodes[j].shape[axis + 2] : 1;
      if (size === 1) continue;
      const window = WINDOWED.has(nodes[i].op) ? windowOf(nodes[i].attrs, 2) : undefined;
      const read = window ? own.map((span) => readBy(span, window, axis, size)) : own;
      needed[j] = needed[j]?.map(([from, to], p): Span => [Math.min(from, read[p][0]), Math.max(to, read[p][1])]) ?? read;
    }
  }
  return needed;
}

/** Places of an input of `size` that windows read for places of their output. */
function readBy([from, to]: Span, window: Window, axis: number, size: number): Span {
  const [before] = paddingOf(window, axis, size);
  const { kernel, stride, dilation } = window;
  const first = from * stride[axis] - before,
    behind = (to - 1) * stride[axis] - before + dilation[axis] * (kernel[axis] - 1) + 1;
  return [Math.min(Math.max(first, 0), size - 1), Math.max(Math.min(behind, size), 1)];
}
