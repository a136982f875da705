import { describe, expect, it } from 'vitest';
import { ByteStream } from '../../../src/trace/source/byteStream.js';
import { bytes } from '../formats/kineto/tinyTrace.js';

const text = (data: Uint8Array) => Buffer.from(data).toString();

describe('ByteStream', () => {
  it('looks ahead without consuming, takes exact numbers of bytes, ends', async () => {
    const stream = new ByteStream(bytes('abcdef', 2));
    expect(text(await stream.peek(3))).toBe('abc');
    expect(text(await stream.take(4))).toBe('abcd');
    expect(stream.position).toBe(4);
    expect(text(await stream.take(9))).toBe('ef');
    expect(await stream.next()).toBeUndefined();
  });

  it('serves calls that overlap in order', async () => {
    const stream = new ByteStream(bytes('abcdef', 2));
    const parts = await Promise.all([stream.next(), stream.next(1), stream.peek(2), stream.next()]);
    expect(parts.map((p) => text(p!))).toEqual(['ab', 'c', 'de', 'def']);
  });

  it('gives nobody what lies behind the end of a part, though two ask for the rest of it at once', async () => {
    const stream = new ByteStream(bytes('abcdefgh', 2));
    const [first, second, none, header] = await Promise.all([
      stream.nextUpTo(3),
      stream.nextUpTo(3),
      stream.nextUpTo(3),
      stream.take(2),
    ]);
    expect([text(first!), text(second!), none, text(header)]).toEqual(['ab', 'c', undefined, 'de']);
  });

  it('passes errors on', async () => {
    const stream = new ByteStream(
      (async function* () {
        yield Buffer.from('a');
        throw new Error('disk');
      })(),
    );
    await expect(stream.take(5)).rejects.toThrow('disk');
  });
});
