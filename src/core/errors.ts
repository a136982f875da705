/** Stable codes of the errors a caller may meet; scripts match on these, never on messages. */
export type ErrorCode =
  | 'usage'
  | 'bad-input'
  | 'unsupported'
  | 'corrupt'
  | 'newer-format'
  | 'forbidden'
  | 'not-found'
  | 'quality-gate'
  | 'interrupted';

const EXIT: Record<ErrorCode, number> = {
  usage: 2,
  'bad-input': 3,
  unsupported: 3,
  corrupt: 3,
  'newer-format': 3,
  forbidden: 3,
  'not-found': 4,
  'quality-gate': 5,
  interrupted: 130,
};

/**
 * The one error class of hwcast: what is wrong and which value (`message`), where (`where`: file, row, node), what to do (`hint`).
 * `exitCode` is what the command line ends with: 2 usage, 3 bad input, 4 not found, 5 quality gate, 130 interrupted.
 */
export class HwcastError extends Error {
  readonly code: ErrorCode;
  readonly where?: string;
  readonly hint?: string;

  constructor(code: ErrorCode, message: string, options: { where?: string; hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'HwcastError';
    this.code = code;
    this.where = options.where;
    this.hint = options.hint;
  }

  get exitCode(): number {
    return EXIT[this.code];
  }

  /** One line for people: where, message, hint. */
  describe(): string {
    return `${this.where ? `${this.where}: ` : ''}${this.message}${this.hint ? `\n  ${this.hint}` : ''}`;
  }
}

/** The names closest to `name` by edit distance, best first, at most `limit`; for "did you mean". */
export function closeNames(name: string, known: Iterable<string>, limit = 3): string[] {
  const scored = [...known].map((k) => ({
    k,
    d: editDistance(name.toLowerCase(), k.toLowerCase()) - (k.toLowerCase().includes(name.toLowerCase()) ? 100 : 0),
  }));
  return scored
    .sort((a, b) => a.d - b.d)
    .filter((s) => s.d <= Math.max(3, name.length / 2))
    .slice(0, limit)
    .map((s) => s.k);
}

/** Letters to change, add or leave out between two words. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length];
}
