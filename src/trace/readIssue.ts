/** Something that could not be used; the rest of the source still is. */
export interface ReadIssue {
  kind: 'issue';
  where: string;
  reason: string;
  /** how many of `what` it concerns */
  count: number;
  /** byte of the first of them in the decompressed file, where it is known */
  offset?: number;
  what: 'file' | 'row' | 'operator' | 'kernel' | 'step' | 'network' | 'event';
}
