import { HwcastError } from '../../core/errors.js';

export const isZstd = (head: Uint8Array): boolean => head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd;

/**
 * Decompresses Zstandard (several frames are one stream).
 * @throws HwcastError `corrupt` where the data are cut or damaged, with the position in the decompressed data.
 */
export async function* unzstd(source: AsyncIterable<Uint8Array>, where: string): AsyncGenerator<Uint8Array> {
  // loaded where such a file is read: every command starts without it
  const { Decompress } = await import('fzstd');
  const waiting: Uint8Array[] = [];
  const stream = new Decompress((chunk) => {
    if (chunk.length) waiting.push(chunk);
  });
  let position = 0;
  const push = (chunk: Uint8Array, isLast: boolean): void => {
    try {
      stream.push(chunk, isLast);
    } catch (cause) {
      const how = /EOF|unexpected/i.test((cause as Error).message) ? 'ends in the middle' : 'is damaged';
      throw new HwcastError('corrupt', `the Zstandard data ${how} (after ${position} decompressed bytes)`, {
        where,
        hint: 'copy the file again',
        cause,
      });
    }
  };
  for await (const chunk of source) {
    push(chunk, false);
    for (const part of waiting.splice(0)) {
      position += part.length;
      yield part;
    }
  }
  push(new Uint8Array(), true);
  yield* waiting;
}
