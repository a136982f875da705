import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { walkSources } from '../../../src/trace/source/walkSources.js';
import { wholeText } from '../../../src/trace/source/wholeSource.js';
import { failure, tar } from '../formats/kineto/tinyTrace.js';

const folder = mkdtempSync(join(tmpdir(), 'hwcast-zstd-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A frame of stored blocks: magic, single segment with a size of four bytes, blocks of at most 64 KiB. */
function frame(content: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(content.length);
  const blocks: Buffer[] = [];
  for (let at = 0; at < content.length || !blocks.length; at += 65536) {
    const part = content.subarray(at, at + 65536),
      isLast = at + 65536 >= content.length ? 1 : 0,
      head = Buffer.alloc(3);
    head.writeUIntLE((part.length << 3) | isLast, 0, 3);
    blocks.push(head, part);
  }
  return Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0]), size, ...blocks]);
}

async function read(name: string, bytes: Buffer): Promise<[string, string][]> {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  const found: [string, string][] = [];
  for await (const source of walkSources([path]))
    if (!('kind' in source)) found.push([source.name.slice(path.length), await wholeText(source)]);
  return found;
}

describe('Zstandard', () => {
  it('is unpacked, several frames as one, archives too', async () => {
    const long = 'x'.repeat(100_000);
    expect(await read('a.zst', frame(Buffer.from(long)))).toEqual([['', long]]);
    expect(await read('b.zst', Buffer.concat([frame(Buffer.from('one')), frame(Buffer.from('two'))]))).toEqual([['', 'onetwo']]);
    expect(await read('c.tar.zst', frame(tar({ 'x.json': '{}' })))).toEqual([['!x.json', '{}']]);
  });

  it('that is cut or damaged is refused', async () => {
    const whole = frame(Buffer.from('content'.repeat(100)));
    expect(await failure(read('cut.zst', whole.subarray(0, 300)))).toMatchObject({
      code: 'corrupt',
      message: expect.stringContaining('ends in the middle'),
    });
    const bad = Buffer.from(whole);
    bad[9] |= 6;
    expect(await failure(read('bad.zst', bad))).toMatchObject({
      code: 'corrupt',
      message: expect.stringContaining('is damaged'),
    });
  });
});
