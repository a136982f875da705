import type { OpGraph } from './opGraph.js';

/**
 * Which nodes do work that a compiler cannot remove. A node is constant when it is `zero` or all its inputs are constant; it is live when it
 * is not constant and an output depends on it through nodes that are not constant. An `add` with one operand left live does no work
 * (it passes that operand on) and is dead too. Eager frameworks run all nodes; compilers remove the dead ones.
 * @returns one flag per node, in node order
 */
export function liveNodes(graph: OpGraph): boolean[] {
  const index = new Map(graph.nodes.map((n, i) => [n.id, i]));
  const varies = graph.nodes.map(() => false);
  graph.nodes.forEach((n, i) => {
    varies[i] = n.op === 'input' || (n.op !== 'zero' && n.inputs.some((id) => varies[index.get(id)!]));
  });
  const used = graph.nodes.map(() => false);
  for (const id of graph.outputs) used[index.get(id)!] = true;
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    if (used[i] && varies[i]) for (const id of graph.nodes[i].inputs) used[index.get(id)!] = true;
  }
  return graph.nodes.map(
    (n, i) =>
      varies[i] &&
      used[i] &&
      !(n.op === 'add' && n.inputs.length > 1 && n.inputs.filter((id) => varies[index.get(id)!]).length < 2),
  );
}
