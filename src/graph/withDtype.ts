import type { OpGraph } from './opGraph.js';
import type { Dtype } from './tensorType.js';

/** Types of indices and masks, which no choice of an element type changes. */
const KEPT = new Set<Dtype>(['int64', 'int32', 'bool']);

/** The graph with all floating-point tensors in one type. */
export function withDtype(graph: OpGraph, dtype: Dtype): OpGraph {
  const typed = <T extends { dtype: Dtype }>(tensor: T): T => (KEPT.has(tensor.dtype) ? tensor : { ...tensor, dtype });
  const nodes = graph.nodes.map((n) =>
    n.furtherOutputs ? { ...typed(n), furtherOutputs: n.furtherOutputs.map(typed) } : typed(n),
  );
  return { ...graph, nodes };
}
