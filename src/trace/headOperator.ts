import { graphIndex, operands } from '../graph/graphIndex.js';
import { operatorNamed } from '../graph/operators/index.js';
import type { KernelClass } from '../graph/operators/operator.js';
import type { MappedOp } from '../graph/operatorText.js';
import type { OpGraph, OpNode } from '../graph/opGraph.js';
import { recordedForm } from './recordedForm.js';

/** What has a kernel of its own before what is appended to one, and that before what has none. */
const RANK: Readonly<Record<KernelClass, number>> = { closed: 3, open: 3, rowwise: 2, elementwise: 1, free: 0 };

/** By the first number that differs. */
function isAbove(a: readonly number[], b: readonly number[]): boolean {
  const at = a.findIndex((n, i) => n !== b[i]);
  return at >= 0 && a[at] > b[at];
}

/**
 * The operator that one kernel is called after: of several in it (a convolution with its activation, a sum with its norm) the one of most
 * multiply-accumulates, else the one that needs a kernel most, else that of most arithmetic, else the first.
 * @param among nodes of the graph, in its order
 * @returns undefined where there are none but inputs and constants
 */
export function headOperator(graph: OpGraph, among: readonly OpNode[]): MappedOp | undefined {
  const index = graphIndex(graph);
  let head: { node: OpNode; at: number; weight: readonly number[] } | undefined;
  for (const node of among) {
    const operator = operatorNamed(node.op);
    if (operator.value === 'given' || operator.value === 'stored') continue;
    const at = index.position.get(node.id)!,
      { macs, flops } = operator.cost(node, operands(graph, index, at)),
      weight = [macs, RANK[operator.kernel], flops];
    if (!head || isAbove(weight, head.weight)) head = { node, at, weight };
  }
  if (!head) return undefined;
  const { op, shape, dtype } = head.node,
    // what it shares with other operators of its model, by itself it has all of
    { params: _, ...attrs } = head.node.attrs,
    inputs = operands(graph, index, head.at).map((t) => ({ shape: [...t.shape], dtype: t.dtype }));
  return recordedForm({ op, attrs, inputs, shape: [...shape], dtype });
}
