import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readFileChecked, sha256, writeFileAtomic, writeFolderAtomic } from '../../src/core/files.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hwcast-files-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
/** A value that cannot be written, met in the middle of a write. */
const UNWRITABLE = { length: 1 } as unknown as Uint8Array;

describe('writeFileAtomic', () => {
  it('writes text and bytes, makes the folders on the way, and leaves nothing else', () => {
    const path = join(folder, 'a/b/file.json');
    writeFileAtomic(path, 'one: ä\n');
    expect(readFileSync(path, 'utf8')).toBe('one: ä\n');
    writeFileAtomic(path, Uint8Array.of(0, 255, 10));
    expect([...readFileSync(path)]).toEqual([0, 255, 10]);
    expect(readdirSync(join(folder, 'a/b'))).toEqual(['file.json']);
  });

  it('an interruption in the middle leaves the old file and no temporary one', () => {
    const path = join(folder, 'file.json');
    writeFileAtomic(path, 'old');
    expect(() => writeFileAtomic(path, UNWRITABLE)).toThrow();
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['file.json']);
  });

  it('does not replace a folder', () => {
    mkdirSync(join(folder, 'taken'));
    expect(() => writeFileAtomic(join(folder, 'taken'), 'x')).toThrow();
    expect(readdirSync(folder)).toEqual(['taken']);
  });
});

describe('writeFolderAtomic', () => {
  it('replaces the whole folder: files that are gone do not stay', () => {
    const target = join(folder, 'model');
    writeFolderAtomic(target, { 'a.txt': '1', 'deep/er/b.txt': '2' });
    expect(readFileSync(join(target, 'deep/er/b.txt'), 'utf8')).toBe('2');
    writeFolderAtomic(target, { 'c.txt': '3' });
    expect(readdirSync(target)).toEqual(['c.txt']);
    expect(readdirSync(folder)).toEqual(['model']);
  });

  it('an interruption between files leaves the old folder whole and nothing beside it', () => {
    const target = join(folder, 'model');
    writeFolderAtomic(target, { 'a.txt': 'old', 'b.txt': 'old' });
    expect(() => writeFolderAtomic(target, { 'a.txt': 'new', 'b.txt': UNWRITABLE })).toThrow();
    expect(readFileSync(join(target, 'a.txt'), 'utf8')).toBe('old');
    expect(readFileSync(join(target, 'b.txt'), 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['model']);
  });

  it('leaves nothing where there was nothing', () => {
    expect(() => writeFolderAtomic(join(folder, 'model'), { 'a.txt': UNWRITABLE })).toThrow();
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('readFileChecked', () => {
  it('reads bytes', () => {
    writeFileSync(join(folder, 'x'), 'abc');
    expect(readFileChecked(join(folder, 'x')).toString()).toBe('abc');
  });

  it('names the file and the reason', () => {
    expect(() => readFileChecked(join(folder, 'absent'), 'support file')).toThrow(
      expect.objectContaining({ code: 'not-found', message: `no such support file: '${join(folder, 'absent')}'` }),
    );
    expect(() => readFileChecked(folder)).toThrow(
      expect.objectContaining({ code: 'not-found', message: expect.stringContaining('EISDIR') }),
    );
  });
});

describe('sha256', () => {
  it('is that of the bytes', () => {
    expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(sha256(Uint8Array.of(97, 98, 99))).toBe(sha256('abc'));
  });
});
