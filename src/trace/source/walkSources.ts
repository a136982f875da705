import { createReadStream, existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { HwcastError } from '../../core/errors.js';
import type { ReadIssue, TraceSource } from '../traceReader.js';
import { ByteStream } from './byteStream.js';
import { gunzip, isGzip } from './gunzip.js';
import { isTar, tarEntries } from './tarEntries.js';

const HEAD_BYTES = 128 * 1024;
/** archives within archives are opened this deep */
const MAX_DEPTH = 3;

/**
 * Every file under the given paths, decompressed: files, folders (all files below, sorted, hidden ones and links left out), `.gz`, `.tar`,
 * `.tar.gz`, `-` for standard input. Each source has to be read before the next is asked for.
 * @throws HwcastError `not-found` for a path that is not there, `corrupt` for a damaged file named by the user; inside folders and archives a
 * damaged file is an issue and the walk goes on.
 */
export async function* walkSources(paths: readonly string[]): AsyncGenerator<TraceSource | ReadIssue> {
  for (const path of paths) {
    if (path === '-') {
      yield* open(process.stdin, 'standard input', true, 0);
      continue;
    }
    if (!existsSync(path)) throw new HwcastError('not-found', `no file or folder '${path}'`);
    if (!statSync(path).isDirectory()) {
      yield* open(createReadStream(path, { highWaterMark: 1 << 18 }), path, true, 0);
      continue;
    }
    for (const file of filesBelow(path)) yield* open(createReadStream(file, { highWaterMark: 1 << 18 }), file, false, 0);
  }
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((e) => !e.name.startsWith('.'))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((e) => (e.isDirectory() ? filesBelow(join(folder, e.name)) : e.isFile() ? [join(folder, e.name)] : []));
}

async function* open(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
  named: boolean,
  depth: number,
): AsyncGenerator<TraceSource | ReadIssue> {
  let stream = new ByteStream(chunks);
  const opened = [stream];
  try {
    if (isGzip(await stream.peek(2))) {
      stream = new ByteStream(gunzip(stream, name));
      opened.unshift(stream);
    }
    if (isTar(await stream.peek(512)) && depth < MAX_DEPTH) {
      for await (const entry of tarEntries(stream, name))
        if (!basename(entry.name).startsWith('.')) yield* open(entry.chunks, `${name}!${entry.name}`, false, depth + 1);
    } else {
      yield { name, head: await stream.peek(HEAD_BYTES), chunks: stream, named };
    }
  } catch (error) {
    if (named || !(error instanceof HwcastError)) throw error;
    yield { kind: 'issue', where: error.where ?? name, reason: error.message, count: 1, what: 'file' };
  } finally {
    if (depth === 0) for (const s of opened) await s.close();
  }
}
