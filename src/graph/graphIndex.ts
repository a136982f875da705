import type { OpGraph, OpNode } from './opGraph.js';
import { outputAt, parseReference } from './reference.js';
import type { TensorType } from './tensorType.js';

/** Edges of a graph as positions in its node list. */
export interface GraphIndex {
  /** position of each node by its id */
  readonly position: ReadonlyMap<string, number>;
  /** per node: positions of the nodes it reads, in argument order */
  readonly inputs: readonly (readonly number[])[];
  /** by node: which output of each of them, where it is not the first of all */
  readonly ports: ReadonlyMap<number, readonly number[]>;
  /** positions of the nodes whose values leave the graph */
  readonly outputs: readonly number[];
}

/** The index of the graph asked for last: one graph is worked on after another, and weak references to each would cost more than the index. */
let latest: { graph: OpGraph; nodes: readonly OpNode[]; outputs: readonly string[]; index: GraphIndex } | undefined;

/** The edges of a graph. A graph is not changed after it was built. */
export function graphIndex(graph: OpGraph): GraphIndex {
  if (latest?.graph === graph && latest.nodes === graph.nodes && latest.outputs === graph.outputs) {
    if (latest.index.inputs.length === graph.nodes.length) return latest.index;
  }
  const position = new Map<string, number>();
  const inputs: number[][] = [];
  const ports = new Map<number, number[]>();
  for (const [i, node] of graph.nodes.entries()) {
    const from = node.inputs.map((reference) => parseReference(reference, position)!);
    inputs.push(from.map((f) => f.node));
    if (from.some((f) => f.port))
      ports.set(
        i,
        from.map((f) => f.port),
      );
    position.set(node.id, i);
  }
  const outputs = graph.outputs.map((reference) => parseReference(reference, position)!.node);
  return remember(graph, { position, inputs, ports, outputs });
}

/** Keeps the index of a graph that was made along with it. */
export function remember(graph: OpGraph, index: GraphIndex): GraphIndex {
  latest = { graph, nodes: graph.nodes, outputs: graph.outputs, index };
  return index;
}

/** The tensors that node `i` reads, in argument order. */
export function operands(graph: OpGraph, { inputs, ports }: GraphIndex, i: number): readonly TensorType[] {
  const from = inputs[i];
  const which = ports.get(i);
  const tensors: TensorType[] = new Array(from.length);
  for (let k = 0; k < from.length; k++) {
    const node = graph.nodes[from[k]];
    tensors[k] = which ? outputAt(node, which[k])! : node;
  }
  return tensors;
}
