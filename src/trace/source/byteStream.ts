/**
 * Bytes from any source: look ahead, take an exact number, or run through as chunks. Calls queue up, so that a consumer that was cut off
 * (a destroyed stream) and the next one never read at the same time.
 */
export class ByteStream {
  private readonly source: AsyncIterator<Uint8Array>;
  private held: Uint8Array[] = [];
  private heldBytes = 0;
  private ended = false;
  private queue: Promise<unknown> = Promise.resolve();
  /** bytes handed out so far */
  position = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.source = source[Symbol.asyncIterator]();
  }

  private async fill(bytes: number): Promise<void> {
    while (this.heldBytes < bytes && !this.ended) {
      const { done, value } = await this.source.next();
      if (done) this.ended = true;
      else if (value.length) {
        this.held.push(value);
        this.heldBytes += value.length;
      }
    }
  }

  private locked<T>(work: () => Promise<T>): Promise<T> {
    const result = this.queue.then(work, work);
    this.queue = result.catch(() => undefined);
    return result;
  }

  /** The next `bytes` bytes, or what is left, without consuming them. */
  peek(bytes: number): Promise<Uint8Array> {
    return this.locked(async () => {
      await this.fill(bytes);
      if (this.held.length > 1) this.held = [concat(this.held)];
      return this.held[0]?.subarray(0, bytes) ?? new Uint8Array();
    });
  }

  /** Up to `limit` bytes as they come; undefined at the end. */
  next(limit = Infinity): Promise<Uint8Array | undefined> {
    return this.taken(() => limit);
  }

  /** Bytes as they come, none behind a position, wherever those stand who asked before; undefined there and at the end. */
  nextUpTo(end: number): Promise<Uint8Array | undefined> {
    return this.taken(() => end - this.position);
  }

  private taken(limitNow: () => number): Promise<Uint8Array | undefined> {
    return this.locked(async () => {
      const limit = limitNow();
      if (limit <= 0) return undefined;
      await this.fill(1);
      const first = this.held.shift();
      if (!first) return undefined;
      const taken = first.length > limit ? first.subarray(0, limit) : first;
      if (taken !== first) this.held.unshift(first.subarray(limit));
      this.heldBytes -= taken.length;
      this.position += taken.length;
      return taken;
    });
  }

  /** Exactly `bytes` bytes, fewer only at the end. */
  async take(bytes: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for (let left = bytes; left > 0; ) {
      const part = await this.next(left);
      if (!part) break;
      parts.push(part);
      left -= part.length;
    }
    return concat(parts);
  }

  /** Releases the source, read or not. */
  async close(): Promise<void> {
    this.ended = true;
    await this.source.return?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (let chunk = await this.next(); chunk; chunk = await this.next()) yield chunk;
  }
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return parts.length === 1 ? parts[0] : Buffer.concat(parts);
}
