import type { DeviceEvent, KinetoEvents, LaunchEvent, OpEvent } from './kinetoEvents.js';
import type { EventId } from './kinetoScan.js';
import { workFaults } from './workFaults.js';

export interface LinkedWork {
  work: DeviceEvent;
  launch: LaunchEvent | null;
  /** position in `ops` of the innermost operator that launched it; -1 where none did */
  op: number;
}

/** Device work whose times cannot be believed. */
export interface FaultyWork extends Pick<LinkedWork, 'op'> {
  reason: string;
  /** when it was put on the device, or began; null where neither is known */
  at: number | null;
}

export interface LinkedTrace {
  /** by thread, then start; an operator stands before the operators inside it */
  ops: OpEvent[];
  /** position of the operator around each operator; -1 for outermost ones */
  parent: Int32Array;
  /** by start */
  work: LinkedWork[];
  faulty: FaultyWork[];
}

/**
 * Finds for each piece of device work its launch call (same `correlation`; one call may launch many, as graph launches do) and its operator:
 * by `External id` where that operator was running when the call was made, else the innermost operator running on the call's thread, else by
 * `External id` alone. Profilers differ in what they write as `External id` (some repeat the correlation), hence the check.
 */
export function linkKineto(events: KinetoEvents): LinkedTrace {
  const ops = [...events.ops].sort((a, b) =>
    a.thread < b.thread ? -1 : a.thread > b.thread ? 1 : a.start - b.start || b.end - a.end,
  );
  const parent = new Int32Array(ops.length).fill(-1);
  const threads = new Map<string, { from: number; to: number }>();
  const open: number[] = [];
  ops.forEach((op, i) => {
    const range = threads.get(op.thread);
    if (range) range.to = i + 1;
    else {
      threads.set(op.thread, { from: i, to: i + 1 });
      open.length = 0;
    }
    while (open.length && ops[open[open.length - 1]].end <= op.start) open.pop();
    parent[i] = open.length ? open[open.length - 1] : -1;
    open.push(i);
  });
  const byExternalId = new Map<EventId, number>();
  // inner operators come later: an id shared with the operator around it names the inner one
  ops.forEach((op, i) => {
    if (op.externalId !== null) byExternalId.set(op.externalId, i);
  });

  const innermost = (launch: LaunchEvent): number => {
    const range = threads.get(launch.thread);
    if (!range) return -1;
    let low = range.from,
      high = range.to;
    while (low < high) {
      const mid = (low + high) >> 1;
      if (ops[mid].start <= launch.start) low = mid + 1;
      else high = mid;
    }
    let i = low - 1;
    if (i < range.from) return -1;
    while (i >= 0 && ops[i].end < launch.start) i = parent[i];
    return i;
  };
  const launches = new Map(events.launches.map((l) => [l.correlation, l]));
  const operators = new Map<LaunchEvent, number>();
  const operatorOf = (launch: LaunchEvent | null, work: Pick<DeviceEvent, 'externalId'>): number => {
    const id = launch?.externalId ?? work.externalId;
    const named = id === null ? -1 : (byExternalId.get(id) ?? -1);
    if (!launch) return named;
    if (named >= 0 && ops[named].start <= launch.start && launch.start <= ops[named].end) return named;
    const earlier = operators.get(launch);
    if (earlier !== undefined) return earlier;
    const inside = innermost(launch);
    const op = inside >= 0 ? inside : named;
    operators.set(launch, op);
    return op;
  };
  const faults = workFaults(events, launches),
    work: LinkedWork[] = [],
    faulty: FaultyWork[] = [];
  for (const w of events.work) {
    const launch = w.correlation === null ? null : (launches.get(w.correlation) ?? null),
      op = operatorOf(launch, w),
      reason = faults.get(w);
    if (reason === undefined) work.push({ work: w, launch, op });
    else faulty.push({ op, reason, at: launch?.start ?? (Number.isNaN(w.start) ? null : w.start) });
  }
  if (events.cut) faulty.push(...behindCut(events, ops, events.cut.upTo, operatorOf));
  work.sort((a, b) => a.work.start - b.work.start);
  return { ops, parent, work, faulty };
}

/** Of a file that is cut: launches without their kernel, and operators that were running at its end and may have launched more. */
function behindCut(
  { launches, work }: KinetoEvents,
  ops: readonly OpEvent[],
  upTo: number,
  operatorOf: (launch: LaunchEvent, work: Pick<DeviceEvent, 'externalId'>) => number,
): FaultyWork[] {
  const seen = new Set(work.map((w) => w.correlation)),
    reason = 'the file is cut before it';
  return [
    ...launches
      .filter((l) => l.kind !== 'other' && !seen.has(l.correlation))
      .map((l) => ({ op: operatorOf(l, { externalId: null }), reason, at: l.start })),
    ...ops.flatMap((op, i) => (op.end > upTo ? [{ op: i, reason, at: op.start }] : [])),
  ];
}
