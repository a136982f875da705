import { elementCount } from '../core/elementCount.js';
import { type GraphIndex, graphIndex, operands } from '../graph/graphIndex.js';
import { liveNodes } from '../graph/liveNodes.js';
import { nodeCost } from '../graph/operatorCost.js';
import type { Operator } from '../graph/operators/operator.js';
import { operatorsOf } from '../graph/operatorsOf.js';
import type { OpGraph, OpNode } from '../graph/opGraph.js';
import { type Shape, type TensorType, tensorBytes } from '../graph/tensorType.js';
import { attentionsOf } from './attentionPattern.js';
import { isBias, isPartOfNext, isSilu, readers } from './frameworkOperators.js';
import { type KernelWork, kernelOfOperator } from './kernelWork.js';

/** Operators that only view their input; a later one that needs it in order copies it. */
const VIEWS = new Set(['reshape', 'transpose', 'slice', 'split', 'expand', 'cast', 'stored', 'input']);
/** Operators that an eager framework only runs on tensors in order. */
const ORDERED = new Set(['linear', 'layer_norm', 'matmul']);

/** An operator that an eager framework runs, and the kernels it launches for it. */
export interface EagerStep {
  /** position of the node that holds the result */
  node: number;
  kernels: KernelWork[];
}

/** The kernels of `eagerSteps`. */
export const eagerKernels = (graph: OpGraph): KernelWork[] => eagerSteps(graph).flatMap((step) => step.kernels);

/**
 * The kernels that an eager framework launches for a graph, as PyTorch does: what exporters write in several operators is one again (SiLU, reciprocal
 * square root, the bias of a linear layer, scaled-dot-product attention), views cost nothing, a view that has to be put in order is a copy, and the
 * bias of a convolution is a pass over its output, as is a norm that the exporter folded into it, where the file says so. `bench/lowering.ts` compares
 * them with the kernels that a profiler recorded.
 */
export function eagerSteps(graph: OpGraph): EagerStep[] {
  const { nodes } = graph,
    index = graphIndex(graph),
    live = liveNodes(graph),
    operators = operatorsOf(graph);
  const attentions = attentionsOf(graph, index, live),
    strided = stridedNodes(graph, index, operators, attentions.outputs);
  const kernelsOf = (node: OpNode, i: number): KernelWork[] => {
    if (!live[i] || attentions.absorbed.has(i) || isPartOfNext(nodes, index, i)) return [];
    const attention = attentions.kernels.get(i);
    if (attention) return [attention];
    const inputs = operands(graph, index, i);
    if (VIEWS.has(node.op)) return strided.copied.has(i) ? [copyOf(node)] : [];
    if (operators[i].kernel === 'free' || (node.op === 'add' && isBias(graph, index, i)) || isGroupAffine(nodes, index, i))
      return [];
    const kernels: KernelWork[] = [];
    if (ORDERED.has(node.op))
      index.inputs[i].forEach((j, k) => {
        if (strided.strided[j]) kernels.push(copyOf(inputs[k]));
      });
    const read = isSilu(nodes, index, i) ? inputs.slice(0, 1) : inputs;
    const work = kernelOfOperator({ ...node, op: read === inputs ? node.op : 'silu' }, read, nodeCost(graph, i));
    kernels.push(work);
    if (node.op === 'batch_norm') kernels.push(statisticsOf(node));
    if (isSquareOfNorm(nodes, index, i)) kernels.push(widened(node), widened(node));
    if (/^conv/.test(node.op)) kernels.push(...passesOver(node, inputs));
    return kernels;
  };
  return nodes.flatMap((node, i) => {
    const kernels = kernelsOf(node, i);
    return kernels.length ? [{ node: i, kernels }] : [];
  });
}

/** A convolution whose bias, or the norm that an exporter folded into it, is a kernel of its own. */
export const isPassedOver = (nodes: readonly OpNode[], { inputs }: GraphIndex, i: number): boolean =>
  /^conv/.test(nodes[i].op) &&
  passesOver(
    nodes[i],
    inputs[i].map((j) => nodes[j]),
  ).length > 0;

const copyOf = (tensor: TensorType): KernelWork => elementwise('copy', tensor);
/** What follows a convolution: its bias, which those of one channel a group add themselves, and the norm that an exporter folded into it. */
function passesOver(conv: OpNode, [{ shape }]: readonly TensorType[]): KernelWork[] {
  const { bias, foldedNorm, groups } = conv.attrs,
    isPass = bias && foldedNorm !== 'alone' && (groups === 1 || groups !== shape[1]),
    passes = isPass ? [elementwise('broadcast', conv)] : [];
  return foldedNorm ? [...passes, elementwise('channelwise', conv), statisticsOf(conv)] : passes;
}
/** A batch norm widens its statistics to fp32 where they are narrower. */
const statisticsOf = ({ shape }: TensorType): KernelWork => widened({ shape: [shape[1] ?? 1], dtype: 'fp32' });
/** A copy in fp32, or back from it, where elements are narrower. */
const widened = (tensor: TensorType): KernelWork => ({ ...elementwise('copy', tensor), isOfHalf: true });

/** The square that a root-mean-square norm takes the mean of, which language models do in fp32. */
const isSquareOfNorm = (nodes: readonly OpNode[], index: GraphIndex, i: number): boolean =>
  nodes[i].op === 'pow' && readers(index)[i].some((j) => nodes[j].op === 'reduce');
const elementwise = (kind: KernelWork['kind'], tensor: TensorType): KernelWork => ({
  kind,
  flops: 0,
  bytes: 2 * tensorBytes(tensor),
  weightBytes: 0,
  row: tensor.shape.at(-1) ?? 1,
});

/** The scale or the shift of a group norm that was written as an instance norm. */
function isGroupAffine(nodes: readonly OpNode[], { inputs }: GraphIndex, i: number): boolean {
  const from = (at: number, op: string): number | undefined =>
    nodes[at].op === op && inputs[at].some((j) => nodes[j].op === 'stored')
      ? inputs[at].find((j) => nodes[j].op !== 'stored')
      : undefined;
  const scaled = from(i, 'add') ?? i,
    reshaped = from(scaled, 'mul');
  if (reshaped === undefined || nodes[reshaped].op !== 'reshape') return false;
  return nodes[inputs[reshaped][0]].op === 'instance_norm';
}

const withoutOnes = (shape: Shape): number[] => shape.filter((d) => d !== 1);

/** Which nodes are views out of order, and which reshapes have to copy one. */
function stridedNodes(
  { nodes }: OpGraph,
  { inputs }: GraphIndex,
  operators: readonly Operator[],
  inOrder: ReadonlySet<number>,
): { strided: boolean[]; copied: ReadonlySet<number> } {
  const strided: boolean[] = new Array(nodes.length).fill(false),
    copied = new Set<number>();
  nodes.forEach((node, i) => {
    const from = inputs[i][0];
    if (from === undefined) return;
    // attention writes its output as the layer behind it wants it
    const before = strided[from];
    if (node.op === 'transpose') {
      const order = node.attrs.order as readonly number[] | undefined,
        moved = order?.filter((d) => nodes[from].shape[d] !== 1) ?? [];
      strided[i] = !inOrder.has(from) && (before || moved.some((d, k) => k > 0 && d < moved[k - 1]));
    } else if (operators[i].kernel === 'elementwise') {
      // the output of an elementwise operator lies as its first operand of full size does
      const full = inputs[i].find((j) => elementCount(nodes[j].shape) === elementCount(node.shape));
      strided[i] = full !== undefined && strided[full];
    } else if (node.op === 'expand') strided[i] = true;
    else if (node.op === 'slice' || node.op === 'split') strided[i] = before;
    else if (node.op === 'reshape' && before) {
      const old = withoutOnes(nodes[from].shape),
        made = withoutOnes(node.shape);
      if (made.length < old.length) copied.add(i);
      else strided[i] = true;
    }
  });
  return { strided, copied };
}
