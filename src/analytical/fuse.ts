import { liveNodes } from '../graph/liveNodes.js';
import type { OpGraph, OpType } from '../graph/opGraph.js';

/** Operators without work of their own: they hand their input on. */
const FREE = new Set<OpType>(['input', 'identity', 'reshape', 'dropout']);
/** One output element from one element of each operand: a compiler appends them to the kernel that makes their operand. */
const ELEMENTWISE = new Set<OpType>([
  'batch_norm',
  'relu',
  'relu6',
  'sigmoid',
  'hardsigmoid',
  'hardswish',
  'gelu',
  'silu',
  'tanh',
  'exp',
  'erf',
  'add',
  'mul',
  'sub',
  'div',
]);
/** Reductions over a row: they join a chain of elementwise operators, not a matrix kernel. */
const ROWWISE = new Set<OpType>(['layer_norm', 'rms_norm', 'softmax']);
/** Kernels that nothing is appended to: finished library calls. */
const CLOSED = new Set<OpType>(['attention', 'embedding', 'gather', 'scan', 'opaque']);
/** Operators with weights of their own: two of them on the same tensor compute different things. */
const WEIGHTED = new Set<OpType>(['conv2d', 'linear', 'batch_norm', 'layer_norm', 'rms_norm', 'embedding', 'opaque', 'scan']);

/** What a compiler makes of a node. `merged`: the same value was already computed by another node; `free`: passes its input on. */
export type NodeFate = 'kernel' | 'fused' | 'merged' | 'free' | 'dead';

export interface Fusion {
  /** node ids of each kernel, in node order; the first is the node that others were appended to */
  groups: string[][];
  /** number of kernels */
  launches: number;
  /** position in `groups` per node; -1 for dead and free nodes; that of the node computing the same value for merged ones */
  groupOf: Int32Array;
  /** per node: position of the node whose kernel provides this node's value, after looking through free, merged and idle ones; -1 for constants */
  source: Int32Array;
  fate: NodeFate[];
}

/**
 * Which nodes form one kernel under a compiler: dead operators removed (`liveNodes`), common subexpressions computed once, elementwise operators
 * and norms appended to the kernel of an operand that nobody else reads. Groups are chains with one outgoing tensor, so any order of the graph
 * that respects its edges gives the same groups. Linear in nodes and edges.
 */
export function fuse(graph: OpGraph): Fusion {
  const { nodes, outputs } = graph;
  const n = nodes.length;
  const index = new Map<string, number>();
  for (let i = 0; i < n; i++) index.set(nodes[i].id, i);
  const live = liveNodes(graph);
  const source = new Int32Array(n).fill(-1);
  const groupOf = new Int32Array(n).fill(-1);
  const fate: NodeFate[] = new Array(n).fill('dead');
  const readers = new Int32Array(n);
  const inputs: number[][] = new Array(n);
  const known = new Map<string, number>();

  for (let i = 0; i < n; i++) {
    const node = nodes[i];
    const from: number[] = [];
    for (const id of node.inputs) {
      const s = source[index.get(id)!];
      if (s >= 0) from.push(s);
    }
    inputs[i] = from;
    if (!live[i]) {
      // an addition with one operand left hands that one on; anything else dead is constant or unread
      if (node.op === 'add' && from.length === 1) source[i] = from[0];
      continue;
    }
    if (FREE.has(node.op)) {
      fate[i] = 'free';
      source[i] = node.op === 'input' ? i : (from[0] ?? -1);
      continue;
    }
    source[i] = i;
    fate[i] = 'kernel';
    if (!WEIGHTED.has(node.op)) {
      let key = `${node.op} ${from.join()}`;
      for (const name in node.attrs) key += ` ${name}=${node.attrs[name]}`;
      const first = known.get(key);
      if (first !== undefined) {
        fate[i] = 'merged';
        source[i] = first;
        continue;
      }
      known.set(key, i);
    }
    for (const s of from) readers[s]++;
  }
  for (const id of outputs) {
    const s = source[index.get(id)!];
    if (s >= 0) readers[s]++;
  }

  const groups: string[][] = [];
  for (let i = 0; i < n; i++) {
    if (fate[i] === 'merged') groupOf[i] = groupOf[source[i]];
    if (fate[i] !== 'kernel') continue;
    const into = host(i);
    if (into >= 0) {
      fate[i] = 'fused';
      groupOf[i] = groupOf[into];
      groups[groupOf[i]].push(nodes[i].id);
    } else {
      groupOf[i] = groups.length;
      groups.push([nodes[i].id]);
    }
  }
  return { groups, launches: groups.length, groupOf, source, fate };

  /** The operand whose kernel node `i` is appended to: the first in argument order that only `i` reads and that has its shape; else -1. */
  function host(i: number): number {
    const node = nodes[i];
    const rowwise = ROWWISE.has(node.op);
    if (!rowwise && !ELEMENTWISE.has(node.op)) return -1;
    for (const s of inputs[i]) {
      const op = nodes[s].op;
      if (readers[s] !== 1 || op === 'input' || CLOSED.has(op) || !sameSize(nodes[s].shape, node.shape)) continue;
      if (!rowwise || onlyElementwise(groupOf[s])) return s;
    }
    return -1;
  }

  function onlyElementwise(group: number): boolean {
    const op = nodes[index.get(groups[group][0])!].op;
    return ELEMENTWISE.has(op) || ROWWISE.has(op);
  }
}

function sameSize(a: readonly number[], b: readonly number[]): boolean {
  let p = 1;
  let q = 1;
  for (const v of a) p *= v;
  for (const v of b) q *= v;
  return p === q;
}
