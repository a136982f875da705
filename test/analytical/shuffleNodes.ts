import { createRandom } from '../../src/core/random.js';
import type { OpGraph } from '../../src/graph/opGraph.js';

/** The same graph with its nodes in another order that respects the edges. */
export function shuffleNodes(graph: OpGraph, seed: number): OpGraph {
  const random = createRandom(seed);
  const done = new Set<string>();
  const left = [...graph.nodes];
  const nodes: OpGraph['nodes'] = [];
  while (left.length) {
    const ready = left.filter((n) => n.inputs.every((i) => done.has(i)));
    const next = ready[random.int(ready.length)];
    left.splice(left.indexOf(next), 1);
    done.add(next.id);
    nodes.push(next);
  }
  return { nodes, outputs: graph.outputs };
}
