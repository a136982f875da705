import { kept } from '../../core/kept.js';
import { median, quantile } from '../../core/statistics.js';
import { issueAt, Reasons } from '../issueAt.js';
import type { ReadIssue } from '../readIssue.js';
import type { TraceAnalysis } from '../traceAnalysis.js';
import { type Interval, TwoUnions, UnionLength } from './intervals.js';
import { kernelChains } from './kernelChains.js';
import { isKernel, queueing, unservedLaunches } from './launchDelays.js';
import { type LinkedTimeline, linkTimeline } from './linkTimeline.js';
import { rootOperators, rootUnits } from './rootUnits.js';
import { positionsWhere, sortedPositions } from './sortedPositions.js';
import { type Timeline, WORK_KINDS } from './timeline.js';
import { timelinePicture } from './timelinePicture.js';
import { type TimelineStep, timelineSteps, windowOf } from './timelineSteps.js';
import { timelineKernels, timelineOperators } from './timelineTables.js';

const MICRO = 1e-6;
/** above this share of idle time the device waited for its host more than it worked */
const LAUNCH_BOUND = 0.5;

/**
 * What a timeline says, with or without shapes: TKLQT, mean kernel, inference latency and idle share as SKIP defines them (arXiv 2504.11750), with
 * copies counted as work of the device and not as kernels.
 */
export function analyseTimeline(
  timeline: Timeline,
  source: string,
  format: string,
  linked = linkTimeline(timeline),
): TraceAnalysis {
  const roots = rootOperators(timeline, linked),
    { how, steps: all } = timelineSteps(timeline, linked, {
      units: rootUnits(timeline, linked, roots),
      marks: timeline.steps,
      roots,
      lost: positionsWhere(linked.work, (w) => linked.operator[w] < 0),
      // of a host each operator is timed, marks alone tell its runs apart
      least: timeline.onHost ? Number.POSITIVE_INFINITY : LEAST_OPERATORS,
    }),
    unserved = linked.work.length || timeline.cutAt !== null ? unservedLaunches(timeline, linked) : [],
    { steps, incomplete } = wholeSteps(timeline, unserved, all),
    { work, operators } = timeline;
  const device = deviceTime(timeline, linked, steps),
    counts = countKernels(timeline, linked),
    hasWork = linked.work.length > 0;
  const length = steps.reduce((sum, s) => sum + s.end - s.start, 0),
    idleShare = hasWork && length ? Math.max(0, 1 - device.within / length) : null;
  const notes: string[] = [],
    lost = new Reasons();
  for (const { reason } of linked.doubted) lost.add(`device work left out: ${reason}`);
  if (unserved.length && timeline.cutAt === null) lost.add('launches whose kernel is not in the file', unserved.length);
  if (how === 'whole' && steps.length) notes.push('no ProfilerStep marks: the whole file is one step');
  if (how === 'repeat') notes.push('no ProfilerStep marks: steps are what repeats from the first to the last operator');
  if (incomplete)
    notes.push(`${incomplete === 1 ? 'the last step is' : `${incomplete} steps are`} incomplete and left out: the file is cut`);
  return {
    source,
    format,
    device: timeline.device,
    batch: null,
    events: timeline.events,
    steps: steps.length,
    latency: steps.length ? median(steps.map((s) => s.end - s.start)) * MICRO : null,
    issue: steps.length && counts.withLaunch ? median(issueTimes(timeline, linked, steps)) * MICRO : null,
    tklqt: counts.withLaunch ? counts.queued * MICRO : null,
    meanKernel: counts.kernels ? (counts.time / counts.kernels) * MICRO : null,
    idleShare,
    bound: idleShare === null ? null : idleShare > LAUNCH_BOUND ? 'launch' : 'device',
    kernels: counts.kernels,
    kernelsWithLaunch: counts.withLaunch,
    kernelsWithOperator: counts.withOperator,
    operators: operators.start.length,
    operatorsWithShapes: null,
    byOperator: timelineOperators(timeline, linked),
    byWorkload: [],
    byKernel: timelineKernels(timeline, linked),
    streams: device.streams,
    overlap: hasWork ? device.overlap * MICRO : null,
    collectives: counts.collective ? device.collectives : null,
    copies: hasWork ? counts.copies * MICRO : null,
    launch: launchTimes(timeline, linked),
    chains: kernelChains(timeline, linked),
    picture: steps.length ? timelinePicture(timeline, linked, steps[steps.length >> 1]) : null,
    lost: [...timelessEvents(timeline, source), ...lost.issues(source, 'kernel')],
    notes: work.start.length || !operators.start.length || timeline.onHost ? notes : [...notes, 'no device work in the file'],
  };
}

/** Events of a timeline that were left out, as an issue. */
export const timelessEvents = ({ timeless }: Timeline, where: string): ReadIssue[] =>
  timeless ? [issueAt(where)('event', timeless, 'event left out: its times are none')] : [];

/** What repeats has at least so many operators: fewer are one operator measured again and again. */
const LEAST_OPERATORS = 16;

/** Steps that lie before the file was cut, and how many do not. */
function wholeSteps({ calls, cutAt: end }: Timeline, unserved: readonly number[], steps: readonly TimelineStep[]) {
  const long = steps.filter((s) => s.end > s.start);
  if (end === null) return { steps: long, incomplete: 0 };
  // the first thing that the file may not tell: a launch whose kernel it lacks, or its end
  const cutAt = unserved.reduce((first, c) => Math.min(first, calls.start.get(c)), end);
  const whole = long.filter((s) => Math.max(s.end, s.window.end) <= cutAt);
  return { steps: whole, incomplete: long.length - whole.length };
}

/** Of each step, from its start to its last launch call: what the host takes to launch all of it. */
function issueTimes({ calls }: Timeline, { work, call }: LinkedTimeline, steps: readonly TimelineStep[]): number[] {
  const windows = steps.map((s) => s.window),
    last = steps.map((s) => s.start);
  for (const w of work) {
    if (call[w] < 0) continue;
    const at = calls.start.get(call[w]),
      step = windowOf(windows, at);
    if (step >= 0) last[step] = Math.max(last[step], at);
  }
  return steps.map((s, i) => last[i] - s.start);
}

const kindOf = ({ work }: Timeline, w: number) => WORK_KINDS[work.kind.get(w)];

function countKernels(timeline: Timeline, linked: LinkedTimeline) {
  const { work } = timeline,
    { work: order, call, operator } = linked,
    out = { kernels: 0, withLaunch: 0, withOperator: 0, queued: 0, time: 0, copies: 0, collective: 0 };
  for (const w of order) {
    const took = work.end.get(w) - work.start.get(w);
    if (!isKernel(timeline, w)) {
      out.copies += took;
      continue;
    }
    out.kernels++;
    out.time += took;
    if (kindOf(timeline, w) === 'collective') out.collective++;
    if (operator[w] >= 0) out.withOperator++;
    if (call[w] < 0) continue;
    out.withLaunch++;
    out.queued += queueing(timeline, linked, w);
  }
  return out;
}

/** How the device's time was shared: busy within the steps, by stream, by several at once, by collectives. Microseconds. */
function deviceTime(timeline: Timeline, linked: LinkedTimeline, steps: readonly Interval[]) {
  const { work, names } = timeline,
    all = new UnionLength(steps),
    talk = new TwoUnions(),
    streams = new Map<number, { kernels: number; union: UnionLength }>();
  for (const w of linked.work) {
    const start = work.start.get(w),
      end = work.end.get(w),
      stream = kept(streams, work.stream.get(w), () => ({ kernels: 0, union: new UnionLength() }));
    all.add(start, end);
    talk.add(kindOf(timeline, w) === 'collective' ? 1 : 0, start, end);
    stream.union.add(start, end);
    if (isKernel(timeline, w)) stream.kernels++;
  }
  return {
    within: all.within,
    // one stream's own work overlaps where the device lets the next begin early
    overlap: streams.size > 1 ? all.shared : 0,
    collectives: { time: talk.lengths[1] * MICRO, alone: (talk.lengths[1] - talk.common) * MICRO },
    streams: [...streams]
      .map(([stream, { kernels, union }]) => ({ name: `stream ${names.list[stream]}`, kernels, busy: union.length * MICRO }))
      .sort((x, y) => y.busy - x.busy),
  };
}

/** Tenth percentile and median of at most a hundred thousand launches, evenly taken. */
function launchTimes(timeline: Timeline, linked: LinkedTimeline): TraceAnalysis['launch'] {
  const { calls } = timeline,
    { work: order, call } = linked,
    every = Math.ceil(order.length / 100_000) || 1,
    delays: number[] = [],
    launched = new Set<number>();
  for (let k = 0; k < order.length; k += every) {
    const w = order[k];
    if (call[w] < 0 || !isKernel(timeline, w)) continue;
    delays.push(queueing(timeline, linked, w));
    launched.add(call[w]);
  }
  if (!delays.length) return null;
  const gaps: number[] = [];
  if (every === 1) {
    const list = [...launched];
    const byThread = sortedPositions(
      list.length,
      (a, b) => calls.thread.get(list[a]) - calls.thread.get(list[b]) || calls.start.get(list[a]) - calls.start.get(list[b]),
    );
    for (let k = 1; k < byThread.length; k++) {
      const [a, b] = [list[byThread[k - 1]], list[byThread[k]]];
      if (calls.thread.get(a) === calls.thread.get(b)) gaps.push(calls.start.get(b) - calls.start.get(a));
    }
  }
  return { delay: quantile(delays, 0.1) * MICRO, interval: gaps.length ? median(gaps) * MICRO : null };
}
