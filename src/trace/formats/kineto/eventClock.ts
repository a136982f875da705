const TIME = /"ts"\s*:\s*"?(-?\d+(?:\.\d+)?)/;
/** an absolute time is at least this many microseconds (a quarter of an hour since the machine's start, or since 1970) */
const ABSOLUTE = 1_000_000_000n;

/** doubles below hold every whole number, and to half a nanosecond every time (116 days) */
const EXACT = Number.MAX_SAFE_INTEGER,
  TO_NANOSECONDS = 1e13;

/** Microseconds from the first timestamp; text timestamps are subtracted as integers, so that epoch times keep their nanoseconds. */
export class EventClock {
  private base: bigint | undefined;
  private first = 0;

  /** @returns NaN where it is no time, as is 0 where others are absolute */
  at(ts: unknown): number {
    if (typeof ts === 'number' && ts > 0 && this.base !== undefined) {
      if (Number.isInteger(ts)) {
        if (ts < EXACT) return ts - this.first;
      } else if (ts < TO_NANOSECONDS) return Math.round((ts - this.first) * 1000) / 1000;
    }
    const [, whole, fraction] =
      /^(-?\d+)(\.\d+)?(?:e.*)?$/i.exec(typeof ts === 'number' ? ts.toString() : String(ts ?? '')) ?? [];
    if (whole === undefined) return Number.NaN;
    const time = BigInt(whole);
    if (this.base === undefined) {
      this.base = time;
      this.first = Number(time);
    }
    if (this.base > ABSOLUTE && time <= 0n) return Number.NaN;
    return Number(time - this.base) + Number(fraction ?? 0);
  }

  /** Of an event as text, which need not be JSON; null where there is none. */
  inText(text: string): number | null {
    const at = this.at(TIME.exec(text)?.[1]);
    return Number.isNaN(at) ? null : at;
  }
}
