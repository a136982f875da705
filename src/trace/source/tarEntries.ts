import { HwcastError } from '../../core/errors.js';
import type { ByteStream } from './byteStream.js';

export interface TarEntry {
  name: string;
  size: number;
  /** the entry's bytes; to be read, if at all, before the next entry is asked for */
  chunks: AsyncIterable<Uint8Array>;
}

const BLOCK = 512;
const text = (block: Uint8Array, from: number, length: number): string => {
  const end = block.indexOf(0, from);
  return Buffer.from(block.subarray(from, end < 0 ? from + length : Math.min(end, from + length))).toString('utf8');
};

/** True where the first block carries a valid tar header (its own checksum). */
export function isTar(head: Uint8Array): boolean {
  if (head.length < BLOCK) return false;
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 32 : head[i];
  const stated = Number.parseInt(text(head, 148, 8).trim(), 8);
  return stated === sum && sum > 8 * 32;
}

function sizeField(block: Uint8Array): number {
  // GNU base-256 for sizes of 8 GiB and more: first bit set, big-endian number in the rest
  if (block[124] & 0x80) return block.subarray(125, 136).reduce((n, b) => n * 256 + b, 0);
  return Number.parseInt(text(block, 124, 12).trim() || '0', 8);
}

/**
 * Regular files of a tar archive in order (ustar, GNU long names, pax paths). Names serve as labels only; nothing is written to disk.
 * @throws HwcastError `corrupt` with the byte offset where a header is damaged or the archive ends in the middle.
 */
export async function* tarEntries(stream: ByteStream, where: string): AsyncGenerator<TarEntry> {
  let longName: string | undefined;
  for (;;) {
    const offset = stream.position;
    const block = await stream.take(BLOCK);
    if (!block.length || block.every((b) => b === 0)) return;
    if (!isTar(block))
      throw new HwcastError('corrupt', `the tar archive is ${block.length < BLOCK ? 'cut' : 'damaged'} at byte ${offset}`, {
        where,
      });
    const size = sizeField(block);
    const type = String.fromCharCode(block[156]);
    const prefix = text(block, 257, 5) === 'ustar' ? text(block, 345, 155) : '';
    const name = longName ?? (prefix ? `${prefix}/${text(block, 0, 100)}` : text(block, 0, 100));
    const end = stream.position + size;
    const cut = () => new HwcastError('corrupt', `the tar archive ends inside '${name}', at byte ${stream.position}`, { where });
    async function* body(): AsyncGenerator<Uint8Array> {
      for (let chunk = await stream.nextUpTo(end); chunk; chunk = await stream.nextUpTo(end)) yield chunk;
      if (stream.position < end) throw cut();
    }
    if (type === 'L' || type === 'x') {
      const content = Buffer.from(await stream.take(size)).toString('utf8');
      if (content.length === 0 && size > 0) throw cut();
      longName = type === 'L' ? content.replace(/\0+$/, '') : (/^\d+ path=(.*)$/m.exec(content)?.[1] ?? longName);
    } else {
      longName = undefined;
      if (type === '0' || type === '\0') yield { name, size, chunks: body() };
    }
    // what was not read; a reader that was cut off may still wait for its part of it
    while (await stream.nextUpTo(end));
    if (stream.position < end) throw cut();
    const padding = (BLOCK - (size % BLOCK)) % BLOCK;
    if (padding) await stream.take(padding);
  }
}
