import { elementCount } from '../core/elementCount.js';
import type { GraphIndex } from '../graph/graphIndex.js';
import type { OpGraph, OpNode } from '../graph/opGraph.js';
import { tensorBytes } from '../graph/tensorType.js';
import type { KernelWork } from './kernelWork.js';

/** Scaled-dot-product attentions of a graph whose exporter wrote them out. */
export interface Attentions {
  /** by the position of the last product */
  kernels: ReadonlyMap<number, KernelWork>;
  /** nodes that are part of one */
  absorbed: ReadonlySet<number>;
  /** last products: their output lies in memory as the layer behind wants it */
  outputs: ReadonlySet<number>;
  /** nodes of keys and values, by the position of the last product */
  cached: ReadonlyMap<number, readonly number[]>;
}

const BETWEEN = new Set(['add', 'where', 'cast', 'equal', 'softmax']);
const PASSED = new Set(['reshape', 'transpose']);

/** A mask that exporters of PyTorch name after the comparison of positions it is made by; frameworks run it without reading one. */
const isCausal = ({ op, id, shape }: OpNode): boolean =>
  op === 'stored' && shape.length === 4 && shape[1] === 1 && /^(le|unsqueeze)(_|$)/.test(id);

/**
 * Finds product, mask, softmax, product where both operands of the first product are scaled: how exporters of PyTorch write
 * `scaled_dot_product_attention`. An attention that the model itself spells out scales one operand or the product, and is left as it is.
 */
export function attentionsOf({ nodes }: OpGraph, { inputs }: GraphIndex, live: readonly boolean[]): Attentions {
  const kernels = new Map<number, KernelWork>(),
    absorbed = new Set<number>(),
    cached = new Map<number, readonly number[]>();
  nodes.forEach((node, last) => {
    if (node.op !== 'matmul' || !live[last]) return;
    const between: number[] = [],
      first = firstProduct(inputs[last][0], between);
    if (first === undefined || !between.some((i) => nodes[i].op === 'softmax')) return;
    const scales = inputs[first].map(scaleOf).filter((i) => i !== undefined);
    if (scales.length !== 2 && !/scaled_dot_product/.test(node.id)) return;
    const masked = between.some((i) => nodes[i].op === 'add' && !inputs[i].some((j) => isCausal(nodes[j])));
    const scores = nodes[first].shape,
      depth = nodes[inputs[first][0]].shape.at(-1) ?? 1,
      groups = elementCount(scores.slice(0, -2));
    const tensors = [...inputs[first].map((j) => nodes[j]), nodes[inputs[last][1]], node];
    kernels.set(last, {
      kind: masked ? 'masked' : 'attention',
      flops: 2 * elementCount(scores) * (depth + (node.shape.at(-1) ?? 1)),
      bytes: tensors.reduce((sum, t) => sum + tensorBytes(t), 0),
      weightBytes: 0,
      row: node.shape.at(-1) ?? 1,
      matrix: { rows: scores.at(-2) ?? 1, columns: scores.at(-1) ?? 1, depth, groups, window: 1 },
    });
    for (const i of [...between, first, ...scales]) absorbed.add(i);
    cached.set(last, [inputs[first][1], inputs[last][1]]);
  });
  return { kernels, absorbed, outputs: new Set(kernels.keys()), cached };

  /** Goes back from `i` through masks and softmax to the product that they come from. */
  function firstProduct(i: number, between: number[]): number | undefined {
    if (nodes[i].op === 'matmul') return i;
    if (!BETWEEN.has(nodes[i].op)) return undefined;
    between.push(i);
    for (const j of inputs[i]) {
      const found = firstProduct(j, between);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The multiplication by a constant that a tensor comes from, views looked through. */
  function scaleOf(i: number): number | undefined {
    let at = i;
    while (PASSED.has(nodes[at].op)) at = inputs[at][0];
    return nodes[at].op === 'mul' && inputs[at].length === 1 ? at : undefined;
  }
}
