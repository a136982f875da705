import { graphCosts } from './operatorCost.js';
import { operatorNamed } from './operators/index.js';
import type { OpGraph } from './opGraph.js';

/** Operators of one kind that hwcast does not know. */
export interface OpaqueKind {
  kind: string;
  count: number;
  /** of all bytes read and written, 0 to 1 */
  shareOfBytes: number;
}

/** What of a graph hwcast does not know, by kind, largest share first. */
export function opaqueOperators(graph: OpGraph): OpaqueKind[] {
  if (!graph.nodes.some((n) => operatorNamed(n.op).isUnknown)) return [];
  const { each, total } = graphCosts(graph);
  const all = total.bytesIn + total.bytesOut + total.bytesWeights;
  const kinds = new Map<string, OpaqueKind>();
  graph.nodes.forEach((node, i) => {
    const operator = operatorNamed(node.op);
    if (!operator.isUnknown) return;
    const kind = operator.unknown(node.attrs) ?? node.id;
    const known = kinds.get(kind) ?? { kind, count: 0, shareOfBytes: 0 };
    known.count++;
    known.shareOfBytes += (each[i].bytesIn + each[i].bytesOut + each[i].bytesWeights) / (all || 1);
    kinds.set(kind, known);
  });
  return [...kinds.values()].sort((a, b) => b.shareOfBytes - a.shareOfBytes);
}

/** One warning for all opaque operators of a graph: how many of which kinds, and how much of the traffic is theirs. */
export function opaqueWarnings(graph: OpGraph): string[] {
  const found = opaqueOperators(graph);
  if (!found.length) return [];
  const kinds = found.map(({ kind, count }) => (count > 1 ? `${count} ${kind}` : kind)).join(', ');
  const share = 100 * found.reduce((sum, { shareOfBytes }) => sum + shareOfBytes, 0);
  return [
    `not known: ${kinds}; ${share < 0.1 ? 'under 0.1' : share.toFixed(1)} % of all bytes are theirs, their arithmetic is not counted`,
  ];
}
