import { HwcastError } from '../../core/errors.js';
import type { TraceSource } from '../traceReader.js';

/** No row or record is this long. */
const MOST_BYTES = 1 << 26;

/**
 * Lines of a text, without their ends, whatever its size.
 * @throws HwcastError `corrupt` for a line of more than 64 MiB
 */
export async function* textLines({ chunks, name }: Pick<TraceSource, 'chunks' | 'name'>): AsyncGenerator<string> {
  let parts: Buffer[] = [],
    size = 0;
  const whole = (last: Uint8Array): string => {
    const text = Buffer.concat([...parts, last]).toString('utf8');
    parts = [];
    size = 0;
    return text.endsWith('\r') ? text.slice(0, -1) : text;
  };
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let from = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
      yield whole(bytes.subarray(from, end));
      from = end + 1;
    }
    // a copy: the stream may reuse the chunk's memory
    if (from < bytes.length) parts.push(Buffer.from(bytes.subarray(from)));
    size += bytes.length - from;
    if (size > MOST_BYTES)
      throw new HwcastError('corrupt', `a line of more than ${MOST_BYTES >> 20} MiB: the file has lost its line ends`, {
        where: name,
      });
  }
  if (size) yield whole(Buffer.alloc(0));
}
