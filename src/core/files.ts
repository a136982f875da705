import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { HwcastError } from './errors.js';

export const sha256 = (data: Uint8Array | string): string => createHash('sha256').update(data).digest('hex');

function writeSynced(path: string, data: Uint8Array | string): void {
  const file = openSync(path, 'w');
  try {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Writes a file so that an interruption leaves the old one or the new one: temporary file in the same folder, fsync, rename. */
export function writeFileAtomic(path: string, data: Uint8Array | string): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString('hex')}.tmp`);
  try {
    writeSynced(temporary, data);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Writes a folder of files as a whole: new folder beside it, then renames; an existing folder is replaced only once the new one is complete. */
export function writeFolderAtomic(folder: string, files: Readonly<Record<string, Uint8Array | string>>): void {
  const parent = dirname(folder),
    tag = randomBytes(4).toString('hex');
  const temporary = join(parent, `.${basename(folder)}.${tag}.tmp`),
    old = join(parent, `.${basename(folder)}.${tag}.old.tmp`);
  mkdirSync(temporary, { recursive: true });
  try {
    for (const [name, data] of Object.entries(files)) {
      mkdirSync(dirname(join(temporary, name)), { recursive: true });
      writeSynced(join(temporary, name), data);
    }
    if (existsSync(folder)) renameSync(folder, old);
    renameSync(temporary, folder);
  } catch (error) {
    if (!existsSync(folder) && existsSync(old)) renameSync(old, folder);
    throw error;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
    rmSync(old, { recursive: true, force: true });
  }
}

/** Reads a file. @throws HwcastError `not-found`. */
export function readFileChecked(path: string, what = 'file'): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw cannotRead(path, what, cause);
  }
}

/** A file's bytes as they come. @throws HwcastError `not-found`. */
export async function* fileChunks(path: string, what = 'file'): AsyncGenerator<Uint8Array> {
  const stream = createReadStream(path, { highWaterMark: 2 ** 18 });
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (cause) {
    throw cannotRead(path, what, cause);
  }
}

/** @returns what to throw where the file system refuses a path */
export function cannotRead(path: string, what: string, cause: unknown): HwcastError {
  const { code } = cause as NodeJS.ErrnoException;
  const message =
    code === 'ENOENT'
      ? `no such ${what}: '${path}'`
      : code === 'EISDIR'
        ? `'${path}' is a folder, no ${what} (EISDIR)`
        : `cannot read ${what} '${path}': ${code ?? cause}`;
  return new HwcastError('not-found', message, { cause });
}

/** Bytes of a file, unpacked where its name ends in `.gz`. @throws HwcastError `not-found`; `corrupt` for a gzip file that is not whole. */
export function readUnpacked(path: string, what = 'file'): Buffer {
  const bytes = readFileChecked(path, what);
  if (!path.endsWith('.gz')) return bytes;
  try {
    return gunzipSync(bytes);
  } catch (cause) {
    throw new HwcastError('corrupt', `not a whole gzip file: ${(cause as Error).message}`, {
      where: path,
      cause,
      hint: 'the file is cut off or damaged: fetch it again',
    });
  }
}

/** Text of a file in UTF-8, otherwise as `readUnpacked`. */
export const readTextChecked = (path: string, what?: string): string => readUnpacked(path, what).toString('utf8');
