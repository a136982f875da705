import { unservedLaunches } from '../../timeline/launchDelays.js';
import { type LinkedTimeline, linkTimeline } from '../../timeline/linkTimeline.js';
import { Timeline } from '../../timeline/timeline.js';
import type { TraceSource } from '../../traceReader.js';
import type { OperatorCall } from './eventArguments.js';
import { executionTraceCalls } from './executionTraceCalls.js';
import { type Filled, fillTimeline } from './fillTimeline.js';
import type { Rank } from './kinetoRanks.js';
import { refuseCut, refuseEmpty } from './missingWork.js';

/** Device work that has no time, or none that can be believed. */
export interface FaultyWork {
  /** position of the operator that launched it, or did not come to; -1 for none */
  operator: number;
  reason: string;
  /** when it was put on the device, or began; null where neither is known */
  at: number | null;
  isOf(rank: Rank): boolean;
}

/** A trace with what its operators were called with. */
export interface KinetoTrace extends Filled {
  timeline: Timeline;
  linked: LinkedTimeline;
  faulty: FaultyWork[];
  /** what an operator was called with */
  callOf(operator: number): OperatorCall;
}

/** @throws HwcastError `unsupported` and `corrupt` for what no operators can be taken from */
export async function readKinetoTrace(source: TraceSource): Promise<KinetoTrace> {
  const timeline = new Timeline(),
    filled = await fillTimeline(timeline, source, true);
  refuseEmpty(filled.counts, source.name);
  refuseCut(filled.counts, source.name);
  const linked = linkTimeline(timeline),
    { calls } = filled,
    { detail, external } = timeline.operators,
    // a trace without shapes takes them from the execution trace of the same run
    others = filled.withShapes ? undefined : await executionTraceCalls(source.name);
  const callOf = (operator: number): OperatorCall => {
    const own = calls[detail.get(operator)],
      other = others?.get(external.get(operator));
    return other && other.name === own.name ? other : own;
  };
  if (others) filled.withShapes = linked.operators.reduce((sum, o) => sum + (callOf(o).dims ? 1 : 0), 0);
  const faulty = [...faultyWork(timeline, linked), ...lostWork(timeline, linked, filled.counts.cut?.upTo)];
  return { ...filled, timeline, linked, faulty, callOf };
}

function faultyWork({ calls, work }: Timeline, { doubted, unread, call, operator }: LinkedTimeline): FaultyWork[] {
  const begun = (c: number, start: number) => (c >= 0 ? calls.start.get(c) : Number.isNaN(start) ? null : start);
  return [
    ...unread.map((u) => ({
      operator: u.operator,
      reason: u.reason,
      at: begun(u.call, u.start),
      isOf: (rank: Rank) => rank.hasPlace(u.stream, u.device),
    })),
    ...doubted.map((d) => ({
      operator: operator[d.work],
      reason: d.reason,
      at: begun(call[d.work], work.start.get(d.work)),
      isOf: (rank: Rank) => rank.hasWork(d.work),
    })),
  ];
}

/** Launches whose kernel the profiler lost, and of a file that is cut operators that were running at its end and may have launched more. */
function lostWork(timeline: Timeline, linked: LinkedTimeline, upTo: number | undefined): FaultyWork[] {
  const { calls, operators } = timeline,
    cut = 'the file is cut before it',
    // without any kernel the file says nothing of devices
    launches = upTo !== undefined || linked.work.length ? unservedLaunches(timeline, linked) : [];
  const faulty = launches.map(
    (c): FaultyWork => ({
      operator: linked.operatorOfCall(c),
      reason: upTo === undefined ? 'its launch is in the file, itself is not' : cut,
      at: calls.start.get(c),
      isOf: (rank) => rank.hasCall(c),
    }),
  );
  if (upTo !== undefined)
    for (const o of linked.operators)
      if (operators.end.get(o) > upTo)
        faulty.push({ operator: o, reason: cut, at: operators.start.get(o), isOf: (rank) => rank.hasOperator(o) });
  return faulty;
}
