import { fileChunks } from '../core/files.js';
import { gunzip } from '../trace/source/gunzip.js';

/**
 * Text of a file in pieces (gzipped too), or of standard input for `-`.
 * @throws HwcastError while it is read: `not-found`, `corrupt` for a gzip file that is not whole
 */
export function textChunks(path: string, what: string): { chunks: AsyncIterable<string>; where: string } {
  if (path === '-') return { chunks: decoded(process.stdin), where: 'standard input' };
  const bytes = fileChunks(path, what);
  return { chunks: decoded(path.endsWith('.gz') ? gunzip(bytes, path) : bytes), where: path };
}

async function* decoded(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const chunk of bytes) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}
