import { type Interval, unionLength } from '../../timeline/intervals.js';
import { shortestPeriod } from '../../timeline/timelineSteps.js';
import type { HostCall } from './kinetoEvents.js';
import type { LinkedWork } from './kinetoLink.js';
import type { Unit } from './kinetoUnits.js';

/** One run of the whole network. Times in microseconds. */
export interface TraceStep {
  units: Unit[];
  /** device work of the step that no operator launched */
  lost: LinkedWork[];
  start: number;
  latency: number;
  busy: number;
  /** the profiler itself took more than 1 % of it */
  disturbed: boolean;
  /** an event of it could not be read, or may be one of it: its time is not known */
  damaged: boolean;
  /** the longest call that kept the host for more than 1 ms and a tenth of the step while the device idled: libraries and kernels being loaded */
  stall: number;
}

export interface Steps {
  how: 'annotation' | 'repeat' | 'whole';
  steps: TraceStep[];
}

/** What else than its units a trace tells of its steps. Times in microseconds. */
export interface StepContext {
  /** intervals of `ProfilerStep#N`, and those that the profiler itself took */
  steps: readonly Interval[];
  overhead: readonly Interval[];
  /** outermost operators, with or without device work, by start */
  roots: readonly { name: string; start: number }[];
  /** device work that no operator launched, by start */
  lost: readonly LinkedWork[];
  /** times of events that could not be read; null where the time is not known either */
  damage: readonly (number | null)[];
  /** calls of the device's runtime by start */
  calls: readonly HostCall[];
}

/**
 * Splits a trace into runs of the network: by `ProfilerStep#N` where the profiler's schedule marked them, else by the shortest sequence of
 * operators that repeats from the first to the last one, else the whole trace is one.
 *
 * A step lasts from the start of its first operator, also one that caused no device work, to the end of its last kernel, also one that no
 * operator launched. Where kernels of the step before are still running at its start (launches run ahead of the device), from their end:
 * queueing behind an earlier step is not this one's time.
 */
export function kinetoSteps(units: readonly Unit[], context: StepContext): Steps {
  const marks = [...context.steps].sort((a, b) => a.start - b.start);
  const marked = marks
    .map(({ start, end }) => ({
      units: units.filter((u) => u.event.start >= start && u.event.start < end),
      from: start,
      to: end,
      first: context.roots.find((r) => r.start >= start && r.start < end)?.start,
    }))
    .filter((window) => window.units.length > 0);
  if (marked.length) return { how: 'annotation', steps: timed(marked, context) };
  if (!units.length) return { how: 'whole', steps: [] };
  const period = shortestPeriod(units.length, (i, j) => units[i].signature === units[j].signature);
  const lists = Array.from({ length: units.length / period }, (_, i) => units.slice(i * period, (i + 1) * period));
  return { how: lists.length > 1 ? 'repeat' : 'whole', steps: timed(windowsOf(lists, context.roots), context) };
}

/** A step before its time is known: what is launched from `from` up to `to` belongs to it. */
interface Window {
  units: Unit[];
  from: number;
  to: number;
  /** start of its first operator */
  first: number | undefined;
}

/**
 * Windows of steps nothing marks. Operators without device work stand between the last unit of a step and the first of the next: as many of
 * them belong to the next as stand, by name, before every step; all of them where there is one step only.
 */
function windowsOf(lists: readonly Unit[][], roots: StepContext['roots']): Window[] {
  let at = 0;
  const starts = lists.map((units) => units.reduce((m, u) => Math.min(m, u.rootStart), Number.POSITIVE_INFINITY));
  const gaps = lists.map((_, i) => {
    const previous = i ? lists[i - 1].reduce((m, u) => Math.max(m, u.rootStart), 0) : Number.NEGATIVE_INFINITY;
    while (at < roots.length && roots[at].start <= previous) at++;
    const from = at;
    while (at < roots.length && roots[at].start < starts[i]) at++;
    return roots.slice(from, at);
  });
  let lead = 0;
  const named = (gap: StepContext['roots']) => gap[gap.length - 1 - lead]?.name;
  while (gaps.every((gap) => named(gap) !== undefined && named(gap) === named(gaps[0]))) lead++;
  const first = gaps.map((gap, i) => gap[gap.length - lead]?.start ?? starts[i]);
  return lists.map((units, i) => ({
    units,
    from: i ? first[i] : Number.NEGATIVE_INFINITY,
    to: first[i + 1] ?? Number.POSITIVE_INFINITY,
    first: first[i],
  }));
}

/** When work was put on the device; where no call is known, when it began. */
const queuedAt = ({ launch, work }: LinkedWork): number => launch?.start ?? work.start;

function timed(windows: readonly Window[], { lost: allLost, overhead, damage, calls }: StepContext): TraceStep[] {
  let before = Number.NEGATIVE_INFINITY;
  const slow = calls.filter((c) => !c.waits && c.end - c.start > STALL.time);
  return windows.map(({ units, from, to, first }) => {
    const own = units.reduce((m, u) => Math.min(m, u.rootStart), first ?? Number.POSITIVE_INFINITY);
    // without a call, work before the first operator was queued before the profiler began
    const lost = allLost.filter((w) => queuedAt(w) >= (w.launch ? from : Math.max(from, own)) && queuedAt(w) < to);
    const start = Math.max(
      lost.reduce((m, w) => Math.min(m, queuedAt(w)), own),
      before,
    );
    const end = [...units.map((u) => u.end), ...lost.map((w) => w.work.end)].reduce((m, e) => Math.max(m, e), start);
    before = end;
    const profiler = overhead.reduce((s, o) => s + Math.max(0, Math.min(o.end, end) - Math.max(o.start, start)), 0);
    const intervals = [
      ...units.flatMap((u): Interval[] => (u.work.length ? u.work.map((w) => w.work) : [u.event])),
      ...lost.map((w) => w.work),
    ];
    return {
      units,
      lost,
      start,
      latency: end - start,
      busy: unionLength(intervals),
      disturbed: profiler > 0.01 * (end - start),
      damaged: damage.some((at) => at === null || (at >= from && at < Math.max(to, end))),
      stall: stallOf(slow, intervals, start, end),
    };
  });
}

/** Least length of a stall, microseconds, and its least share of a step. */
const STALL = { time: 1000, share: 0.1 };

function stallOf(slow: readonly HostCall[], busy: readonly Interval[], start: number, end: number): number {
  const long = slow.filter((c) => c.start >= start && c.end <= end && c.end - c.start > STALL.share * (end - start));
  const idle = long.filter((c) => {
    const during = busy
      .map((b) => ({ start: Math.max(b.start, c.start), end: Math.min(b.end, c.end) }))
      .filter((b) => b.end > b.start);
    return unionLength(during) < 0.5 * (c.end - c.start);
  });
  return idle.reduce((m, c) => Math.max(m, c.end - c.start), 0);
}
