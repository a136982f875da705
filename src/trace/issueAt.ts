import type { HwcastError } from '../core/errors.js';
import type { ReadIssue } from './readIssue.js';

/** Makes issues of one source. */
export const issueAt =
  (where: string) =>
  (what: ReadIssue['what'], count: number, reason: string): ReadIssue => ({ kind: 'issue', where, reason, count, what });

/** A file of a folder or archive that could not be read. @param name of the file, where the error names none */
export const refusedFile = (error: HwcastError, name: string): ReadIssue =>
  issueAt(error.where ?? name)('file', 1, error.message);

/** Counts of what could not be used, by reason, in the order in which they came. */
export class Reasons {
  private readonly counts = new Map<string, number>();

  add(reason: string, count = 1): void {
    this.counts.set(reason, (this.counts.get(reason) ?? 0) + count);
  }

  *issues(where: string, what: ReadIssue['what']): Generator<ReadIssue> {
    for (const [reason, count] of this.counts) yield issueAt(where)(what, count, reason);
  }
}
