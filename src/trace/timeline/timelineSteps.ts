import type { Interval } from './intervals.js';
import type { LinkedTimeline } from './linkTimeline.js';
import type { Timeline } from './timeline.js';

/** One run of the network, microseconds. */
export interface TimelineStep extends Interval {
  /** from its start to its last launch call: what the host takes to launch all of it */
  issue: number;
}

/** Runs of the network; `whole` where nothing tells them apart. */
export interface TimelineSteps {
  how: 'annotation' | 'repeat' | 'whole';
  /** those during which the file was not cut, by start */
  steps: TimelineStep[];
  /** begun when the file was cut */
  incomplete: number;
}

/**
 * Splits a timeline by the marks `ProfilerStep#N`, else where the same sequence of outermost operators with device work repeats from the first
 * to the last of them, else it is one step. A step lasts from the start of its first outermost operator to the end
 * of the last piece of work launched in it. Where work of the step before still runs at its start (launches run ahead of the device), it lasts
 * from the end of that: queueing behind an earlier step is not this one's time.
 */
export function timelineSteps(timeline: Timeline, linked: LinkedTimeline): TimelineSteps {
  const marks = [...timeline.steps].sort((a, b) => a.start - b.start).filter((m, i, all) => !i || m.start >= all[i - 1].end);
  const windows = marks.length ? marks : repeats(timeline, linked);
  const first = firstOperators(timeline, windows),
    last = windows.map(() => Number.NEGATIVE_INFINITY),
    began = windows.map(() => Number.POSITIVE_INFINITY),
    issued = windows.map(() => Number.NEGATIVE_INFINITY);
  for (const w of linked.work) {
    const call = linked.call[w],
      queued = call < 0 ? timeline.work.start.get(w) : timeline.calls.start.get(call);
    const at = windowOf(windows, queued);
    if (at < 0) continue;
    last[at] = Math.max(last[at], timeline.work.end.get(w));
    if (call >= 0) issued[at] = Math.max(issued[at], queued);
    // without a call, work before the first operator was queued before the profiler began
    if (call >= 0 || first[at].start === Number.POSITIVE_INFINITY || queued >= first[at].start)
      began[at] = Math.min(began[at], queued);
  }
  const steps: TimelineStep[] = [],
    cutAt = firstLoss(timeline, linked);
  let before = Number.NEGATIVE_INFINITY,
    incomplete = 0;
  windows.forEach((window, at) => {
    const end = timeline.onHost ? first[at].end : last[at];
    const start = Math.max(Math.min(first[at].start, began[at]), before);
    if (!(end > start)) return;
    before = end;
    if (Math.max(end, window.end) > cutAt) incomplete++;
    else steps.push({ start, end, issue: Math.max(0, issued[at] - start) });
  });
  return { how: marks.length ? 'annotation' : windows.length > 1 ? 'repeat' : 'whole', steps, incomplete };
}

/** What repeats has at least so many operators: fewer are one operator measured again and again. */
const LEAST_OPERATORS = 16;

/** Windows of a timeline whose outermost operators with device work are one sequence over and over; one window where they are not. */
function repeats({ operators }: Timeline, { work, operator, parent }: LinkedTimeline): Interval[] {
  const roots = new Set<number>();
  for (const w of work) {
    let o = operator[w];
    if (o < 0) continue;
    while (parent[o] >= 0) o = parent[o];
    roots.add(o);
  }
  const order = [...roots].sort((a, b) => operators.start.get(a) - operators.start.get(b)),
    period = shortestPeriod(order.length, (i, j) => operators.name.get(order[i]) === operators.name.get(order[j]));
  if (period < LEAST_OPERATORS || period === order.length)
    return [{ start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY }];
  const starts = order.filter((_, i) => i % period === 0).map((o) => operators.start.get(o));
  return starts.map((start, i) => ({
    start: i ? start : Number.NEGATIVE_INFINITY,
    end: starts[i + 1] ?? Number.POSITIVE_INFINITY,
  }));
}

/** Least p that divides the length such that the sequence is its first p elements over and over (failure function of Knuth, Morris and Pratt). */
export function shortestPeriod(length: number, isSame: (i: number, j: number) => boolean): number {
  const border = new Int32Array(length);
  for (let i = 1, k = 0; i < length; i++) {
    while (k && !isSame(i, k)) k = border[k - 1];
    if (isSame(i, k)) k++;
    border[i] = k;
  }
  const period = length ? length - border[length - 1] : 0;
  return period && length % period === 0 ? period : length;
}

/** Of a file that was cut, when the first thing happened that it may not tell: a launch whose kernel it lacks, or its end. */
function firstLoss({ cutAt, calls }: Timeline, { call }: LinkedTimeline): number {
  if (cutAt === null) return Number.POSITIVE_INFINITY;
  const served = new Uint8Array(calls.start.length);
  for (const c of call) if (c >= 0) served[c] = 1;
  let first = cutAt;
  for (let c = 0; c < served.length; c++) if (calls.launches.get(c) && !served[c]) first = Math.min(first, calls.start.get(c));
  return first;
}

function windowOf(windows: readonly Interval[], time: number): number {
  let low = 0,
    high = windows.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (windows[mid].start <= time) low = mid + 1;
    else high = mid;
  }
  return low > 0 && time < windows[low - 1].end ? low - 1 : -1;
}

/** Start of the first and end of the last operator of each window. */
function firstOperators({ operators }: Timeline, windows: readonly Interval[]): Interval[] {
  const found = windows.map(() => ({ start: Number.POSITIVE_INFINITY, end: Number.NEGATIVE_INFINITY }));
  for (let i = 0; i < operators.start.length; i++) {
    const start = operators.start.get(i),
      at = windowOf(windows, start);
    if (at < 0) continue;
    if (start < found[at].start) found[at].start = start;
    if (operators.end.get(i) > found[at].end) found[at].end = operators.end.get(i);
  }
  return found;
}
