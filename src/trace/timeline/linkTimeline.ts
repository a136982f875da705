import { firstPlace, sortedPositions } from './sortedPositions.js';
import { NO_ID, type Timeline, type UnreadWork } from './timeline.js';
import { type BelievedWork, timelineFaults } from './timelineFaults.js';
import { callsById, deviceOwners, processOf } from './timelineProcesses.js';

/** Device work whose times could not be read, with its operator. */
export interface LinkedUnread extends UnreadWork {
  /** -1 for none */
  operator: number;
  call: number;
}

/** Which call launched a piece of work and which operator made the call; positions in the columns of the timeline, -1 for none. */
export interface LinkedTimeline extends BelievedWork {
  /** of each piece of work */
  call: Int32Array;
  operator: Int32Array;
  /** positions of operators by thread, then start; an operator stands before those inside it */
  operators: Int32Array;
  /** of each operator, the one around it */
  parent: Int32Array;
  /** positions of calls by correlation, then start */
  callsById: Int32Array;
  unread: LinkedUnread[];
  /** position of the operator that made a call; -1 for none */
  operatorOfCall(call: number): number;
}

/**
 * Finds for each piece of work its launch call (same `correlation`; one call may launch many, as graph launches do; where an id was used again,
 * the last call before the work began) and its operator: by `External id` where that operator was running when the call was made, else the
 * innermost operator running on the call's thread, else by `External id` alone.
 */
export function linkTimeline(timeline: Timeline): LinkedTimeline {
  const { work, names } = timeline,
    { operators, threads, parent } = nest(timeline),
    order = callsById(timeline);
  const callBefore = callFinder(timeline, order),
    operatorOf = operatorFinder(timeline, operators, threads, parent);
  const call = new Int32Array(work.start.length),
    operator = new Int32Array(work.start.length);
  let last = -1,
    lastOperator = -1;
  for (let i = 0; i < call.length; i++) {
    const c = callBefore(work.correlation.get(i), work.start.get(i), names.list[work.stream.get(i)], work.device.get(i));
    call[i] = c;
    // many pieces of work of one call
    if (c < 0 || c !== last) lastOperator = operatorOf(c, work.external.get(i));
    operator[i] = lastOperator;
    last = c;
  }
  const unread = timeline.unread.map((u) => {
    const c = callBefore(
      timeline.id(u.correlation),
      Number.isNaN(u.start) ? Number.POSITIVE_INFINITY : u.start,
      u.stream,
      u.device,
    );
    return { ...u, call: c, operator: operatorOf(c, timeline.id(u.external)) };
  });
  const byStart = sortedPositions(
    call.length,
    (a, b) => work.start.get(a) - work.start.get(b) || work.end.get(a) - work.end.get(b),
  );
  return {
    ...timelineFaults(timeline, byStart, call),
    call,
    operator,
    operators,
    parent,
    callsById: order,
    unread,
    operatorOfCall: (c) => operatorOf(c, NO_ID),
  };
}

function nest({ operators: { thread, start, end } }: Timeline) {
  const operators = sortedPositions(
    start.length,
    (a, b) => thread.get(a) - thread.get(b) || start.get(a) - start.get(b) || end.get(b) - end.get(a),
  );
  const parent = new Int32Array(start.length).fill(-1),
    threads = new Map<number, { from: number; to: number }>(),
    open: number[] = [];
  operators.forEach((i, place) => {
    const range = threads.get(thread.get(i));
    if (range) range.to = place + 1;
    else {
      threads.set(thread.get(i), { from: place, to: place + 1 });
      open.length = 0;
    }
    while (open.length && end.get(open[open.length - 1]) <= start.get(i)) open.pop();
    parent[i] = open.length ? open[open.length - 1] : -1;
    open.push(i);
  });
  return { operators, threads, parent };
}

/** The last call of a correlation that was made before its work began; the first of them where none was. */
function callFinder(
  timeline: Timeline,
  order: Int32Array,
): (id: number, began: number, stream: string, device: number) => number {
  const { calls, names } = timeline,
    { correlation, start, thread } = calls;
  const owners = deviceOwners(timeline, order, false);
  return (id, began, stream, device) => {
    if (id === NO_ID) return -1;
    const from = firstPlace(order, (c) => correlation.get(c) < id);
    if (!(from < order.length && correlation.get(order[from]) === id)) return -1;
    const process = owners?.ownerOf(stream, device);
    const isOwn = (c: number) => process === undefined || processOf(names.list[thread.get(c)]) === process;
    const after = firstPlace(order, (c) => correlation.get(c) < id || (correlation.get(c) === id && start.get(c) <= began), from);
    for (let at = after - 1; at >= from; at--) if (isOwn(order[at])) return order[at];
    for (let at = after; at < order.length && correlation.get(order[at]) === id; at++) if (isOwn(order[at])) return order[at];
    return -1;
  };
}

function operatorFinder(
  { operators: { start, end, external }, calls }: Timeline,
  operators: Int32Array,
  threads: ReadonlyMap<number, { from: number; to: number }>,
  parent: Int32Array,
): (call: number, ofWork: number) => number {
  const byId = sortedPositions(start.length, (a, b) => external.get(a) - external.get(b) || start.get(a) - start.get(b));
  const named = (id: number, at: number): number => {
    if (id === NO_ID) return -1;
    const after = firstPlace(byId, (o) => external.get(o) < id || (external.get(o) === id && start.get(o) <= at));
    if (after > 0 && external.get(byId[after - 1]) === id) return byId[after - 1];
    return after < byId.length && external.get(byId[after]) === id ? byId[after] : -1;
  };
  return (call, ofWork) => {
    if (call < 0) return named(ofWork, Number.POSITIVE_INFINITY);
    const at = calls.start.get(call),
      id = calls.external.get(call);
    const known = named(id === NO_ID ? ofWork : id, at);
    if (known >= 0 && start.get(known) <= at && at <= end.get(known)) return known;
    const range = threads.get(calls.thread.get(call));
    if (!range) return known;
    const place = firstPlace(operators, (o) => start.get(o) <= at, range.from, range.to) - 1;
    let inside = place < range.from ? -1 : operators[place];
    while (inside >= 0 && end.get(inside) < at) inside = parent[inside];
    return inside >= 0 ? inside : known;
  };
}
