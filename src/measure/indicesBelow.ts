import { graphIndex } from '../graph/graphIndex.js';
import { operatorNamed } from '../graph/operators/index.js';
import type { OpGraph } from '../graph/opGraph.js';

/** Rows of the smallest table that reads node `i` as indices, also behind operators that move nothing; undefined where no table does. */
export function indicesBelow(graph: OpGraph, i: number): number | undefined {
  const { inputs } = graphIndex(graph);
  const sources = new Set([i]);
  let least: number | undefined;
  for (let j = i + 1; j < graph.nodes.length; j++) {
    if (!sources.has(inputs[j][0])) continue;
    const { op, attrs } = graph.nodes[j];
    const operator = operatorNamed(op);
    const rows = operator.indexLimit(attrs);
    if (rows !== undefined) least = Math.min(least ?? rows, rows);
    else if (operator.kernel === 'free') sources.add(j);
  }
  return least;
}
