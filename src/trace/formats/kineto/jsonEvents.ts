import { HwcastError } from '../../../core/errors.js';
import {
  AFTER_STRING,
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  ENDS_PLAIN,
  ENDS_TEXT,
  isSpace,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
} from './jsonBytes.js';

/** What the scanner finds: an allow-listed top-level value, an event (which may be no JSON), text that is no event, or that the file ends before its end. */
export type JsonItem =
  | { kind: 'header'; key: string; text: string }
  | { kind: 'event'; text: string; offset: number }
  | { kind: 'bad'; reason: string; offset: number }
  | { kind: 'cut'; reason: string; offset: number };

/** No event is this long; a longer one has lost its end (an unescaped quote in a file without line breaks). */
const MAX_EVENT = 1 << 26;

type Phase = 'start' | 'key' | 'keyText' | 'colon' | 'valueStart' | 'value' | 'element' | 'event' | 'lost' | 'done';

/**
 * Splits a Chrome trace into its events without ever holding the whole text: the elements of the top-level `traceEvents` array (or of the
 * bare array the format also allows) and the top-level values named in `headers`. All other top-level values are passed over byte by byte
 * and never decoded, so an environment block, host names or paths cannot leave the file.
 *
 * An unescaped quote spoils one event, not the rest of the file: where a string is followed by what cannot follow one, the event is lost and the
 * next begins where an object opens with the key that the first event opened with.
 * @param headers top-level keys to return; everything else is dropped
 * @returns batches of items, one batch a chunk, in file order; event text is not parsed yet. Where the file ends in the middle of its events, or
 * cannot be read on (damaged gzip data), the last item is `cut`
 * @throws HwcastError `corrupt` with the byte offset where it ends before its events, `bad-input` where it is no such JSON.
 */
export async function* jsonEvents(
  chunks: AsyncIterable<Uint8Array>,
  headers: ReadonlySet<string>,
  where: string,
): AsyncGenerator<JsonItem[]> {
  const scanner = new EventScanner(headers, where);
  try {
    for await (const chunk of chunks) {
      const items = scanner.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
      if (items.length) yield items;
    }
  } catch (error) {
    if (!(error instanceof HwcastError && error.code === 'corrupt' && scanner.events)) throw error;
    yield [{ kind: 'cut', reason: error.message, offset: scanner.position }];
    return;
  }
  const cut = scanner.end();
  if (cut) yield [cut];
}

class EventScanner {
  private phase: Phase = 'start';
  private depth = 0;
  private inString = false;
  private escaped = false;
  private key = '';
  /** text of the current key, header or event from earlier chunks */
  private parts: Buffer[] = [];
  private partBytes = 0;
  /** start of the same in this chunk; -1 while nothing is captured */
  private from = -1;
  private bare = false;
  private sawEvents = false;
  events = 0;
  /** `"ph"`: what the first event opens with; and how much of it stands before the current byte while an event is lost, -1 for nothing */
  private opening = Buffer.alloc(0);
  private openingSeen = -1;
  private braceOffset = 0;
  /** a string of an event ended with the chunk before */
  private closed = false;
  /** bytes before this chunk, and where the current event began */
  private base = 0;
  private eventOffset = 0;
  private strayOffset = -1;

  constructor(
    private readonly headers: ReadonlySet<string>,
    private readonly where: string,
  ) {}

  push(chunk: Buffer): JsonItem[] {
    const items: JsonItem[] = [];
    for (let i = 0; i < chunk.length; i++) i = this.step(chunk, i, items);
    if (this.from >= 0) this.keepRest(chunk);
    this.base += chunk.length;
    return items;
  }

  /** Takes the byte at `i`, in an event those up to its end; returns the last position taken. */
  private step(chunk: Buffer, i: number, items: JsonItem[]): number {
    switch (this.phase) {
      case 'event':
        return this.inEvent(chunk, i, items);
      case 'lost':
        return this.inLost(chunk, i, items);
      case 'element':
        this.betweenEvents(chunk[i], i, items);
        return i;
      case 'value':
        return this.inValue(chunk, i, items);
      case 'start':
        this.atStart(chunk[i], i);
        return i;
      case 'key':
        this.beforeKey(chunk[i], i);
        return i;
      case 'keyText':
        this.inKey(chunk, i);
        return i;
      case 'colon':
        if (chunk[i] === COLON) this.phase = 'valueStart';
        else if (!isSpace(chunk[i])) throw this.malformed(i, "':' is expected");
        return i;
      case 'valueStart':
        return this.beforeValue(chunk[i], i);
      case 'done':
        return i;
    }
  }

  /** The hot loop: runs to the end of the event or of the chunk. */
  private inEvent(chunk: Buffer, start: number, items: JsonItem[]): number {
    let { depth, inString, escaped } = this,
      i = start;
    if (this.closed && !AFTER_STRING[chunk[start]]) return this.lose(start);
    this.closed = false;
    const { length } = chunk;
    for (; i < length; i++) {
      if (inString) {
        if (escaped) {
          escaped = false;
          continue;
        }
        while (i < length && !ENDS_TEXT[chunk[i]]) i++;
        if (i === length) break;
        if (chunk[i] === BACKSLASH) escaped = true;
        else {
          inString = false;
          if (i + 1 === length) this.closed = true;
          else if (!AFTER_STRING[chunk[i + 1]]) return this.lose(i);
        }
        continue;
      }
      while (i < length && !ENDS_PLAIN[chunk[i]]) i++;
      if (i === length) break;
      const b = chunk[i];
      if (b === QUOTE) inString = true;
      else if (b === OPEN_BRACE || b === OPEN_BRACKET) depth++;
      else if (--depth === 0) break;
    }
    this.depth = depth;
    this.inString = inString;
    this.escaped = escaped;
    if (depth === 0) {
      const text = this.captured(chunk, i + 1);
      if (!this.opening.length) this.opening = Buffer.from(/^\{\s*("[^"]*")/.exec(text)?.[1] ?? '');
      items.push({ kind: 'event', text, offset: this.eventOffset });
      this.events++;
      this.phase = 'element';
    }
    return i;
  }

  private lose(i: number): number {
    this.phase = 'lost';
    this.closed = false;
    this.openingSeen = -1;
    if (!this.opening.length) this.opening = Buffer.from('"ph"');
    return i;
  }

  /** Looks for where the next event opens; what was lost up to there is one event that is no JSON. */
  private inLost(chunk: Buffer, start: number, items: JsonItem[]): number {
    const { opening } = this;
    for (let i = start; i < chunk.length; i++) {
      const b = chunk[i];
      if (b === OPEN_BRACE) {
        this.openingSeen = 0;
        this.braceOffset = this.base + i;
      } else if (this.openingSeen === 0 && isSpace(b)) continue;
      else if (this.openingSeen >= 0 && b === opening[this.openingSeen]) this.openingSeen++;
      else this.openingSeen = -1;
      if (this.openingSeen < opening.length) continue;
      items.push({ kind: 'event', text: this.captured(chunk, i + 1), offset: this.eventOffset });
      this.events++;
      this.eventOffset = this.braceOffset;
      // the brace and the key may stand in the chunk before
      this.capture(i + 1);
      this.parts = [Buffer.from('{'), opening];
      this.depth = 1;
      this.inString = this.escaped = false;
      this.phase = 'event';
      return i;
    }
    return chunk.length;
  }

  private betweenEvents(c: number, i: number, items: JsonItem[]): void {
    if (c === OPEN_BRACE) {
      this.capture(i);
      this.eventOffset = this.base + i;
      this.depth = 1;
      this.inString = this.escaped = false;
      this.phase = 'event';
    } else if (c === CLOSE_BRACKET) this.phase = this.bare ? 'done' : 'key';
    else if (c === COMMA) this.strayOffset = -1;
    else if (!isSpace(c) && this.strayOffset < 0) {
      this.strayOffset = this.base + i;
      items.push({ kind: 'bad', reason: 'text between two events', offset: this.strayOffset });
    }
  }

  private inValue(chunk: Buffer, i: number, items: JsonItem[]): number {
    const c = chunk[i];
    if (this.inString) {
      if (this.escaped) this.escaped = false;
      else if (c === BACKSLASH) this.escaped = true;
      else if (c === QUOTE) {
        this.inString = false;
        if (this.depth === 0) this.finishValue(chunk, i + 1, items);
      }
    } else if (c === QUOTE) this.inString = true;
    else if (c === OPEN_BRACE || c === OPEN_BRACKET) this.depth++;
    else if (c === CLOSE_BRACE || c === CLOSE_BRACKET) {
      if (this.depth === 0) {
        // the end of a number, and of the object around it, which is taken next
        this.finishValue(chunk, i, items);
        return i - 1;
      }
      if (--this.depth === 0) this.finishValue(chunk, i + 1, items);
    } else if (c === COMMA && this.depth === 0) this.finishValue(chunk, i, items);
    return i;
  }

  private atStart(c: number, i: number): void {
    if (isSpace(c) || (this.base + i < 3 && c >= 0xbb)) return; // space, byte order mark
    if (c === OPEN_BRACE) this.phase = 'key';
    else if (c === OPEN_BRACKET) {
      this.bare = this.sawEvents = true;
      this.phase = 'element';
    } else throw this.malformed(i, 'does not begin with { or [');
  }

  private beforeKey(c: number, i: number): void {
    if (c === QUOTE) {
      this.capture(i + 1);
      this.escaped = false;
      this.phase = 'keyText';
    } else if (c === CLOSE_BRACE) this.phase = 'done';
    else if (c !== COMMA && !isSpace(c)) throw this.malformed(i, 'a key is expected');
  }

  private inKey(chunk: Buffer, i: number): void {
    if (this.escaped) this.escaped = false;
    else if (chunk[i] === BACKSLASH) this.escaped = true;
    else if (chunk[i] === QUOTE) {
      this.key = this.captured(chunk, i);
      this.phase = 'colon';
    }
  }

  /** The first byte of a value is taken by what reads it. */
  private beforeValue(c: number, i: number): number {
    if (isSpace(c)) return i;
    if (this.key === 'traceEvents' && c === OPEN_BRACKET) {
      this.sawEvents = true;
      this.phase = 'element';
      return i;
    }
    if (this.headers.has(this.key)) this.capture(i);
    this.depth = 0;
    this.inString = this.escaped = false;
    this.phase = 'value';
    return i - 1;
  }

  /** Keeps what is captured and goes on in the next chunk. */
  private keepRest(chunk: Buffer): void {
    // a copy: the stream may reuse the chunk's memory
    this.parts.push(Buffer.from(chunk.subarray(this.from)));
    this.partBytes += chunk.length - this.from;
    this.from = 0;
    if (this.partBytes > MAX_EVENT)
      throw new HwcastError(
        'corrupt',
        `the value that begins at byte ${this.eventOffset} has no end within ${MAX_EVENT >> 20} MiB`,
        { where: this.where },
      );
  }

  /** Bytes read. */
  get position(): number {
    return this.base;
  }

  /**
   * @returns that the text is cut, where it is; a bare array may lack its `]`, as the format allows
   * @throws HwcastError `corrupt` where it ends before its first event
   */
  end(): JsonItem | undefined {
    if (this.phase === 'done' || this.phase === 'lost' || (this.bare && this.phase === 'element')) {
      if (!this.sawEvents) throw new HwcastError('bad-input', "no 'traceEvents' in this JSON", { where: this.where });
      return undefined;
    }
    if (this.base === 0) throw new HwcastError('corrupt', 'the file is empty', { where: this.where });
    const reason = `the trace ends in the middle, at byte ${this.base} (after ${this.events} events)`;
    if (this.events) return { kind: 'cut', reason, offset: this.base };
    throw new HwcastError('corrupt', reason, {
      where: this.where,
      hint: 'copy the file again, or profile again and let the export finish',
    });
  }

  private capture(start: number): void {
    this.parts = [];
    this.partBytes = 0;
    this.from = start;
  }

  private captured(chunk: Buffer, end: number): string {
    const last = chunk.subarray(this.from, end);
    this.from = -1;
    const bytes = this.parts.length ? Buffer.concat([...this.parts, last]) : last;
    this.parts = [];
    return bytes.toString('utf8');
  }

  private finishValue(chunk: Buffer, end: number, items: JsonItem[]): void {
    if (this.from >= 0) items.push({ kind: 'header', key: this.key, text: this.captured(chunk, end) });
    this.phase = 'key';
  }

  private malformed(i: number, why: string): HwcastError {
    return new HwcastError('bad-input', `not a JSON trace: ${why} at byte ${this.base + i}`, { where: this.where });
  }
}
