import { kept } from '../../core/kept.js';
import type { KernelTimes, OperatorTimes } from '../traceAnalysis.js';
import type { LinkedTimeline } from './linkTimeline.js';
import { type Timeline, WORK_KINDS } from './timeline.js';

const MICRO = 1e-6;

/** Kernels by name, most time first. */
export function timelineKernels({ work, names }: Timeline, { work: order }: LinkedTimeline): KernelTimes[] {
  const rows = new Map<number, KernelTimes>();
  for (const w of order) {
    const kind = work.kind.get(w);
    const key = work.name.get(w) * WORK_KINDS.length + kind;
    let row = rows.get(key);
    if (!row) {
      row = { name: names.list[work.name.get(w)], kind: WORK_KINDS[kind], calls: 0, time: 0 };
      rows.set(key, row);
    }
    row.calls++;
    row.time += (work.end.get(w) - work.start.get(w)) * MICRO;
  }
  return [...rows.values()].sort((a, b) => b.time - a.time || (a.name < b.name ? -1 : 1));
}

/** Name of an operator: that of its outermost one that a framework names, e.g. `aten::linear` and not the `aten::addmm` inside it. */
const isNamed = (name: string): boolean => /^[a-z_]\w*::/i.test(name) && !name.startsWith('autograd::');

/**
 * Operators by name, most time first: device work belongs to the outermost operator of a framework around its launch. Of a host's trace each
 * outermost operator has its own time. Runs are those that did work.
 */
export function timelineOperators(
  timeline: Timeline,
  { work: order, operator, operators, parent }: LinkedTimeline,
): OperatorTimes[] {
  const { work, names, onHost } = timeline,
    columns = timeline.operators;
  const named = names.list.map(isNamed),
    outermost = new Int32Array(columns.start.length).fill(-1),
    marks = new Map(timeline.steps.map((s) => [s.start, s.end]));
  // what marks a whole step is no operator of it
  const isStep = (o: number) => marks.size > 0 && marks.get(columns.start.get(o)) === columns.end.get(o);
  for (const o of operators) {
    const above = parent[o] < 0 ? -1 : outermost[parent[o]];
    outermost[o] = above >= 0 ? above : named[columns.name.get(o)] && !isStep(o) ? o : -1;
  }
  const rows = new Map<number, OperatorTimes>(),
    seen = new Uint8Array(columns.start.length);
  const rowOf = (o: number): OperatorTimes => {
    const row = kept(rows, columns.name.get(o), () => ({
      name: names.list[columns.name.get(o)],
      calls: 0,
      time: 0,
      kernels: onHost ? null : 0,
      host: 0,
    }));
    if (!seen[o]) {
      seen[o] = 1;
      row.calls++;
      row.host! += (columns.end.get(o) - columns.start.get(o)) * MICRO;
    }
    return row;
  };
  if (onHost)
    for (const o of operators) if (outermost[o] === o) rowOf(o).time! += (columns.end.get(o) - columns.start.get(o)) * MICRO;
  for (const w of order) {
    const o = operator[w];
    if (o < 0) continue;
    const row = rowOf(outermost[o] >= 0 ? outermost[o] : o);
    row.time! += (work.end.get(w) - work.start.get(w)) * MICRO;
    row.kernels!++;
  }
  return [...rows.values()].sort((a, b) => b.time! - a.time! || (a.name < b.name ? -1 : 1));
}
