import { type GraphIndex, graphIndex } from './graphIndex.js';
import type { Operator } from './operators/operator.js';
import { operatorsOf } from './operatorsOf.js';
import type { OpGraph } from './opGraph.js';

/**
 * Which nodes do work that a compiler cannot remove. A node is constant when its operator is (`zero`) or all its inputs are constant; it is live when
 * it is not constant and an output depends on it through nodes that are not constant. A sum with one operand left live does no work
 * (it passes that operand on) and is dead too. Eager frameworks run all nodes; compilers remove the dead ones.
 * @returns one flag per node, in node order
 */
export function liveNodes(graph: OpGraph): readonly boolean[] {
  const index = graphIndex(graph);
  if (latest?.index !== index) latest = { index, live: liveOf(operatorsOf(graph), index) };
  return latest.live;
}

/** Of the graph asked for last: one graph is worked on after another. */
let latest: { index: GraphIndex; live: readonly boolean[] } | undefined;

/** `liveNodes` of a graph given by its operators and edges. */
export function liveOf(operators: readonly Operator[], { inputs, outputs }: GraphIndex): boolean[] {
  const n = operators.length;
  const varies: boolean[] = new Array(n).fill(false);
  const used: boolean[] = new Array(n).fill(false);
  for (let i = 0; i < n; i++) {
    const { value } = operators[i];
    if (value === 'given' || value === 'stored') varies[i] = true;
    else if (value !== 'constant') for (const j of inputs[i]) if (varies[j]) varies[i] = true;
  }
  for (const i of outputs) used[i] = true;
  for (let i = n - 1; i >= 0; i--) if (used[i] && varies[i]) for (const j of inputs[i]) used[j] = true;
  const live: boolean[] = new Array(n);
  for (let i = 0; i < n; i++) live[i] = varies[i] && used[i] && !(operators[i].value === 'sum' && passesOn(inputs[i], varies));
  return live;
}

/** True where less than two operands of several vary. */
function passesOn(inputs: readonly number[], varies: readonly boolean[]): boolean {
  if (inputs.length < 2) return false;
  let count = 0;
  for (const j of inputs) if (varies[j]) count++;
  return count < 2;
}
