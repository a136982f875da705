import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { HwcastError } from '../../core/errors.js';

export const isGzip = (head: Uint8Array): boolean => head[0] === 0x1f && head[1] === 0x8b;

/**
 * Decompresses gzip (several members are one stream), checking its checksum.
 * @throws HwcastError `corrupt` where the data are cut or damaged, with the position in the decompressed data.
 */
export async function* gunzip(source: AsyncIterable<Uint8Array>, where: string): AsyncGenerator<Uint8Array> {
  const input = Readable.from(source, { objectMode: false });
  const output = createGunzip();
  input.on('error', (error) => output.destroy(error));
  input.pipe(output);
  let position = 0;
  try {
    for await (const chunk of output) {
      position += chunk.length;
      yield chunk;
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (!code?.startsWith('Z_')) throw error;
    const how = code === 'Z_BUF_ERROR' ? 'ends in the middle' : 'is damaged';
    throw new HwcastError('corrupt', `the gzip data ${how} (after ${position} decompressed bytes)`, {
      where,
      hint: 'copy the file again',
      cause: error,
    });
  } finally {
    input.destroy();
    output.destroy();
  }
}
