import type { LinkedTimeline } from './linkTimeline.js';
import { positionsWhere, sortedPositions } from './sortedPositions.js';
import type { Timeline } from './timeline.js';
import type { StepUnits } from './timelineSteps.js';

/** The outermost operator around one; what users put around operators is none. */
export function rootOf({ operators: { isScope } }: Timeline, parent: Int32Array, operator: number): number {
  let root = operator;
  while (parent[root] >= 0 && !isScope.get(parent[root])) root = parent[root];
  return root;
}

/** Outermost operators, with or without device work, by start. */
export function rootOperators({ operators: { isScope, start } }: Timeline, { operators, parent }: LinkedTimeline): Int32Array {
  const roots = positionsWhere(operators, (o) => !isScope.get(o) && (parent[o] < 0 || isScope.get(parent[o]) === 1));
  return sortedPositions(roots.length, (a, b) => start.get(roots[a]) - start.get(roots[b])).map((i) => roots[i]);
}

/** Outermost operators that did work, as what steps are made of: equal by name. Of a host each did its own. */
export function rootUnits(timeline: Timeline, linked: LinkedTimeline, roots: Int32Array): StepUnits {
  const { operators, work, onHost } = timeline,
    end = new Float64Array(operators.start.length).fill(Number.NEGATIVE_INFINITY);
  for (const w of linked.work) {
    if (linked.operator[w] < 0) continue;
    const root = rootOf(timeline, linked.parent, linked.operator[w]);
    end[root] = Math.max(end[root], work.end.get(w));
  }
  if (onHost) for (const root of roots) end[root] = operators.end.get(root);
  const units = positionsWhere(roots, (root) => end[root] > Number.NEGATIVE_INFINITY);
  return {
    length: units.length,
    start: (unit) => operators.start.get(units[unit]),
    rootStart: (unit) => operators.start.get(units[unit]),
    end: (unit) => end[units[unit]],
    isSame: (unit, other) => operators.name.get(units[unit]) === operators.name.get(units[other]),
  };
}
