/** Times in one unit, from one moment. */
export interface Interval {
  start: number;
  end: number;
}

/** Length of the union of intervals. */
export function unionLength(intervals: readonly Interval[]): number {
  let length = 0,
    reached = Number.NEGATIVE_INFINITY;
  for (const { start, end } of [...intervals].sort((a, b) => a.start - b.start)) {
    if (end <= reached) continue;
    length += end - Math.max(start, reached);
    reached = end;
  }
  return length;
}

/** The union of intervals that come by start, as disjoint intervals by start. */
export function merged(byStart: Iterable<Interval>): Interval[] {
  const out: Interval[] = [];
  for (const { start, end } of byStart) {
    const last = out[out.length - 1];
    if (last && start <= last.end) last.end = Math.max(last.end, end);
    else out.push({ start, end });
  }
  return out;
}

/** Length of what lies in both of two lists of disjoint intervals by start. */
export function commonLength(a: readonly Interval[], b: readonly Interval[]): number {
  let i = 0,
    j = 0,
    length = 0;
  while (i < a.length && j < b.length) {
    length += Math.max(0, Math.min(a[i].end, b[j].end) - Math.max(a[i].start, b[j].start));
    if (a[i].end < b[j].end) i++;
    else j++;
  }
  return length;
}

/** Length of what lies between `start` and `end` of disjoint intervals by start. */
export function lengthWithin(intervals: readonly Interval[], start: number, end: number): number {
  let low = 0,
    high = intervals.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (intervals[mid].end <= start) low = mid + 1;
    else high = mid;
  }
  let length = 0;
  for (let i = low; i < intervals.length && intervals[i].start < end; i++)
    length += Math.min(intervals[i].end, end) - Math.max(intervals[i].start, start);
  return length;
}
