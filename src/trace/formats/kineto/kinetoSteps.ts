import type { KinetoEvents } from './kinetoEvents.js';
import type { Unit } from './kinetoUnits.js';

/** One run of the whole network. Times in microseconds. */
export interface TraceStep {
  units: Unit[];
  latency: number;
  busy: number;
  /** the profiler itself took more than 1 % of it */
  disturbed: boolean;
}

export interface Steps {
  how: 'annotation' | 'repeat' | 'whole';
  steps: TraceStep[];
}

/**
 * Splits a trace into runs of the network: by `ProfilerStep#N` where the profiler's schedule marked them, else by the shortest sequence of
 * operators that repeats from the first to the last one, else the whole trace is one.
 *
 * A step lasts from the start of its first operator to the end of its last kernel. Where kernels of the step before are still running at its
 * start (launches run ahead of the device), from their end: queueing behind an earlier step is not this one's time.
 */
export function kinetoSteps(units: readonly Unit[], events: Pick<KinetoEvents, 'steps' | 'overhead'>): Steps {
  const marked = [...events.steps]
    .sort((a, b) => a.start - b.start)
    .map((s) => units.filter((u) => u.event.start >= s.start && u.event.start < s.end))
    .filter((list) => list.length > 0);
  if (marked.length) return { how: 'annotation', steps: timed(marked, events.overhead) };
  if (!units.length) return { how: 'whole', steps: [] };
  const period = shortestPeriod(units.map((u) => u.signature));
  const lists = Array.from({ length: units.length / period }, (_, i) => units.slice(i * period, (i + 1) * period));
  return { how: lists.length > 1 ? 'repeat' : 'whole', steps: timed(lists, events.overhead) };
}

/** Least p that divides the length such that the sequence is its first p elements over and over. */
export function shortestPeriod(sequence: readonly string[]): number {
  for (let p = 1; p <= sequence.length / 2; p++)
    if (sequence.length % p === 0 && sequence.every((s, i) => i < p || s === sequence[i - p])) return p;
  return sequence.length;
}

function timed(lists: Unit[][], overhead: KinetoEvents['overhead']): TraceStep[] {
  let before = Number.NEGATIVE_INFINITY;
  return lists.map((units) => {
    const start = Math.max(
      units.reduce((m, u) => Math.min(m, u.rootStart), Number.POSITIVE_INFINITY),
      before,
    );
    const end = units.reduce((m, u) => Math.max(m, u.end), start);
    before = end;
    const lost = overhead.reduce((s, o) => s + Math.max(0, Math.min(o.end, end) - Math.max(o.start, start)), 0);
    const intervals = units.flatMap((u): { start: number; end: number }[] =>
      u.work.length ? u.work.map((w) => w.work) : [u.event],
    );
    return { units, latency: end - start, busy: unionLength(intervals), disturbed: lost > 0.01 * (end - start) };
  });
}

/** Length of the union of intervals. */
export function unionLength(intervals: readonly { start: number; end: number }[]): number {
  let length = 0,
    reached = Number.NEGATIVE_INFINITY;
  for (const { start, end } of [...intervals].sort((a, b) => a.start - b.start)) {
    if (end <= reached) continue;
    length += end - Math.max(start, reached);
    reached = end;
  }
  return length;
}
