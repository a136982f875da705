import { graphIndex, operands } from './graphIndex.js';
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
