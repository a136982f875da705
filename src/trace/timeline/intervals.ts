/** Times in one unit, from one moment. */
export interface Interval {
  start: number;
  end: number;
}

/** Length of the union of intervals. */
export function unionLength(intervals: readonly Interval[]): number {
  const union = new UnionLength();
  for (const { start, end } of [...intervals].sort((a, b) => a.start - b.start)) union.add(start, end);
  return union.length;
}

/** Lengths of the union of intervals that come by start, of what lies in two or more of them, and of the union within windows. */
export class UnionLength {
  length = 0;
  /** of what two or more cover */
  shared = 0;
  /** of the union within the windows */
  within = 0;
  private reached = Number.NEGATIVE_INFINITY;
  private sharedUpTo = Number.NEGATIVE_INFINITY;
  private window = 0;

  /** @param windows disjoint, by start */
  constructor(private readonly windows: readonly Interval[] = []) {}

  add(start: number, end: number): void {
    const common = Math.min(end, this.reached);
    if (common > Math.max(start, this.sharedUpTo)) {
      this.shared += common - Math.max(start, this.sharedUpTo);
      this.sharedUpTo = common;
    }
    if (end <= this.reached) return;
    const from = Math.max(start, this.reached);
    this.length += end - from;
    this.reached = end;
    const { windows } = this;
    while (this.window < windows.length && windows[this.window].end <= from) this.window++;
    for (let k = this.window; k < windows.length && windows[k].start < end; k++)
      this.within += Math.min(windows[k].end, end) - Math.max(windows[k].start, from);
  }
}

/** Of intervals of two kinds that come by start: length of each kind's union, and of what both cover. */
export class TwoUnions {
  readonly lengths: [number, number] = [0, 0];
  common = 0;
  private readonly reached: [number, number] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  private commonUpTo = Number.NEGATIVE_INFINITY;

  add(kind: 0 | 1, start: number, end: number): void {
    const both = Math.min(end, this.reached[1 - kind]),
      from = Math.max(start, this.commonUpTo);
    if (both > from) {
      this.common += both - from;
      this.commonUpTo = both;
    }
    if (end <= this.reached[kind]) return;
    this.lengths[kind] += end - Math.max(start, this.reached[kind]);
    this.reached[kind] = end;
  }
}
