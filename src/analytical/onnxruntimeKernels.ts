import { type GraphIndex, graphIndex, operands } from '../graph/graphIndex.js';
import { nodeCost } from '../graph/operatorCost.js';
import type { OpGraph, OpNode } from '../graph/opGraph.js';
import { kernelsOfFusion } from './compiledKernels.js';
import { isPartOfNext, isSilu, readers } from './frameworkOperators.js';
import { fuse } from './fuse.js';
import { type KernelWork, kernelOfOperator } from './kernelWork.js';

/** Activations that a convolution, or a product of two matrices, computes on the way out. */
const ACTIVATIONS = new Set(['relu', 'relu6', 'clip', 'leaky_relu', 'sigmoid', 'tanh', 'hardsigmoid']);

/**
 * The kernels that ONNX Runtime 1.30 runs for a graph on a processor, a node each: convolutions take in norms, a sum and an activation, products of
 * matrices an activation; what else a compiler would fuse stays apart (`datasets/zoo-ort-operators` was recorded so).
 */
export function onnxruntimeKernels(graph: OpGraph): KernelWork[] {
  const { nodes } = graph,
    index = graphIndex(graph);
  const joins = (head: OpNode, node: OpNode): boolean => {
    if (/^conv/.test(head.op)) return node.op === 'add' || node.op === 'batch_norm' || ACTIVATIONS.has(node.op);
    return head.op === 'linear' && head.shape.length === 2 && ACTIVATIONS.has(node.op);
  };
  const fusion = fuse(graph, joins),
    kernels = kernelsOfFusion(graph, fusion),
    made: KernelWork[] = [];
  nodes.forEach((node, i) => {
    const isInside = (node.op === 'sigmoid' && isPartOfNext(nodes, index, i)) || isTakenIn(nodes, index, i);
    if (fusion.fate[i] !== 'kernel' || isInside) return;
    made.push(
      isSilu(nodes, index, i)
        ? kernelOfOperator({ ...node, op: 'silu' }, operands(graph, index, i).slice(0, 1), nodeCost(graph, i))
        : kernels[fusion.groupOf[i]],
    );
  });
  return made;
}

/** Whether the node behind computes this one too: a bias before a GELU, a factor before a product of matrices; or the product before, a factor behind it. */
function isTakenIn(nodes: readonly OpNode[], index: GraphIndex, i: number): boolean {
  const of = readers(index)[i],
    next = of.length === 1 ? nodes[of[0]].op : undefined,
    from = index.inputs[i].filter((j) => nodes[j].op !== 'stored');
  if (from.length !== 1) return false;
  if (nodes[i].op === 'add') return next === 'gelu';
  const isFactor = nodes[i].op === 'mul' || nodes[i].op === 'div';
  return isFactor && index.inputs[i].length === 1 && (next === 'matmul' || nodes[from[0]].op === 'matmul');
}
