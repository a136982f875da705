import { readerFor } from '../../../src/trace/registry.js';
import type { TraceAnalysis } from '../../../src/trace/traceAnalysis.js';
import type { TraceSource } from '../../../src/trace/traceReader.js';
import { bytes } from './kineto/tinyTrace.js';

/** A file in memory as a source. */
export function sourceOf(content: string | Uint8Array, name = 'a.file'): TraceSource {
  const all = Buffer.from(content as string);
  return { name, head: all.subarray(0, 1 << 17), chunks: bytes(all, 1000), named: true };
}

/** What the reader that recognises a file says of it. */
export function analysed(content: string | Uint8Array, name?: string): Promise<TraceAnalysis[]> {
  const source = sourceOf(content, name);
  return readerFor(source).analyse!(source);
}
