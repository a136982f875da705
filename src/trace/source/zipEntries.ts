import { HwcastError } from '../../core/errors.js';
import type { ByteStream } from './byteStream.js';

/** A file of a zip archive, unpacked; its bytes are to be read, if at all, before the next is asked for. */
export interface ZipEntry {
  name: string;
  chunks: AsyncIterable<Uint8Array>;
}

interface Entry {
  name: string;
  parts: Uint8Array[];
  done: boolean;
}

export const isZip = (head: Uint8Array): boolean => head[0] === 0x50 && head[1] === 0x4b && head[2] === 3 && head[3] === 4;

/** NumPy's `.npz`, by the name of its first file: arrays that are read together. */
export const isNumpyArchive = (head: Uint8Array): boolean =>
  isZip(head) && /\.npy$/.test(Buffer.from(head.subarray(30, 30 + head[26] + 256 * head[27])).toString('latin1'));

/**
 * Files of a zip archive in order, stored or deflated, unpacked as they come: neither the archive nor a file is held whole.
 * @throws HwcastError `corrupt` where the archive is damaged or ends in the middle, `unsupported` for another compression
 */
export async function* zipEntries(stream: ByteStream, where: string): AsyncGenerator<ZipEntry> {
  // loaded where an archive is read: every command starts without it
  const { Unzip, UnzipInflate } = await import('fflate');
  const waiting: Entry[] = [];
  let ended = false,
    failure: Error | undefined;
  const unzip = new Unzip((file) => {
    const entry: Entry = { name: file.name, parts: [], done: false };
    waiting.push(entry);
    file.ondata = (error, chunk, final) => {
      if (error) failure = error;
      else if (chunk.length) entry.parts.push(chunk);
      entry.done ||= final;
    };
    try {
      file.start();
    } catch (cause) {
      failure = new HwcastError('unsupported', `'${file.name}' in the zip archive is compressed in a way that is not read`, {
        where,
        cause,
      });
    }
  });
  unzip.register(UnzipInflate);
  const pump = async () => {
    const chunk = await stream.next(1 << 16);
    // a reader that was cut off may have come to the end before
    if (ended) return;
    ended = chunk === undefined;
    try {
      unzip.push(chunk ?? new Uint8Array(), ended);
    } catch (cause) {
      failure ??= cause as Error;
    }
    if (failure instanceof HwcastError) throw failure;
    if (failure)
      throw new HwcastError('corrupt', `the zip archive is damaged (before byte ${stream.position})`, { where, cause: failure });
  };
  async function* body(entry: Entry): AsyncGenerator<Uint8Array> {
    for (;;) {
      while (entry.parts.length) yield entry.parts.shift()!;
      if (entry.done) return;
      if (ended)
        throw new HwcastError('corrupt', `the zip archive ends inside '${entry.name}', at byte ${stream.position}`, { where });
      await pump();
    }
  }
  for (;;) {
    while (!waiting.length && !ended) await pump();
    const entry = waiting.shift();
    if (!entry) return;
    const chunks = body(entry);
    if (!entry.name.endsWith('/')) yield { name: entry.name, chunks };
    for await (const _ of chunks); // what was not read
  }
}
