import { HwcastError } from '../../core/errors.js';
import type { TraceSource } from '../traceReader.js';

/** Formats that are read as a whole hold summaries or databases: none seen was larger. */
const MOST_BYTES = 1 << 30;

/** All bytes of a source. @throws HwcastError `unsupported` above `most` bytes, so that a bomb does not fill the memory */
export async function wholeBytes({ chunks, name }: Pick<TraceSource, 'chunks' | 'name'>, most = MOST_BYTES): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > most)
      throw new HwcastError('unsupported', `the file is larger than ${most >> 20} MiB, which is read as a whole`, {
        where: name,
      });
    // a copy: the stream may reuse the chunk's memory
    parts.push(Buffer.from(chunk));
  }
  return Buffer.concat(parts);
}

/** All text of a source, without its byte order mark. */
export async function wholeText(source: Pick<TraceSource, 'chunks' | 'name'>): Promise<string> {
  return (await wholeBytes(source, MOST_BYTES >> 1)).toString('utf8').replace(/^\ufeff/, '');
}

/** A source that is one JSON value. @throws HwcastError `corrupt` where it is none, with the place */
export async function wholeJson(source: Pick<TraceSource, 'chunks' | 'name'>): Promise<unknown> {
  const text = await wholeText(source);
  try {
    return JSON.parse(text);
  } catch (cause) {
    const at = /position (\d+)/.exec((cause as Error).message)?.[1];
    throw new HwcastError(
      'corrupt',
      `not JSON${at === undefined ? ': it ends in the middle' : ` at character ${at} of ${text.length}`}`,
      {
        where: source.name,
        cause,
      },
    );
  }
}
