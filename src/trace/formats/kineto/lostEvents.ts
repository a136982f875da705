import type { ReadIssue } from '../../traceReader.js';

/** Events that could not be read, by reason: how many, and what and where the first is. */
export class LostEvents {
  private readonly reasons = new Map<string, { count: number; first: string; offset: number }>();

  /** @param offset byte in the file, decompressed */
  add(reason: string, detail: string, offset: number): void {
    const known = this.reasons.get(reason);
    if (known) known.count++;
    else this.reasons.set(reason, { count: 1, first: `${detail} at byte ${offset}`, offset });
  }

  issues(where: string): ReadIssue[] {
    return [...this.reasons].map(([reason, { count, first, offset }]) => ({
      kind: 'issue',
      where,
      reason: `event left out: ${reason} (first: ${first})`,
      count,
      offset,
      what: 'event',
    }));
  }
}
