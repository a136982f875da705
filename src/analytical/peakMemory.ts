import { graphIndex } from '../graph/graphIndex.js';
import { nodeCost } from '../graph/operatorCost.js';
import { operatorsOf } from '../graph/operatorsOf.js';
import type { OpGraph } from '../graph/opGraph.js';
import { tensorBytes } from '../graph/tensorType.js';
import type { Fusion } from './fuse.js';

/** When the tensors of a graph come and go. */
export interface TensorLives {
  /** bytes of the learned values of what runs */
  weights: number;
  /** bytes of what a node writes */
  bytes: (node: number) => number;
  /** whether a node has memory of its own: no view, and nothing that stays inside a kernel */
  isHeld: (node: number) => boolean;
  /** the last node that reads each tensor, the number of nodes for those that leave the graph; -1 where none does */
  lastRead: Int32Array;
}

/**
 * In the order of the graph, each tensor freed after its last reader; outputs of one operator are freed together, and free operators (views) own
 * nothing. With `fusion`, only tensors that leave a kernel exist, and dead weights do not.
 */
export function tensorLives(graph: OpGraph, fusion?: Fusion): TensorLives {
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
  /** last node of each kernel */
  const ends: number[] = [];
  fusion?.groupOf.forEach((group, i) => {
    if (group >= 0 && fusion.fate[i] !== 'merged') ends[group] = i;
  });
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
      // a kernel reads until it has written
      lastRead[s] = Math.max(lastRead[s], fusion ? ends[fusion.groupOf[i]] : i);
      if (fusion && fusion.fate[i] === 'fused' && fusion.groupOf[s] === fusion.groupOf[i]) inside[s] = 1;
    }
  });
  for (const i of index.outputs) if (owner[i] >= 0) lastRead[owner[i]] = nodes.length;
  const bytes = (i: number) => {
    const { furtherOutputs } = nodes[i];
    const first = tensorBytes(nodes[i]);
    return furtherOutputs ? furtherOutputs.reduce((sum, t) => sum + tensorBytes(t), first) : first;
  };
  return { weights, bytes, lastRead, isHeld: (i) => owner[i] === i && !inside[i] };
}

/**
 * Bytes that live while each node runs.
 * @param bytes of the tensor of a node
 * @param saved bytes that a node needs less than what it reads and writes; none unless told
 */
export function liveBytes(
  { lastRead, isHeld }: TensorLives,
  bytes: (node: number) => number,
  saved: (node: number) => number = () => 0,
): Float64Array {
  const count = lastRead.length;
  const freed: number[][] = Array.from({ length: count }, () => []);
  lastRead.forEach((step, i) => {
    if (step >= 0 && step < count) freed[step].push(i);
  });
  let alive = 0;
  return Float64Array.from({ length: count }, (_, i) => {
    if (isHeld(i)) alive += bytes(i);
    const most = alive - saved(i);
    if (isHeld(i) && lastRead[i] < 0) alive -= bytes(i);
    for (const s of freed[i]) if (isHeld(s)) alive -= bytes(s);
    return most;
  });
}

/**
 * Bytes of the weights, and the most of activations alive at one step: what an operator reads and writes and what later ones still read (Lin et al.,
 * MCUNet, NeurIPS 2020: max over steps of live tensors).
 */
export function memoryParts(graph: OpGraph, fusion?: Fusion): { weights: number; activations: number } {
  const lives = tensorLives(graph, fusion);
  return { weights: lives.weights, activations: liveBytes(lives, lives.bytes).reduce((a, b) => Math.max(a, b), 0) };
}

/** Weights and activations of `memoryParts` together, bytes. */
export function peakMemory(graph: OpGraph, fusion?: Fusion): number {
  const { weights, activations } = memoryParts(graph, fusion);
  return weights + activations;
}
