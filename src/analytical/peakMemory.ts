import { operatorCost } from '../graph/operatorCost.js';
import { DTYPE_BYTES, type OpGraph, type OpType } from '../graph/opGraph.js';
import type { Fusion } from './fuse.js';

/** Operators whose output shares the memory of their input. */
const VIEWS = new Set<OpType>(['identity', 'reshape', 'dropout']);

/**
 * Bytes of the weights plus the most bytes of activations alive at one step: what an operator reads and writes and what later ones still read,
 * in the order of the graph, each tensor freed after its last reader (Lin et al., MCUNet, NeurIPS 2020: max over steps of live tensors).
 * With `fusion`, only tensors that leave a kernel exist, and dead weights do not.
 */
export function peakMemory(graph: OpGraph, fusion?: Fusion): number {
  const { nodes, outputs } = graph;
  const index = new Map(nodes.map((n, i) => [n.id, i]));
  /** node that owns the memory of each value; -1 for constants a compiler folds */
  const owner = new Int32Array(nodes.length);
  const lastRead = new Int32Array(nodes.length).fill(-1);
  let weights = 0;
  const inside = new Set<number>();
  nodes.forEach((node, i) => {
    const from = node.inputs.map((id) => owner[index.get(id)!]).filter((s) => s >= 0);
    owner[i] = fusion ? fusion.source[i] : VIEWS.has(node.op) && from.length ? from[0] : i;
    const runs = !fusion || fusion.fate[i] === 'kernel' || fusion.fate[i] === 'fused';
    if (!runs) return;
    weights +=
      operatorCost(
        node,
        node.inputs.map((id) => nodes[index.get(id)!]),
      ).params * DTYPE_BYTES[node.dtype];
    for (const s of from) {
      lastRead[s] = i;
      if (fusion && fusion.fate[i] === 'fused' && fusion.groupOf[s] === fusion.groupOf[i]) inside.add(s);
    }
  });
  for (const id of outputs) {
    const s = owner[index.get(id)!];
    if (s >= 0) lastRead[s] = nodes.length;
  }

  const bytes = (i: number) => nodes[i].shape.reduce((a, b) => a * b, 1) * DTYPE_BYTES[nodes[i].dtype];
  const freed: number[][] = nodes.map(() => []);
  lastRead.forEach((at, i) => {
    if (at >= 0 && at < nodes.length) freed[at].push(i);
  });
  let alive = 0;
  let peak = 0;
  nodes.forEach((_, i) => {
    if (owner[i] === i && !inside.has(i)) {
      alive += bytes(i);
      peak = Math.max(peak, alive);
      if (lastRead[i] < 0) alive -= bytes(i);
    }
    for (const s of freed[i]) if (!inside.has(s)) alive -= bytes(s);
  });
  return weights + peak;
}
