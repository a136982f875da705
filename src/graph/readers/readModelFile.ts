import { gunzipSync } from 'node:zlib';
import { HwcastError } from '../../core/errors.js';
import { readFileChecked } from '../../core/files.js';
import type { ModelReader, ModelSource, ReadModel, ReadModelOptions } from './modelReader.js';
import { MODEL_READERS } from './registry.js';

const HEAD = 65_536;

/**
 * The models of a file, whatever its format.
 * @param path of the file, gzipped or not; `-` reads standard input
 * @param format reader by name; by content unless told
 * @throws HwcastError `not-found`, `unsupported` for a file that no reader knows, else as its reader
 */
export async function readModelFile(
  path: string,
  options: ReadModelOptions & { format?: string } = {},
): Promise<(ReadModel & { format: string })[]> {
  const source = modelSource(path);
  const reader = readerOf(source, options.format);
  return (await reader.read(source, options)).map((model) => ({ ...model, format: reader.format }));
}

/** The bytes of a model file, unpacked. @throws HwcastError `not-found`, `corrupt` for half a gzip file */
export function modelSource(path: string): ModelSource {
  return unpacked(path === '-' ? 'standard input' : path, readFileChecked(path === '-' ? '/dev/stdin' : path, 'model file'));
}

function unpacked(name: string, bytes: Uint8Array): ModelSource {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return { name, bytes };
  try {
    return { name: name.replace(/\.gz$/i, ''), bytes: gunzipSync(bytes) };
  } catch (cause) {
    throw new HwcastError('corrupt', `not a whole gzip file: ${(cause as Error).message}`, { where: name, cause });
  }
}

/** The reader asked for, or the one that knows the file best. @throws HwcastError `not-found`, `unsupported` */
export function readerOf({ name, bytes }: ModelSource, format?: string): ModelReader {
  const known = MODEL_READERS.map((r) => `${r.format} (${r.about})`).join(', ');
  if (format !== undefined) {
    const reader = MODEL_READERS.find((r) => r.format === format);
    if (!reader) throw new HwcastError('not-found', `no reader of '${format}'`, { hint: `there are ${known}` });
    return reader;
  }
  if (!bytes.length) throw new HwcastError('corrupt', 'the file is empty', { where: name });
  const found = MODEL_READERS.map((reader) => ({ reader, sure: reader.detect(bytes.subarray(0, HEAD), name) }));
  const best = found.find((f) => f.sure === 'certain') ?? found.find((f) => f.sure === 'likely');
  if (best) return best.reader;
  const other = OTHERS.find(({ begins }) => begins(Buffer.from(bytes.subarray(0, 512)).toString('latin1')));
  throw new HwcastError('unsupported', `no model file that hwcast reads${other ? `: it is ${other.is}` : ''}`, {
    where: name,
    hint: other ? other.hint : `it reads ${known}`,
  });
}

/** Files that are taken for a model by their name. */
const OTHERS = [
  {
    begins: (head: string) => /^\s*<(!doctype html|html)/i.test(head),
    is: 'a web page',
    hint: 'the download saved a page in place of the file: fetch the raw file',
  },
  {
    // bundles of MediaPipe have two bytes before it
    begins: (head: string) => head.slice(0, 8).includes('PK\x03\x04'),
    is: 'a zip archive',
    hint: 'unpack it and name the model inside: a .task bundle of MediaPipe holds .tflite files',
  },
  {
    begins: (head: string) => head.startsWith('version https://git-lfs'),
    is: 'a pointer of Git LFS',
    hint: 'fetch the file itself: git lfs pull',
  },
] as const;
