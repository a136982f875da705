import { kept } from '../../../core/kept.js';
import type { NetworkStep, NetworkSteps } from '../../stepNetwork.js';
import { type Interval, unionLength } from '../../timeline/intervals.js';
import { rootOperators } from '../../timeline/rootUnits.js';
import { positionsWhere } from '../../timeline/sortedPositions.js';
import { slowCalls, stallOf } from '../../timeline/stalls.js';
import type { Timeline } from '../../timeline/timeline.js';
import { type TimelineStep, timelineSteps } from '../../timeline/timelineSteps.js';
import type { Rank } from './kinetoRanks.js';
import type { KinetoTrace } from './kinetoTrace.js';
import type { Unit } from './kinetoUnits.js';

/** Runs of the network of one process (`timelineSteps`), with what is to be known of each before its time is believed. */
export function kinetoSteps(trace: KinetoTrace, units: readonly Unit[], rank: Rank): NetworkSteps {
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
    slow = slowCalls(timeline, (c) => rank.hasCall(c));
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
): NetworkStep {
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
    stall: stallOf(slow, intervals, { start, end }),
  };
}
