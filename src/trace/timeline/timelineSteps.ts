import type { Interval } from './intervals.js';
import type { LinkedTimeline } from './linkTimeline.js';
import { firstNumber, firstPlace } from './sortedPositions.js';
import type { Timeline } from './timeline.js';

/** What a step is made of: operators with what they did, by start. Times in microseconds. */
export interface StepUnits {
  readonly length: number;
  /** start of the operator */
  start(unit: number): number;
  /** start of the outermost operator around it */
  rootStart(unit: number): number;
  /** when its work was done */
  end(unit: number): number;
  /** whether two do the same in two steps */
  isSame(unit: number, other: number): boolean;
}

/** What tells steps apart. */
export interface StepContext {
  units: StepUnits;
  /** marks `ProfilerStep#N` */
  marks: readonly Interval[];
  /** outermost operators, with or without device work, by start: positions */
  roots: Int32Array;
  /** work that no operator launched, by start: positions */
  lost: Int32Array;
  /** what repeats has at least so many units; 1 unless told */
  least?: number;
}

/** One run of the network, microseconds. */
export interface TimelineStep extends Interval {
  /** its units: from, up to */
  units: [number, number];
  /** its number in `lostIn` */
  number: number;
  /** what is launched from here up to there belongs to it */
  window: Interval;
}

/** Runs of the network; `whole` where nothing tells them apart. */
export interface TimelineSteps {
  how: 'annotation' | 'repeat' | 'whole';
  steps: TimelineStep[];
  /** of each piece of work that no operator launched, in the order of the context, the number of its step; -1 for none */
  lostIn: Int32Array;
}

/**
 * Splits a trace into runs of the network: by `ProfilerStep#N` where the profiler's schedule marked them, else by the shortest sequence of units that
 * repeats from the first to the last one, else the whole trace is one.
 *
 * A step lasts from the start of its first operator, also one that caused no device work, to the end of its last piece of work, also one that no
 * operator launched. Where work of the step before is still running at its start (launches run ahead of the device), from the end of that:
 * queueing behind an earlier step is not this one's time.
 */
export function timelineSteps(timeline: Timeline, linked: LinkedTimeline, context: StepContext): TimelineSteps {
  const { units, marks } = context,
    marked = markedWindows(timeline, context);
  if (marked.length) return { how: 'annotation', ...timed(timeline, linked, marked, context) };
  if (marks.length === 0 && !units.length && !context.lost.length) return { how: 'whole', steps: [], lostIn: new Int32Array() };
  const shortest = shortestPeriod(units.length, (i, j) => units.isSame(i, j)),
    windows = repeatedWindows(timeline, context, shortest < (context.least ?? 1) ? units.length : shortest);
  return { how: windows.length > 1 ? 'repeat' : 'whole', ...timed(timeline, linked, windows, context) };
}

/** A step before its time is known. */
interface Window extends Interval {
  units: [number, number];
  /** start of its first operator */
  first: number | undefined;
}

/** Windows of marks that hold anything; of marks that overlap the earlier. */
function markedWindows({ operators }: Timeline, { units, marks, roots, lost }: StepContext): Window[] {
  const sorted = [...marks].sort((a, b) => a.start - b.start).filter((m, i, all) => !i || m.start >= all[i - 1].end);
  return sorted.flatMap(({ start, end }): Window[] => {
    const before = (time: number) => firstNumber((i) => units.start(i) < time, 0, units.length),
      range: [number, number] = [before(start), before(end)];
    if (range[0] === range[1] && !lost.length) return [];
    const root = firstPlace(roots, (o) => operators.start.get(o) < start),
      first = root < roots.length ? operators.start.get(roots[root]) : undefined;
    return [{ units: range, start, end, first: first !== undefined && first < end ? first : undefined }];
  });
}

/**
 * Windows of steps nothing marks. Operators without device work stand between the last unit of a step and the first of the next: as many of
 * them belong to the next as stand, by name, before every step; all of them where there is one step only.
 */
function repeatedWindows({ operators }: Timeline, { units, roots }: StepContext, period: number): Window[] {
  const count = units.length ? units.length / period : 1,
    starts: number[] = [],
    gaps: [number, number][] = [];
  let at = 0,
    previous = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < count; i++) {
    let start = Number.POSITIVE_INFINITY,
      last = Number.NEGATIVE_INFINITY;
    for (let u = i * period; u < (i + 1) * period && u < units.length; u++) {
      start = Math.min(start, units.rootStart(u));
      last = Math.max(last, units.rootStart(u));
    }
    while (at < roots.length && operators.start.get(roots[at]) <= previous) at++;
    const from = at;
    while (at < roots.length && operators.start.get(roots[at]) < start) at++;
    gaps.push([from, at]);
    starts.push(start);
    previous = last;
  }
  let lead = 0;
  const named = ([from, to]: [number, number]) => (to - 1 - lead < from ? -1 : operators.name.get(roots[to - 1 - lead]));
  while (gaps.every((gap) => named(gap) >= 0 && named(gap) === named(gaps[0]))) lead++;
  const first = gaps.map(([, to], i) => (lead ? operators.start.get(roots[to - lead]) : starts[i]));
  return starts.map((_, i) => ({
    units: [i * period, (i + 1) * period],
    start: i ? first[i] : Number.NEGATIVE_INFINITY,
    end: first[i + 1] ?? Number.POSITIVE_INFINITY,
    first: first[i],
  }));
}

function timed(
  timeline: Timeline,
  linked: LinkedTimeline,
  windows: readonly Window[],
  { units, lost }: StepContext,
): Pick<TimelineSteps, 'steps' | 'lostIn'> {
  const { work } = timeline,
    own = windows.map(({ units: [from, to], first }) => {
      let start = first ?? Number.POSITIVE_INFINITY;
      for (let u = from; u < to; u++) start = Math.min(start, units.rootStart(u));
      return start;
    }),
    began = [...own],
    ended = windows.map(() => Number.NEGATIVE_INFINITY),
    lostIn = new Int32Array(lost.length).fill(-1);
  lost.forEach((w, i) => {
    const call = linked.call[w],
      queued = call < 0 ? work.start.get(w) : timeline.calls.start.get(call),
      at = windowOf(windows, queued);
    // without a call, work before the first operator was queued before the profiler began
    if (at < 0 || (call < 0 && own[at] !== Number.POSITIVE_INFINITY && queued < own[at])) return;
    lostIn[i] = at;
    began[at] = Math.min(began[at], queued);
    ended[at] = Math.max(ended[at], work.end.get(w));
  });
  let before = Number.NEGATIVE_INFINITY;
  const steps = windows.flatMap((window, number): TimelineStep[] => {
    const start = Math.max(began[number], before);
    let end = Math.max(start, ended[number]);
    for (let u = window.units[0]; u < window.units[1]; u++) end = Math.max(end, units.end(u));
    if (!(end > Number.NEGATIVE_INFINITY) || end === Number.POSITIVE_INFINITY) return [];
    before = end;
    return [{ units: window.units, number, window, start, end }];
  });
  return { steps, lostIn };
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

/** The window that a time is in; -1 for none. */
export function windowOf(windows: readonly Interval[], time: number): number {
  const after = firstNumber((i) => windows[i].start <= time, 0, windows.length);
  return after > 0 && time < windows[after - 1].end ? after - 1 : -1;
}
