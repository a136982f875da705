import { kept } from '../../../core/kept.js';
import { type Interval, unionLength } from '../../timeline/intervals.js';
import { rootOperators } from '../../timeline/rootUnits.js';
import { positionsWhere } from '../../timeline/sortedPositions.js';
import type { Timeline } from '../../timeline/timeline.js';
import { type TimelineStep, type TimelineSteps, timelineSteps } from '../../timeline/timelineSteps.js';
import type { Rank } from './kinetoRanks.js';
import type { KinetoTrace } from './kinetoTrace.js';
import type { Unit } from './kinetoUnits.js';

/** One run of the whole network. Times in microseconds. */
export interface TraceStep {
  units: Unit[];
  /** time of device work of the step that no operator launched */
  lost: number;
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
  how: TimelineSteps['how'];
  steps: TraceStep[];
}

/** Runs of the network of one process (`timelineSteps`), with what is to be known of each before its time is believed. */
export function kinetoSteps(trace: KinetoTrace, units: readonly Unit[], rank: Rank): Steps {
  const { timeline, linked, counts, faulty } = trace,
    ofRank = <T extends { thread: string }>(list: readonly T[]) => list.filter((i) => rank.hasThread(i.thread));
  const lost = positionsWhere(linked.work, (w) => linked.operator[w] < 0 && rank.hasWork(w));
  const { how, steps, lostIn } = timelineSteps(timeline, linked, {
    units: {
      length: units.length,
      start: (i) => units[i].start,
      rootStart: (i) => units[i].rootStart,
      end: (i) => units[i].end,
      isSame: (i, j) => units[i].signature === units[j].signature,
    },
    marks: ofRank(timeline.steps),
    roots: positionsWhere(rootOperators(timeline, linked), (o) => rank.hasOperator(o)),
    lost,
  });
  const damage = [
      ...counts.damage,
      ...faulty.flatMap((f) => (f.isOf(rank) ? [f.at] : [])),
      // steps that the end of a cut file may have taken something from: all of them where the file is in no order
      ...(counts.cut ? [Number.isFinite(counts.cut.upTo) ? counts.cut.upTo : null] : []),
    ],
    overhead = ofRank(timeline.overhead),
    slow = slowCalls(timeline, rank);
  const lostOf = new Map<number, number[]>();
  lost.forEach((w, i) => {
    kept(lostOf, lostIn[i], () => []).push(w);
  });
  return {
    how,
    steps: steps.flatMap((step) => {
      const [from, to] = step.units;
      return from === to
        ? []
        : [traceStep(timeline, step, units.slice(from, to), lostOf.get(step.number) ?? [], { damage, overhead, slow })];
    }),
  };
}

/** Least length of a stall, microseconds, and its least share of a step. */
const STALL = { time: 1000, share: 0.1 };

/** Calls that keep the host for long and neither wait for the device nor move data. */
function slowCalls(timeline: Timeline, rank: Rank): Interval[] {
  const { start, end } = timeline.calls,
    slow: Interval[] = [];
  for (let c = 0; c < start.length; c++)
    if (end.get(c) - start.get(c) > STALL.time && !timeline.waits(c) && rank.hasCall(c))
      slow.push({ start: start.get(c), end: end.get(c) });
  return slow;
}

interface Circumstances {
  /** times of events that could not be read; null where the time is not known either */
  damage: readonly (number | null)[];
  overhead: readonly Interval[];
  slow: readonly Interval[];
}

function traceStep(
  { work }: Timeline,
  { start, end, window }: TimelineStep,
  units: Unit[],
  lost: readonly number[],
  { damage, overhead, slow }: Circumstances,
): TraceStep {
  const ran = (w: number): Interval => ({ start: work.start.get(w), end: work.end.get(w) }),
    profiler = overhead.reduce((s, o) => s + Math.max(0, Math.min(o.end, end) - Math.max(o.start, start)), 0),
    intervals = [
      ...units.flatMap((u): Interval[] => (u.work.length ? u.work.map(ran) : [{ start: u.start, end: u.start + u.hostTime }])),
      ...lost.map(ran),
    ];
  return {
    units,
    lost: lost.reduce((sum, w) => sum + work.end.get(w) - work.start.get(w), 0),
    latency: end - start,
    busy: unionLength(intervals),
    disturbed: profiler > 0.01 * (end - start),
    damaged: damage.some((at) => at === null || (at >= window.start && at < Math.max(window.end, end))),
    stall: stallOf(slow, intervals, start, end),
  };
}

function stallOf(slow: readonly Interval[], busy: readonly Interval[], start: number, end: number): number {
  const long = slow.filter((c) => c.start >= start && c.end <= end && c.end - c.start > STALL.share * (end - start));
  const idle = long.filter((c) => {
    const during = busy
      .map((b) => ({ start: Math.max(b.start, c.start), end: Math.min(b.end, c.end) }))
      .filter((b) => b.end > b.start);
    return unionLength(during) < 0.5 * (c.end - c.start);
  });
  return idle.reduce((m, c) => Math.max(m, c.end - c.start), 0);
}
