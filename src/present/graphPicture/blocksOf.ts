import { graphIndex } from '../../graph/graphIndex.js';
import { operatorNamed } from '../../graph/operators/index.js';
import type { OpGraph } from '../../graph/opGraph.js';
import { layersOf } from './layersOf.js';

/** What is drawn as one box, and the boxes that it feeds. */
export interface Block {
  /** positions of its nodes in the graph, ascending */
  nodes: number[];
  /** positions of blocks in the list, ascending; always later than the block itself */
  feeds: number[];
}

/** Weight of a node by how it runs: what only moves or renames data goes into a neighbour first. */
const WEIGHT = { free: 1, elementwise: 1, rowwise: 2, open: 4, closed: 4 } as const;

/** Weight up to which only chains are joined, before branches are joined with what they leave or meet. */
const HEAVIEST_CHAIN = 32;

/**
 * The nodes of a graph as blocks without circles, at most `most` of them, in topological order. Tensors that the model stores stand with their first reader.
 * Where nodes are more than `most`, chains are joined first, the lightest of the whole graph at once so that like parts look alike, then branches.
 */
export function blocksOf(graph: OpGraph, most: number): Block[] {
  const joined = new JoinedNodes(graph);
  for (let weight = 2; joined.size > most && weight <= HEAVIEST_CHAIN; weight++) joined.joinAll(weight, 'chains');
  const whole = 4 * graph.nodes.length;
  for (let weight = 2; joined.size > most && weight <= whole; weight += Math.max(1, weight >> 3))
    joined.joinAll(weight, 'branches');
  while (joined.size > most) joined.joinLightestNeighbours();
  return joined.blocks();
}

/** Sets of nodes, each by its first one, and the edges between them. */
class JoinedNodes {
  private readonly members = new Map<number, number[]>();
  private readonly weight: number[];
  private readonly feeds = new Map<number, Set<number>>();
  private readonly reads = new Map<number, Set<number>>();

  constructor(graph: OpGraph) {
    const { inputs } = graphIndex(graph);
    this.weight = graph.nodes.map(({ op }) => WEIGHT[operatorNamed(op).kernel]);
    graph.nodes.forEach((_, i) => {
      this.members.set(i, [i]);
      this.feeds.set(i, new Set());
      this.reads.set(i, new Set(inputs[i]));
      for (const from of inputs[i]) this.feeds.get(from)!.add(i);
    });
    graph.nodes.forEach(({ op }, i) => {
      if (operatorNamed(op).value !== 'stored') return;
      const [reader, ...others] = this.feeds.get(i)!;
      if (reader === undefined) return;
      for (const other of others) {
        this.feeds.get(i)!.delete(other);
        this.reads.get(other)!.delete(i);
      }
      this.weight[i] = 0;
      this.join(i, reader);
    });
  }

  get size(): number {
    return this.members.size;
  }

  /** Joins neighbours of up to this weight: along chains, or wherever one of the two has no other neighbour on that side, so that no circle can close. */
  joinAll(most: number, which: 'chains' | 'branches'): void {
    for (const first of this.inOrder()) {
      if (!this.members.has(first)) continue;
      for (let next = this.partner(first, most, which); next !== undefined; next = this.partner(first, most, which))
        this.join(first, next);
    }
  }

  private partner(first: number, most: number, which: 'chains' | 'branches'): number | undefined {
    const feeds = this.feeds.get(first)!;
    for (const next of feeds) {
      if (this.weight[first] + this.weight[next] > most) continue;
      const [isOnlyReader, isOnlySource] = [feeds.size === 1, this.reads.get(next)!.size === 1];
      if (which === 'chains' ? isOnlyReader && isOnlySource : isOnlyReader || isOnlySource) return next;
    }
    return undefined;
  }

  /** Joins the two lightest blocks of one layer or of an edge to the next one: neither can close a circle. */
  joinLightestNeighbours(): void {
    const order = this.inOrder();
    const layer = layersOf(order, this.feeds);
    const rows: number[][] = [];
    for (const id of order) {
      rows[layer.get(id)!] ??= [];
      rows[layer.get(id)!].push(id);
    }
    const pairs = order.flatMap((id) =>
      [...this.feeds.get(id)!].filter((f) => layer.get(f) === layer.get(id)! + 1).map((f) => [id, f]),
    );
    for (const row of rows) for (let i = 1; i < row.length; i++) pairs.push([row[i - 1], row[i]]);
    const weightOf = ([a, b]: number[]) => this.weight[a] + this.weight[b];
    const [a, b] = pairs.reduce((best, pair) => (weightOf(pair) < weightOf(best) ? pair : best));
    this.join(a, b);
  }

  /** Puts `second` into `first`. */
  private join(first: number, second: number): void {
    this.members.get(first)!.push(...this.members.get(second)!);
    this.weight[first] += this.weight[second];
    for (const [ahead, back] of [
      [this.feeds, this.reads],
      [this.reads, this.feeds],
    ]) {
      for (const other of ahead.get(second)!) {
        back.get(other)!.delete(second);
        if (other === first) continue;
        ahead.get(first)!.add(other);
        back.get(other)!.add(first);
      }
      ahead.delete(second);
    }
    this.members.delete(second);
  }

  /** Sets so that each stands after those it reads, else in the order of the graph. */
  private inOrder(): number[] {
    const waiting = new Map([...this.reads].map(([id, reads]) => [id, reads.size]));
    const order: number[] = [];
    const ready = [...this.members.keys()].filter((id) => !waiting.get(id)).reverse();
    for (let id = ready.pop(); id !== undefined; id = ready.pop()) {
      order.push(id);
      for (const next of [...this.feeds.get(id)!].reverse()) {
        waiting.set(next, waiting.get(next)! - 1);
        if (!waiting.get(next)) ready.push(next);
      }
    }
    return order;
  }

  blocks(): Block[] {
    const order = this.inOrder();
    const position = new Map(order.map((id, i) => [id, i]));
    const ascending = (a: number, b: number) => a - b;
    return order.map((id) => ({
      nodes: this.members.get(id)!.sort(ascending),
      feeds: [...this.feeds.get(id)!].map((f) => position.get(f)!).sort(ascending),
    }));
  }
}
