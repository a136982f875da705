import type { TracePicture } from '../traceAnalysis.js';
import type { Interval } from './intervals.js';
import type { LinkedTimeline } from './linkTimeline.js';
import { type Timeline, WORK_KINDS } from './timeline.js';

const MICRO = 1e-6;
/** A picture of a step shows at most this many pieces a lane: the longest. */
const MOST = 2000;

/** One step as lanes: outermost operators of each thread of the host, then the work of each stream. */
export function timelinePicture(
  timeline: Timeline,
  { work: order, operators, parent }: LinkedTimeline,
  step: Interval,
): TracePicture {
  const { work, names } = timeline,
    host = timeline.operators,
    lanes = new Map<string, TracePicture['lanes'][number]['items']>();
  const put = (lane: string, name: string, kind: string, start: number, end: number) => {
    if (!(end > step.start && start < step.end)) return;
    const item = {
      name,
      kind,
      start: (Math.max(start, step.start) - step.start) * MICRO,
      end: (Math.min(end, step.end) - step.start) * MICRO,
    };
    const list = lanes.get(lane);
    if (list) list.push(item);
    else lanes.set(lane, [item]);
  };
  const threads = new Map<number, string>();
  for (const o of operators) {
    if (parent[o] >= 0) continue;
    const thread = host.thread.get(o);
    if (!threads.has(thread)) threads.set(thread, `host ${threads.size + 1}`);
    put(threads.get(thread)!, names.list[host.name.get(o)], 'operator', host.start.get(o), host.end.get(o));
  }
  for (const w of order)
    put(
      `stream ${names.list[work.stream.get(w)]}`,
      names.list[work.name.get(w)],
      WORK_KINDS[work.kind.get(w)],
      work.start.get(w),
      work.end.get(w),
    );
  return {
    length: (step.end - step.start) * MICRO,
    lanes: [...lanes].map(([name, items]) => ({
      name,
      items: items.length > MOST ? items.sort((a, b) => b.end - b.start - (a.end - a.start)).slice(0, MOST) : items,
    })),
  };
}
