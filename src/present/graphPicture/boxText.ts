import type { OperatorTime } from '../../analytical/roofline.js';
import { operatorNamed } from '../../graph/operators/index.js';
import type { OpGraph } from '../../graph/opGraph.js';
import { percent } from '../graphView.js';

/** What a box says: its operators, its size and time, and in full when pointed at. */
export interface BoxText {
  title: string;
  detail: string;
  tooltip: string;
}

/** Nodes that a tooltip lists. */
const MOST_LISTED = 40;

/** Seconds for people: `12.3 us`, `4.57 ms`. */
export function duration(seconds: number): string {
  const [unit, scale] = seconds >= 1 ? ['s', 1] : seconds >= 1e-3 ? ['ms', 1e3] : ['us', 1e6];
  return `${Number((seconds * (scale as number)).toPrecision(3))} ${unit}`;
}

/** @param nodes positions in the graph; @param share of the latency that they take */
export function boxText(graph: OpGraph, nodes: readonly number[], times: readonly OperatorTime[], share: number): BoxText {
  const seconds = nodes.reduce((sum, i) => sum + times[i].time, 0);
  const last = graph.nodes[nodes[nodes.length - 1]];
  const size = nodes.length > 1 ? `${nodes.length} nodes` : last.shape.join('x') || 'scalar';
  const listed = nodes.slice(0, MOST_LISTED).map((i) => {
    const { id, op, shape } = graph.nodes[i];
    return `${id}: ${op} ${shape.join('x')}${times[i].time ? ` ${duration(times[i].time)}` : ''}`;
  });
  if (nodes.length > MOST_LISTED) listed.push(`and ${nodes.length - MOST_LISTED} more`);
  return {
    title: operatorsOf(graph, nodes, times),
    detail: [size, ...(seconds ? [duration(seconds), percent(share)] : [])].join(' · '),
    tooltip: listed.join('\n'),
  };
}

/** Operators by name with their counts, those that take most time first, in the order of the graph where they take none; of stored tensors none. */
function operatorsOf(graph: OpGraph, nodes: readonly number[], times: readonly OperatorTime[]): string {
  const kinds = new Map<string, { count: number; seconds: number }>();
  const working = nodes.filter((i) => operatorNamed(graph.nodes[i].op).value !== 'stored');
  for (const i of working.length ? working : nodes) {
    const kind = kinds.get(graph.nodes[i].op) ?? { count: 0, seconds: 0 };
    kinds.set(graph.nodes[i].op, { count: kind.count + 1, seconds: kind.seconds + times[i].time });
  }
  return [...kinds]
    .sort(([, a], [, b]) => b.seconds - a.seconds)
    .map(([op, { count }]) => (count > 1 ? `${count} ${op}` : op))
    .join(', ');
}
