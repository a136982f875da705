import { graphIndex, operands } from '../graph/graphIndex.js';
import { nodeCost } from '../graph/operatorCost.js';
import type { OpGraph } from '../graph/opGraph.js';
import { type Fusion, fuse } from './fuse.js';
import { type KernelWork, kernelOfOperator } from './kernelWork.js';

/** The kernels that a compiler makes of a graph (`fuse`): the work of the first operator of each, with the arithmetic of those appended to it. */
export const compiledKernels = (graph: OpGraph): KernelWork[] => kernelsOfFusion(graph, fuse(graph));

/** The kernels of a graph whose nodes were fused. */
export function kernelsOfFusion(graph: OpGraph, fusion: Fusion): KernelWork[] {
  const { nodes } = graph,
    index = graphIndex(graph),
    kernels: KernelWork[] = new Array(fusion.groups.length);
  nodes.forEach((node, i) => {
    const { [i]: fate } = fusion.fate,
      group = fusion.groupOf[i];
    if (fate !== 'kernel' && fate !== 'fused') return;
    const cost = nodeCost(graph, i);
    if (fate === 'kernel') kernels[group] = kernelOfOperator(node, operands(graph, index, i), cost);
    else {
      // what was written by the operator before stays inside
      kernels[group].flops += cost.flops;
      kernels[group].bytes += Math.max(0, cost.bytesIn - cost.bytesOut);
      kernels[group].weightBytes += cost.bytesWeights;
    }
  });
  return kernels;
}
