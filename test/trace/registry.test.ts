import { describe, expect, it } from 'vitest';
import type { HwcastError } from '../../src/core/errors.js';
import { READERS, readerFor } from '../../src/trace/registry.js';
import { tinyTrace } from './formats/kineto/tinyTrace.js';

const of = (text: string, format?: string) => readerFor({ name: 'some.file', head: Buffer.from(text) }, format).format;
const refusal = (text: string, format?: string) => {
  try {
    of(text, format);
  } catch (error) {
    return error as HwcastError;
  }
  throw new Error('not refused');
};

describe('readerFor', () => {
  it('recognises formats by content', () => {
    expect(of(tinyTrace([]))).toBe('kineto');
    expect(of('{"schemaVersion": 1, "traceEvents": [')).toBe('kineto');
    expect(of('workload,latency_ms\n#1,2\n')).toBe('table');
    expect(of('workload;latency_ms\r\n#1;2\r\n')).toBe('table');
    expect(of('\ufeffworkload\tlatency_ms\n')).toBe('table');
    expect(of('{"workload":"#1","latency_ms":2}\n{"workload":"#2","latency_ms":3}\n')).toBe('table');
  });

  it('refuses others and lists the formats', () => {
    for (const text of ['# A title, with a comma\n\nText.\n', 'one word', '\0\0\0,', '[1,2,3]']) {
      const error = refusal(text);
      expect(error.code).toBe('unsupported');
      expect(error.where).toBe('some.file');
      expect(error.hint).toContain(`formats: ${READERS.map((r) => r.format).join(', ')}`);
    }
    expect(refusal('').message).toBe('the file is empty');
    expect(refusal('a,b', 'nsys').message).toBe("no reader for format 'nsys'");
  });

  it('takes the format that is asked for', () => expect(of('a,b\n1,2', 'kineto')).toBe('kineto'));
});
