import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { HwcastError } from '../../core/errors.js';
import { cannotRead, fileChunks } from '../../core/files.js';
import { refusedFile } from '../issueAt.js';
import type { ReadIssue, TraceSource } from '../traceReader.js';
import { ByteStream } from './byteStream.js';
import { gunzip, isGzip } from './gunzip.js';
import { isTar, tarEntries } from './tarEntries.js';
import { isZstd, unzstd } from './unzstd.js';
import { isNumpyArchive, isZip, zipEntries } from './zipEntries.js';

const HEAD_BYTES = 128 * 1024;
/** What is unpacked at most; archives can be made to hold more than any disk. */
export interface SourceLimits {
  /** archives within archives are opened this deep; 3 unless told */
  depth?: number;
  /** bytes unpacked of one path; 256 GiB unless told */
  bytes?: number;
  /** names of files that are handed out as they are, though they are archives */
  whole?: RegExp;
}
const DEPTH = 3,
  BYTES = 256 * 2 ** 30;

/** Counts what was unpacked of one path. */
interface Walk {
  depth: number;
  bytes: number;
  unpacked: number;
  whole?: RegExp;
}

/** A path that is read by itself: a file, plain or an archive, or `-` for standard input. */
export interface SourceUnit {
  path: string;
  /** the user named this very file */
  named: boolean;
}

/** Files under the given paths, those of folders sorted. @throws HwcastError `not-found` for a path that is not there or may not be read */
export function sourceUnits(paths: readonly string[]): SourceUnit[] {
  return paths.flatMap((path): SourceUnit[] => {
    if (path === '-') return [{ path, named: true }];
    if (!existsSync(path)) throw new HwcastError('not-found', `no file or folder '${path}'`);
    try {
      return statSync(path).isDirectory()
        ? filesBelow(path).map((file) => ({ path: file, named: false }))
        : [{ path, named: true }];
    } catch (cause) {
      throw cannotRead(path, 'folder', cause);
    }
  });
}

/** The files of one path, decompressed. */
export async function* walkUnit({ path, named }: SourceUnit, limits: SourceLimits = {}): AsyncGenerator<TraceSource | ReadIssue> {
  const { depth = DEPTH, bytes = BYTES, whole } = limits,
    walk: Walk = { depth, bytes, whole, unpacked: 0 };
  if (path === '-') yield* open(process.stdin, 'standard input', true, 0, walk);
  else yield* open(fileChunks(path), path, named, 0, walk);
}

/**
 * Every file under the given paths, decompressed: files, folders (all files below, sorted, hidden ones and links left out), `.gz`, `.zst`,
 * `.tar`, `.tar.gz`, `.zip` (not NumPy's `.npz`), `-` for standard input. Each source has to be read before the next is asked for.
 * @throws HwcastError `not-found` for a path that is not there, `corrupt` for a damaged file named by the user; inside folders and archives a
 * damaged file is an issue and the walk goes on. `unsupported` where a path unpacks to more than the limits.
 */
export async function* walkSources(paths: readonly string[], limits: SourceLimits = {}): AsyncGenerator<TraceSource | ReadIssue> {
  for (const path of paths) for (const unit of sourceUnits([path])) yield* walkUnit(unit, limits);
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((e) => !e.name.startsWith('.'))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((e) => (e.isDirectory() ? filesIn(join(folder, e.name)) : e.isFile() ? [join(folder, e.name)] : []));
}

/** Of a folder that may not be looked into the folder itself, which is an issue when it is read. */
function filesIn(folder: string): string[] {
  try {
    return filesBelow(folder);
  } catch {
    return [folder];
  }
}

async function* open(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
  named: boolean,
  depth: number,
  walk: Walk,
): AsyncGenerator<TraceSource | ReadIssue> {
  let stream = new ByteStream(chunks);
  const opened = [stream];
  try {
    if (isGzip(await stream.peek(2))) {
      stream = new ByteStream(counted(gunzip(stream, name), name, walk));
      opened.unshift(stream);
    }
    if (isZstd(await stream.peek(4))) {
      stream = new ByteStream(counted(unzstd(stream, name), name, walk));
      opened.unshift(stream);
    }
    const entries = walk.whole?.test(name)
      ? undefined
      : isTar(await stream.peek(512))
        ? tarEntries(stream, name)
        : isZip(await stream.peek(4)) && !isNumpyArchive(await stream.peek(512))
          ? zipEntries(stream, name)
          : undefined;
    if (!entries) yield { name, head: await stream.peek(HEAD_BYTES), chunks: stream, named };
    else if (depth >= walk.depth)
      throw new HwcastError('unsupported', `an archive within ${depth} archives is not opened`, {
        where: name,
        hint: '--max-depth raises this limit',
      });
    else
      for await (const entry of entries)
        if (!basename(entry.name).startsWith('.'))
          yield* open(counted(entry.chunks, name, walk), `${name}!${entry.name}`, false, depth + 1, walk);
  } catch (error) {
    if (named || !(error instanceof HwcastError)) throw error;
    yield refusedFile(error, name);
  } finally {
    if (depth === 0) for (const s of opened) await s.close();
  }
}

/** The same bytes. @throws HwcastError `unsupported` where more come than the limit */
async function* counted(chunks: AsyncIterable<Uint8Array>, where: string, walk: Walk): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    walk.unpacked += chunk.length;
    if (walk.unpacked > walk.bytes)
      throw new HwcastError('unsupported', `it unpacks to more than ${(walk.bytes / 2 ** 30).toPrecision(3)} GiB`, {
        where,
        hint: '--max-unpacked raises this limit',
      });
    yield chunk;
  }
}
