import type { TracePicture } from '../traceAnalysis.js';
import type { Interval } from './intervals.js';
import type { LinkedTimeline } from './linkTimeline.js';
import { type Timeline, WORK_KINDS } from './timeline.js';

const MICRO = 1e-6;
/** Pieces of a lane that begin within one of so many parts of the step are shown by the longest of them. */
const PARTS = 4000;

type Item = TracePicture['lanes'][number]['items'][number];

/** One step as lanes: outermost operators of each thread of the host, then the work of each stream. */
export function timelinePicture(
  timeline: Timeline,
  { work: order, operators, parent }: LinkedTimeline,
  step: Interval,
): TracePicture {
  const { work, names } = timeline,
    host = timeline.operators,
    lanes = new Map<string, Map<number, Item>>(),
    length = step.end - step.start;
  const isIn = (start: number, end: number) => end > step.start && start < step.end;
  const put = (lane: Map<number, Item>, name: number, kind: string, start: number, end: number) => {
    const part = Math.floor((PARTS * Math.max(0, start - step.start)) / length),
      known = lane.get(part),
      from = (Math.max(start, step.start) - step.start) * MICRO,
      to = (Math.min(end, step.end) - step.start) * MICRO;
    if (!known || known.end - known.start < to - from) lane.set(part, { name: names.list[name], kind, start: from, end: to });
  };
  const threads = new Map<number, Map<number, Item>>(),
    streams = new Map<number, Map<number, Item>>();
  const laneOf = (known: Map<number, Map<number, Item>>, key: number, name: () => string): Map<number, Item> => {
    let lane = known.get(key);
    if (!lane) {
      lane = new Map();
      known.set(key, lane);
      lanes.set(name(), lane);
    }
    return lane;
  };
  for (const o of operators) {
    const start = host.start.get(o),
      end = host.end.get(o);
    if (parent[o] >= 0 || !isIn(start, end)) continue;
    put(
      laneOf(threads, host.thread.get(o), () => `host ${threads.size}`),
      host.name.get(o),
      'operator',
      start,
      end,
    );
  }
  for (const w of order) {
    const start = work.start.get(w),
      end = work.end.get(w);
    if (!isIn(start, end)) continue;
    const stream = work.stream.get(w);
    put(
      laneOf(streams, stream, () => `stream ${names.list[stream]}`),
      work.name.get(w),
      WORK_KINDS[work.kind.get(w)],
      start,
      end,
    );
  }
  return { length: length * MICRO, lanes: [...lanes].map(([name, items]) => ({ name, items: [...items.values()] })) };
}
