import type { TraceSummary } from '../traceReader.js';
import type { LinkedTimeline } from './linkTimeline.js';
import { type Timeline, WORK_KINDS } from './timeline.js';

const MICRO = 1e-6;

/** Neither a copy nor a fill. */
export function isKernel({ work }: Timeline, w: number): boolean {
  const kind = WORK_KINDS[work.kind.get(w)];
  return kind === 'kernel' || kind === 'collective';
}

/** Calls that launch kernels of which the file has none. */
export function unservedLaunches(timeline: Timeline, { call, unread }: Pick<LinkedTimeline, 'call' | 'unread'>): number[] {
  const served = new Uint8Array(timeline.calls.start.length),
    unserved: number[] = [];
  for (const c of call) if (c >= 0) served[c] = 1;
  for (const u of unread) if (u.call >= 0) served[u.call] = 1;
  for (let c = 0; c < served.length; c++) if (timeline.launches(c) && !served[c]) unserved.push(c);
  return unserved;
}

/** From the launch call of work to its start, microseconds. */
export const queueing = ({ work, calls }: Timeline, { call }: LinkedTimeline, w: number): number =>
  work.start.get(w) - calls.start.get(call[w]);

/** s from the launch call to the start of the first piece of work that has a call; null where none has. */
export function launchDelay(timeline: Timeline, linked: LinkedTimeline, work: readonly number[]): number | null {
  const launched = work.find((w) => linked.call[w] >= 0);
  return launched === undefined ? null : queueing(timeline, linked, launched) * MICRO;
}

/** What a summary says of work and its launches. */
export const launchCounts = (
  timeline: Timeline,
  linked: LinkedTimeline,
): Pick<TraceSummary, 'kernels' | 'kernelsWithLaunch' | 'launchDelaySum'> => ({
  kernels: linked.work.length,
  kernelsWithLaunch: linked.work.filter((w) => linked.call[w] >= 0).length,
  launchDelaySum: launchDelaySum(timeline, linked),
});

/** s, sum over kernels; null where none has a launch. */
function launchDelaySum(timeline: Timeline, linked: LinkedTimeline): number | null {
  const kernels = linked.work.filter((w) => linked.call[w] >= 0 && isKernel(timeline, w));
  return kernels.length ? kernels.reduce((sum, w) => sum + queueing(timeline, linked, w), 0) * MICRO : null;
}
