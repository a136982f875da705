import { graphIndex } from '../graph/graphIndex.js';
import { nodeCost } from '../graph/operatorCost.js';
import { operatorsOf } from '../graph/operatorsOf.js';
import type { OpGraph } from '../graph/opGraph.js';
import { tensorBytes } from '../graph/tensorType.js';
import type { Fusion } from './fuse.js';

/**
 * Bytes of the weights plus the most bytes of activations alive at one step: what an operator reads and writes and what later ones still read,
 * in the order of the graph, each tensor freed after its last reader (Lin et al., MCUNet, NeurIPS 2020: max over steps of live tensors); outputs of
 * one operator are freed together, and free operators (views) own nothing. With `fusion`, only tensors that leave a kernel exist, and dead weights do
 * not.
 */
export function peakMemory(graph: OpGraph, fusion?: Fusion): number {
  const { nodes } = graph;
  const index = graphIndex(graph);
  const operators = operatorsOf(graph);
  /** node that owns the memory of each value; -1 for constants a compiler folds */
  const owner = new Int32Array(nodes.length);
  const lastRead = new Int32Array(nodes.length).fill(-1);
  let weights = 0;
  const inside = new Uint8Array(nodes.length);
  /** tensors of the model: part of the weights for as long as it lives */
  const isStored: boolean[] = [];
  nodes.forEach((_, i) => {
    const from = index.inputs[i].map((j) => owner[j]).filter((s) => s >= 0);
    const { value, kernel } = operators[i];
    if (value === 'stored') {
      isStored[i] = true;
      owner[i] = -1;
      weights += nodeCost(graph, i).bytesResident;
      return;
    }
    const isView = kernel === 'free' && index.inputs[i].length > 0;
    owner[i] = fusion ? fusion.source[i] : isView ? (from[0] ?? -1) : i;
    if (isStored[owner[i]]) owner[i] = -1;
    const runs = !fusion || fusion.fate[i] === 'kernel' || fusion.fate[i] === 'fused';
    if (!runs) return;
    weights += nodeCost(graph, i).bytesResident;
    for (const s of from) {
      lastRead[s] = i;
      if (fusion && fusion.fate[i] === 'fused' && fusion.groupOf[s] === fusion.groupOf[i]) inside[s] = 1;
    }
  });
  for (const i of index.outputs) if (owner[i] >= 0) lastRead[owner[i]] = nodes.length;

  const bytes = (i: number) => {
    const { furtherOutputs } = nodes[i];
    const first = tensorBytes(nodes[i]);
    return furtherOutputs ? furtherOutputs.reduce((sum, t) => sum + tensorBytes(t), first) : first;
  };
  const freed: number[][] = nodes.map(() => []);
  lastRead.forEach((step, i) => {
    if (step >= 0 && step < nodes.length) freed[step].push(i);
  });
  let alive = 0;
  let peak = 0;
  nodes.forEach((_, i) => {
    if (owner[i] === i && !inside[i]) {
      alive += bytes(i);
      peak = Math.max(peak, alive);
      if (lastRead[i] < 0) alive -= bytes(i);
    }
    for (const s of freed[i]) if (!inside[s]) alive -= bytes(s);
  });
  return weights + peak;
}
