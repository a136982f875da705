import { elementCount } from '../core/elementCount.js';
import { graphIndex } from '../graph/graphIndex.js';
import { liveNodes } from '../graph/liveNodes.js';
import type { Operator } from '../graph/operators/operator.js';
import { operatorsOf } from '../graph/operatorsOf.js';
import type { OpGraph, OpNode } from '../graph/opGraph.js';

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

/** What each node reads once free, merged and idle nodes are looked through. */
interface Sources {
  operators: readonly Operator[];
  source: Int32Array;
  fate: NodeFate[];
  /** per node: sources of its operands, constants left out */
  inputs: number[][];
  /** number of kernels that read each node, and of outputs it is */
  readers: Int32Array;
}

/**
 * Which nodes form one kernel under a compiler: dead operators removed (`liveNodes`), common subexpressions computed once, elementwise operators
 * and norms appended to the kernel of an operand that nobody else reads (as the table of operators says). Groups are chains with one outgoing tensor,
 * so any order of the graph that respects its edges gives the same groups. Linear in nodes and edges.
 * @param joins whether a node may be appended to the kernel that begins with `head`; any unless told
 */
export function fuse(graph: OpGraph, joins: (head: OpNode, node: OpNode) => boolean = () => true): Fusion {
  const { nodes } = graph;
  const sources = lookThrough(graph);
  const { source, fate } = sources;
  const groupOf = new Int32Array(nodes.length).fill(-1);
  const groups: string[][] = [];
  /** first node of each group */
  const heads: number[] = [];
  for (let i = 0; i < nodes.length; i++) {
    if (fate[i] === 'merged') groupOf[i] = groupOf[source[i]];
    if (fate[i] !== 'kernel') continue;
    const into = hostOf(i, nodes, sources, (s) => heads[groupOf[s]], joins);
    if (into >= 0) {
      fate[i] = 'fused';
      groupOf[i] = groupOf[into];
      groups[groupOf[i]].push(nodes[i].id);
    } else {
      groupOf[i] = groups.length;
      groups.push([nodes[i].id]);
      heads.push(i);
    }
  }
  return { groups, launches: groups.length, groupOf, source, fate };
}

/** Looks through free and idle nodes and merges those that compute the same; what is left is a kernel each. */
function lookThrough(graph: OpGraph): Sources {
  const { nodes } = graph;
  const n = nodes.length;
  const index = graphIndex(graph);
  const operators = operatorsOf(graph);
  const live = liveNodes(graph);
  const source = new Int32Array(n).fill(-1);
  const fate: NodeFate[] = new Array(n).fill('dead');
  const readers = new Int32Array(n);
  const inputs: number[][] = new Array(n);
  /** which output of `source` a free node hands on, where it is not the first */
  const handedOn = new Map<number, number>();
  const firstOfValue = new Map<string, number>();

  for (let i = 0; i < n; i++) {
    const node = nodes[i];
    const operator = operators[i];
    const from: number[] = [];
    let values = '';
    index.inputs[i].forEach((j, k) => {
      const s = source[j];
      if (s < 0) return;
      from.push(s);
      const port = index.ports.get(i)?.[k] || handedOn.get(j);
      values += port ? `${s}:${port},` : `${s},`;
      if (port && operator.kernel === 'free') handedOn.set(i, port);
    });
    inputs[i] = from;
    if (!live[i]) {
      // a sum with one operand left hands that one on; anything else dead is constant or unread
      if (operator.value === 'sum' && from.length === 1) source[i] = from[0];
      continue;
    }
    if (operator.kernel === 'free') {
      fate[i] = 'free';
      source[i] = operator.value === 'given' || operator.value === 'stored' ? i : (from[0] ?? -1);
      continue;
    }
    const first = operator.weighted ? i : firstWith(firstOfValue, valueKey(node, values), i);
    source[i] = first;
    fate[i] = first === i ? 'kernel' : 'merged';
    if (first === i) for (const s of from) readers[s]++;
  }
  for (const i of index.outputs) if (source[i] >= 0) readers[source[i]]++;
  return { operators, source, fate, inputs, readers };
}

/** Operator, operands and attributes as text: nodes that agree in it compute the same. */
function valueKey(node: OpNode, values: string): string {
  let key = `${node.op} ${values}`;
  for (const name in node.attrs) key += ` ${name}=${node.attrs[name]}`;
  return key;
}

/** The first node of this key: `node` itself unless there was one before. */
function firstWith(seen: Map<string, number>, key: string, node: number): number {
  const first = seen.get(key);
  if (first !== undefined) return first;
  seen.set(key, node);
  return node;
}

/**
 * The operand whose kernel node `i` is appended to: the first in argument order that only `i` reads and that has its size; else -1.
 * @param headOf first node of the kernel that a node is part of; undefined for tensors from outside
 */
function hostOf(
  i: number,
  nodes: readonly OpNode[],
  sources: Sources,
  headOf: (node: number) => number | undefined,
  joins: (head: OpNode, node: OpNode) => boolean,
): number {
  const { operators, inputs, readers } = sources;
  const { kernel } = operators[i];
  if (kernel !== 'rowwise' && kernel !== 'elementwise') return -1;
  for (const s of inputs[i]) {
    const head = headOf(s);
    if (readers[s] !== 1 || head === undefined || operators[s].kernel === 'closed' || nodes[s].furtherOutputs) continue;
    if (elementCount(nodes[s].shape) !== elementCount(nodes[i].shape)) continue;
    const headKernel = operators[head].kernel;
    if (!joins(nodes[head], nodes[i])) continue;
    if (kernel === 'elementwise' || headKernel === 'elementwise' || headKernel === 'rowwise') return s;
  }
  return -1;
}
