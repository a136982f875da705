import { shownName } from '../../shownName.js';
import { isCollective } from '../../timeline/isCollective.js';
import { Timeline } from '../../timeline/timeline.js';

/** A dispatch as rocprof v1 writes it in CSV and SQLite; times in nanoseconds. */
export interface Dispatch {
  name: string;
  gpu: unknown;
  queue: unknown;
  process: unknown;
  /** when it was put into the queue; NaN where the file does not say */
  dispatched: number;
  begin: number;
  end: number;
}

const NANO = 1e-3;

/** Dispatches of a GPU as a timeline: putting a packet into the queue stands for the launch call. */
export function dispatchTimeline(dispatches: Iterable<Dispatch>): Timeline {
  const timeline = new Timeline();
  let correlation = 0,
    base = Number.NaN;
  // from the first dispatch on: microseconds since 1970 would round nanoseconds
  const micros = (time: number) => (time - base) * NANO;
  for (const { name, gpu, queue, process, dispatched, begin, end } of dispatches) {
    correlation++;
    if (Number.isNaN(base)) base = begin;
    const isQueued = dispatched > 0;
    if (isQueued)
      timeline.addCall({
        thread: `${process}/0`,
        start: micros(dispatched),
        end: micros(dispatched),
        correlation,
        external: null,
        launches: true,
      });
    timeline.addWork({
      name: shownName(name.replace(/ \[clone [^\]]*\]/g, '').replace(/\.kd$/, '')),
      kind: isCollective(name) ? 'collective' : 'kernel',
      stream: `${gpu}/${queue}`,
      start: micros(begin),
      end: micros(end),
      correlation: isQueued ? correlation : null,
      external: null,
    });
  }
  timeline.events = correlation;
  return timeline;
}
