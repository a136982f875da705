import type { Timeline } from './timeline.js';

/** microseconds by which clocks of host and device may differ */
const SKEW = 1000;
/** microseconds by which a piece of work may end after the next on its stream: the next may begin early where the device allows it */
const OVERLAP = 1;

/** Work of a timeline that can be believed, and what cannot. */
export interface BelievedWork {
  /** positions, by start */
  work: Int32Array;
  /** work left out, in the order of the file */
  doubted: { work: number; reason: string }[];
}

/**
 * Work whose times cannot be: it begins before it was launched, ends after the profiler stopped, or after work that began later on its stream
 * (which runs one after the other).
 * @param byStart positions of all work, by start; the list is used up
 * @param call of each piece of work, -1 for none
 */
export function timelineFaults({ work, calls, windowEnd }: Timeline, byStart: Int32Array, call: Int32Array): BelievedWork {
  const doubted: BelievedWork['doubted'] = [],
    /** by stream, the earliest end of all that began later */
    earliest = new Map<number, number>();
  let from = byStart.length;
  for (let k = byStart.length - 1; k >= 0; k--) {
    const i = byStart[k],
      end = work.end.get(i),
      next = earliest.get(work.stream.get(i)) ?? Number.POSITIVE_INFINITY;
    const reason =
      call[i] >= 0 && work.start.get(i) < calls.start.get(call[i]) - SKEW
        ? 'it begins before its launch'
        : windowEnd !== null && end > windowEnd + SKEW
          ? 'it ends after the profiler stopped'
          : end > next + OVERLAP
            ? 'it lasts longer than work that began after it on its stream'
            : null;
    if (reason !== null) doubted.push({ work: i, reason });
    else {
      earliest.set(work.stream.get(i), Math.min(next, end));
      // what was believed gathers at the end of the same list, behind what is still to be looked at
      byStart[--from] = i;
    }
  }
  doubted.sort((a, b) => a.work - b.work);
  return { work: byStart.subarray(from), doubted };
}
