import { median, quantile } from '../../core/statistics.js';
import type { TraceAnalysis } from '../traceAnalysis.js';
import { commonLength, type Interval, lengthWithin, merged } from './intervals.js';
import { kernelChains } from './kernelChains.js';
import { type LinkedTimeline, linkTimeline } from './linkTimeline.js';
import { sortedPositions } from './sortedPositions.js';
import { type Timeline, WORK_KINDS } from './timeline.js';
import { timelinePicture } from './timelinePicture.js';
import { timelineSteps } from './timelineSteps.js';
import { timelineKernels, timelineOperators } from './timelineTables.js';

const MICRO = 1e-6;
/** above this share of idle time the device waited for its host more than it worked */
const LAUNCH_BOUND = 0.5;

/**
 * What a timeline says, with or without shapes: TKLQT, mean kernel, inference latency and idle share as SKIP defines them (arXiv 2504.11750), with
 * copies counted as work of the device and not as kernels.
 */
export function analyseTimeline(timeline: Timeline, source: string, format: string): TraceAnalysis {
  const linked = linkTimeline(timeline),
    { how, steps, incomplete } = timelineSteps(timeline, linked),
    { work, operators } = timeline;
  const busy = timeline.onHost ? hostBusy(timeline, linked) : busyBy(timeline, linked, () => 0).get(0)!,
    counts = countKernels(timeline, linked),
    hasWork = linked.work.length > 0;
  const length = steps.reduce((sum, s) => sum + s.end - s.start, 0),
    worked = steps.reduce((sum, s) => sum + lengthWithin(busy, s.start, s.end), 0),
    idleShare = hasWork && length ? Math.max(0, 1 - worked / length) : null;
  const notes: string[] = [];
  if (how === 'whole' && steps.length) notes.push('no ProfilerStep marks: the whole file is one step');
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
    byKernel: timelineKernels(timeline, linked),
    ...ofStreams(timeline, linked),
    collectives: counts.collective ? collectiveTimes(timeline, linked) : null,
    copies: hasWork ? counts.copies * MICRO : null,
    launch: launchTimes(timeline, linked),
    chains: kernelChains(timeline, linked),
    picture: steps.length ? timelinePicture(timeline, linked, steps[steps.length >> 1]) : null,
    lost: [...linked.faults].map(([reason, count]) => ({
      kind: 'issue',
      where: source,
      reason: `device work left out: ${reason}`,
      count,
      what: 'kernel',
    })),
    notes: work.start.length || !operators.start.length || timeline.onHost ? notes : [...notes, 'no device work in the file'],
  };
}

const kindOf = ({ work }: Timeline, w: number) => WORK_KINDS[work.kind.get(w)];
const isKernel = (timeline: Timeline, w: number): boolean =>
  kindOf(timeline, w) === 'kernel' || kindOf(timeline, w) === 'collective';

function countKernels(timeline: Timeline, { work: order, call, operator }: LinkedTimeline) {
  const { work, calls } = timeline,
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
    out.queued += work.start.get(w) - calls.start.get(call[w]);
  }
  return out;
}

/** The times during which work of each group ran, as disjoint intervals. */
function busyBy({ work }: Timeline, { work: order }: LinkedTimeline, groupOf: (w: number) => number): Map<number, Interval[]> {
  const groups = new Map<number, Interval[]>([[0, []]]);
  for (const w of order) {
    const group = groupOf(w),
      start = work.start.get(w),
      end = work.end.get(w),
      list = groups.get(group);
    const last = list?.[list.length - 1];
    if (last && start <= last.end) last.end = Math.max(last.end, end);
    else if (list) list.push({ start, end });
    else groups.set(group, [{ start, end }]);
  }
  return groups;
}

/** Of a trace of a host: when any operator ran. */
function hostBusy({ operators: { start, end } }: Timeline, { operators, parent }: LinkedTimeline): Interval[] {
  const roots = operators.filter((o) => parent[o] < 0).sort((a, b) => start.get(a) - start.get(b));
  return merged(Array.from(roots, (o) => ({ start: start.get(o), end: end.get(o) })));
}

const lengthOf = (intervals: readonly Interval[]): number => intervals.reduce((sum, i) => sum + i.end - i.start, 0);

function ofStreams(timeline: Timeline, linked: LinkedTimeline): Pick<TraceAnalysis, 'streams' | 'overlap'> {
  const { work, names } = timeline;
  if (!linked.work.length) return { streams: [], overlap: null };
  const kernels = new Map<number, number>();
  for (const w of linked.work) {
    const stream = work.stream.get(w);
    kernels.set(stream, (kernels.get(stream) ?? 0) + (isKernel(timeline, w) ? 1 : 0));
  }
  const busy = busyBy(timeline, linked, (w) => work.stream.get(w)),
    all = [...busy].filter(([stream]) => kernels.has(stream));
  const streams = all.map(([stream, list]) => ({
    name: `stream ${names.list[stream]}`,
    kernels: kernels.get(stream)!,
    busy: lengthOf(list) * MICRO,
  }));
  return { streams: streams.sort((a, b) => b.busy - a.busy), overlap: sharedLength(all.map(([, list]) => list)) * MICRO };
}

/** Length of the time that lies in two of the lists or more. */
function sharedLength(lists: readonly Interval[][]): number {
  let union: Interval[] = [],
    shared: Interval[] = [];
  for (const list of lists) {
    const both = common(union, list);
    shared = merged([...shared, ...both].sort((a, b) => a.start - b.start));
    union = merged([...union, ...list].sort((a, b) => a.start - b.start));
  }
  return lengthOf(shared);
}

function common(a: readonly Interval[], b: readonly Interval[]): Interval[] {
  const out: Interval[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const start = Math.max(a[i].start, b[j].start),
      end = Math.min(a[i].end, b[j].end);
    if (end > start) out.push({ start, end });
    if (a[i].end < b[j].end) i++;
    else j++;
  }
  return out;
}

function collectiveTimes(timeline: Timeline, linked: LinkedTimeline): NonNullable<TraceAnalysis['collectives']> {
  const groups = busyBy(timeline, linked, (w) => (kindOf(timeline, w) === 'collective' ? 1 : 0)),
    talk = groups.get(1) ?? [];
  const time = lengthOf(talk);
  return { time: time * MICRO, alone: (time - commonLength(talk, groups.get(0)!)) * MICRO };
}

/** Tenth percentile and median of at most a hundred thousand launches, evenly taken. */
function launchTimes(timeline: Timeline, { work: order, call }: LinkedTimeline): TraceAnalysis['launch'] {
  const { work, calls } = timeline,
    every = Math.ceil(order.length / 100_000) || 1,
    delays: number[] = [],
    launched = new Set<number>();
  for (let k = 0; k < order.length; k += every) {
    const w = order[k];
    if (call[w] < 0 || !isKernel(timeline, w)) continue;
    delays.push(work.start.get(w) - calls.start.get(call[w]));
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
