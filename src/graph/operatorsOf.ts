import { type GraphIndex, graphIndex } from './graphIndex.js';
import { operatorNamed } from './operators/index.js';
import type { Operator } from './operators/operator.js';
import type { OpGraph } from './opGraph.js';

/** The operators of the graph asked for last: one graph is worked on after another. */
let latest: { index: GraphIndex; operators: readonly Operator[] } | undefined;

/** The operator of each node, in node order. @throws HwcastError `not-found` */
export function operatorsOf(graph: OpGraph): readonly Operator[] {
  const index = graphIndex(graph);
  if (latest?.index !== index) latest = { index, operators: graph.nodes.map((node) => operatorNamed(node.op)) };
  return latest.operators;
}
