import { elementCount } from '../core/elementCount.js';
import type { MappedOp, Tensor } from '../graph/operatorText.js';
import { operatorGraph } from '../graph/operatorText.js';
import type { OpGraph, OpNode } from '../graph/opGraph.js';

/** below this share of device time in usable operators a step is no usable network */
export const LEAST_COVERAGE = 0.9;

const key = (t: Tensor) => `${t.dtype} ${t.shape.join('x')}`;
const count = (t: Tensor) => `${t.dtype} ${elementCount(t.shape)}`;

/**
 * The operators of one step as a graph in execution order. Traces do not say which tensor an operator reads, so edges are reconstructed: the
 * first operand comes from the last operator with an output of that shape and type (or, through a `reshape`, of as many elements), further
 * operands from the last such output nothing has read yet; what is found nowhere is an input of the graph. Costs of the graph are exact, since
 * shapes are; its edges are likely, not certain.
 */
export function tracedGraph(ops: readonly MappedOp[]): OpGraph {
  const nodes: OpNode[] = [];
  const byShape = new Map<string, string[]>(),
    byCount = new Map<string, string>();
  const read = new Set<string>();
  const push = (node: OpNode): string => {
    nodes.push(node);
    return node.id;
  };
  const input = (t: Tensor): string =>
    push({ id: `x${nodes.length}`, op: 'input', inputs: [], attrs: { shape: t.shape }, shape: t.shape, dtype: t.dtype });
  const find = (t: Tensor, first: boolean, taken: readonly string[]): string => {
    const candidates = byShape.get(key(t)) ?? [];
    for (let i = candidates.length - 1; i >= 0 && i >= candidates.length - 32; i--)
      if (!taken.includes(candidates[i]) && (first || !read.has(candidates[i]))) return candidates[i];
    const reshaped = first ? byCount.get(count(t)) : undefined;
    if (reshaped === undefined) return input(t);
    read.add(reshaped);
    return push({
      id: `r${nodes.length}`,
      op: 'reshape',
      inputs: [reshaped],
      attrs: { shape: t.shape },
      shape: t.shape,
      dtype: t.dtype,
    });
  };
  for (const op of ops) {
    const inputs: string[] = [];
    op.inputs.forEach((t, i) => {
      inputs.push(find(t, i === 0, inputs));
    });
    for (const i of inputs) read.add(i);
    const own = operatorGraph(op).nodes.at(-1)!;
    const id = push({ ...own, id: `n${nodes.length}`, inputs });
    const list = byShape.get(key(op));
    if (list) list.push(id);
    else byShape.set(key(op), [id]);
    byCount.set(count(op), id);
  }
  const outputs = nodes.filter((n) => n.op !== 'input' && !read.has(n.id)).map((n) => n.id);
  return { nodes, outputs: outputs.length ? outputs : [nodes[nodes.length - 1].id] };
}
