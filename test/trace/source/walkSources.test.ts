import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { strToU8, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SourceLimits, walkSources } from '../../../src/trace/source/walkSources.js';
import type { ReadIssue } from '../../../src/trace/traceReader.js';
import { failure, tar } from '../formats/kineto/tinyTrace.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hwcast-walk-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
const put = (name: string, data: Uint8Array | string) => {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, data);
  return path;
};

/** name (without the folder) -> text, or the reason of an issue; `read` false leaves sources unread */
async function walk(paths: string[], read = true, limits: SourceLimits = {}): Promise<Record<string, string>> {
  const out: Record<string, string> = {};
  for await (const source of walkSources(paths, limits)) {
    if ('kind' in source) {
      out[source.where.replace(`${folder}/`, '')] = `issue: ${(source as ReadIssue).reason}`;
      continue;
    }
    const parts: Uint8Array[] = [];
    if (read) for await (const chunk of source.chunks) parts.push(chunk);
    out[source.name.replace(`${folder}/`, '')] =
      `${read ? Buffer.concat(parts) : Buffer.from(source.head)}${source.named ? '' : ' (found)'}`;
  }
  return out;
}

describe('walkSources', () => {
  it('finds every file of an archive, however little is read of those before it', async () => {
    // no two alike and hard to pack, so that unpacking goes on while the next is asked for
    const random = (seed: number) =>
        Uint8Array.from({ length: 300_000 }, (_, i) => (Math.imul(i + 1, 2654435761 + 97 * seed) >>> 13) & 255),
      files = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`${i}.gz`, gzipSync(random(i), { level: 1 })])),
      archive = put('many.tar.gz', gzipSync(tar(files), { level: 1 }));
    const seen: string[][] = [];
    for (let round = 0; round < 4; round++) {
      const names: string[] = [];
      for await (const source of walkSources([archive])) {
        names.push('kind' in source ? source.reason : source.name.replace(`${archive}!`, ''));
        if (!('kind' in source) && names.length % 3 === round % 3) for await (const _ of source.chunks) break;
      }
      seen.push(names);
    }
    expect(seen).toEqual(Array(4).fill(Object.keys(files)));
  });

  it('opens plain files, gzip, tar and what they hold', async () => {
    const plain = put('a.txt', 'plain'),
      zipped = put('b.txt.gz', gzipSync('zipped'));
    const archive = put(
      'c.tar.gz',
      gzipSync(
        tar({ 'x/one.txt.gz': gzipSync('one'), '.hidden': 'no', 'two.txt': 'two', 'in.tar': tar({ 'three.txt': 'three' }) }),
      ),
    );
    const expected = {
      'c.tar.gz!x/one.txt.gz': 'one (found)',
      'c.tar.gz!two.txt': 'two (found)',
      'c.tar.gz!in.tar!three.txt': 'three (found)',
    };
    expect(await walk([plain, zipped, archive])).toEqual({ 'a.txt': 'plain', 'b.txt.gz': 'zipped', ...expected });
    expect(await walk([archive], false)).toEqual(expected);
    expect(await walk([put('d.tar', tar({ 'two.txt': 'x'.repeat(100_000) }))])).toEqual({
      'd.tar!two.txt': `${'x'.repeat(100_000)} (found)`,
    });
  });

  it('walks folders in order and leaves hidden files out', async () => {
    put('tree/b/2.txt', '2');
    put('tree/a.txt', '1');
    put('tree/.git/config', 'no');
    expect(Object.keys(await walk([join(folder, 'tree')]))).toEqual(['tree/a.txt', 'tree/b/2.txt']);
  });

  it('refuses a damaged file that was named, and goes on past one that was found', async () => {
    const whole = gzipSync('x'.repeat(50_000) + Math.random()),
      cut = put('cut/a.gz', whole.subarray(0, whole.length - 9));
    expect((await failure(walk([cut]))).describe()).toContain(`${cut}: the gzip data ends in the middle (after `);
    const flipped = Buffer.from(whole);
    flipped[flipped.length - 6] ^= 1;
    expect((await failure(walk([put('flipped.gz', flipped)]))).message).toContain('the gzip data is damaged');
    const archive = tar({ 'one.txt': 'one', 'two.txt': 'two' });
    const broken = put('broken.tar', archive.subarray(0, 1024 + 512 + 1));
    expect((await failure(walk([broken]))).message).toBe("the tar archive ends inside 'two.txt', at byte 1537");
    put('found/broken.tar', archive.subarray(0, 1024 + 300));
    put('found/later.txt', 'later');
    expect(await walk([join(folder, 'found')])).toEqual({
      'found/broken.tar!one.txt': 'one (found)',
      'found/broken.tar': 'issue: the tar archive is cut at byte 1024',
      'found/later.txt': 'later (found)',
    });
  });

  it('names a path that is not there', async () => {
    const error = await failure(walk([join(folder, 'nothing')]));
    expect(error.code).toBe('not-found');
  });
});

describe('archives', () => {
  const long = 'line\n'.repeat(50_000);

  it('opens zip files, stored and deflated, read or not', async () => {
    const path = put(
      'b.zip',
      zipSync({ 'x/a.json': strToU8(long), 'plain.txt': [strToU8('as it is'), { level: 0 }], '.hidden': strToU8('no') }),
    );
    expect(await walk([path])).toEqual({ 'b.zip!x/a.json': `${long} (found)`, 'b.zip!plain.txt': 'as it is (found)' });
    expect(Object.keys(await walk([path], false))).toEqual(['b.zip!x/a.json', 'b.zip!plain.txt']);
  });

  it('says that a zip file ends in the middle', async () => {
    const whole = zipSync({ 'a.json': strToU8(Array.from({ length: 40_000 }, (_, i) => i * i).join()) });
    const cut = put('cut.zip', whole.subarray(0, whole.length >> 1));
    expect(await failure(walk([cut]))).toMatchObject({ code: 'corrupt', message: expect.stringMatching(/^the zip archive/) });
  });

  it('opens archives within archives to a depth, and unpacks to a size', async () => {
    const inner = tar({ 'a.txt': 'deep' });
    const nested = put('n.tar', tar({ 'one.tar': tar({ 'two.tar': inner }) }));
    expect(await walk([nested])).toEqual({ 'n.tar!one.tar!two.tar!a.txt': 'deep (found)' });
    expect(await walk([nested], true, { depth: 2 })).toEqual({
      'n.tar!one.tar!two.tar': 'issue: an archive within 2 archives is not opened',
    });
    const bomb = put('bomb.gz', gzipSync(Buffer.alloc(4_000_000)));
    expect(await failure(walk([bomb], true, { bytes: 1_000_000 }))).toMatchObject({
      code: 'unsupported',
      hint: '--max-unpacked raises this limit',
    });
  });
});
