import { type GraphIndex, graphIndex, operands } from './graphIndex.js';
import { operatorNamed } from './operators/index.js';
import type { OperatorCost } from './operators/operator.js';
import type { OpGraph, OpNode } from './opGraph.js';
import type { TensorType } from './tensorType.js';

export type { OperatorCost } from './operators/operator.js';

/**
 * Cost of `node`, which reads `inputs` in argument order, by the rule of its operator. Every tensor counts once, as if kernels kept it on chip while
 * they need it (the compulsory traffic of the roofline model, Williams et al., CACM 2009).
 * @throws HwcastError `bad-input` where attributes or inputs do not fit.
 */
export const operatorCost = (node: OpNode, inputs: readonly TensorType[]): OperatorCost =>
  operatorNamed(node.op).cost(node, inputs);

/** The costs of the graph asked for last, as far as they were asked for: one graph is worked on after another. */
let latest: { index: GraphIndex; costs: (OperatorCost | undefined)[] } | undefined;

/** Cost of node `i` of a graph, computed once while the graph is worked on. @throws HwcastError as `operatorCost` */
export function nodeCost(graph: OpGraph, i: number): OperatorCost {
  const index = graphIndex(graph);
  if (latest?.index !== index) latest = { index, costs: new Array(graph.nodes.length) };
  const { costs } = latest;
  costs[i] ??= operatorCost(graph.nodes[i], operands(graph, index, i));
  return costs[i];
}

/** Costs of all nodes, in node order, and their sum. */
export function graphCosts(graph: OpGraph): { each: OperatorCost[]; total: OperatorCost } {
  const index = graphIndex(graph);
  const total: OperatorCost = { macs: 0, flops: 0, params: 0, bytesIn: 0, bytesOut: 0, bytesWeights: 0, bytesResident: 0 };
  const each = graph.nodes.map((node, i) => {
    const cost = operatorCost(node, operands(graph, index, i));
    for (const key of Object.keys(total) as (keyof OperatorCost)[]) total[key] += cost[key];
    return cost;
  });
  return { each, total };
}
