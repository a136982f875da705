import { type Interval, unionLength } from './intervals.js';
import type { Timeline } from './timeline.js';

/** Least length of a stall, microseconds, and its least share of a step. */
const STALL = { time: 1000, share: 0.1 };

/** Calls that keep the host for long and neither wait for the device nor move data. */
export function slowCalls(timeline: Timeline, isWanted: (call: number) => boolean = () => true): Interval[] {
  const { start, end } = timeline.calls,
    slow: Interval[] = [];
  for (let c = 0; c < start.length; c++)
    if (end.get(c) - start.get(c) > STALL.time && !timeline.waits(c) && isWanted(c))
      slow.push({ start: start.get(c), end: end.get(c) });
  return slow;
}

/** The longest slow call that took a tenth of a step while the device idled, microseconds; 0 for none. */
export function stallOf(slow: readonly Interval[], busy: readonly Interval[], { start, end }: Interval): number {
  const long = slow.filter((c) => c.start >= start && c.end <= end && c.end - c.start > STALL.share * (end - start));
  const idle = long.filter((c) => {
    const during = busy
      .map((b) => ({ start: Math.max(b.start, c.start), end: Math.min(b.end, c.end) }))
      .filter((b) => b.end > b.start);
    return unionLength(during) < 0.5 * (c.end - c.start);
  });
  return idle.reduce((m, c) => Math.max(m, c.end - c.start), 0);
}
