// What exporters write in several operators and frameworks run as one.
import type { GraphIndex } from '../graph/graphIndex.js';
import type { OpGraph, OpNode } from '../graph/opGraph.js';

/** `x * sigmoid(x)` */
export const isSilu = (nodes: readonly OpNode[], { inputs }: GraphIndex, i: number): boolean => {
  const [a, b] = inputs[i];
  if (nodes[i].op !== 'mul' || b === undefined) return false;
  return (nodes[b].op === 'sigmoid' && inputs[b][0] === a) || (nodes[a].op === 'sigmoid' && inputs[a][0] === b);
};

const readersOf = new WeakMap<GraphIndex, number[][]>();
/** Positions of the nodes that read each node. */
export function readers(index: GraphIndex): number[][] {
  let of = readersOf.get(index);
  if (!of) {
    of = index.inputs.map(() => []);
    index.inputs.forEach((from, i) => {
      for (const j of from) of![j].push(i);
    });
    readersOf.set(index, of);
  }
  return of;
}

/** Whether a node and its one reader are one operator of the framework: the sigmoid of a SiLU, the square root of a reciprocal one. */
export function isPartOfNext(nodes: readonly OpNode[], index: GraphIndex, i: number): boolean {
  const of = readers(index)[i];
  if (of.length !== 1) return false;
  const [next] = of;
  return (nodes[i].op === 'sigmoid' && isSilu(nodes, index, next)) || (nodes[i].op === 'sqrt' && nodes[next].op === 'reciprocal');
}

/** A linear layer without bias plus a stored vector. */
export function isBias({ nodes }: OpGraph, { inputs }: GraphIndex, i: number): boolean {
  const [a, b] = inputs[i];
  if (b === undefined) return false;
  const is = (x: number, y: number) => nodes[x].op === 'linear' && nodes[y].op === 'stored' && nodes[y].shape.length === 1;
  return is(a, b) || is(b, a);
}
