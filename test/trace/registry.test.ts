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

  it.each([
    ['[ {"cat" : "Session","ph":"X"}', 'onnxruntime'],
    ['[ { "count" : 3 }\n, { "name"', 'tensorrt'],
    ['{"Layers": [{', 'tensorrt'],
    ['[{ "startEnqMs" : 1', 'tensorrt'],
    ['{"performance_summary": {', 'tensorrt'],
    ['"Index","KernelName","gpu-id"\n', 'rocprof'],
    ['"Name","Calls","TotalDurationNs"\n', 'rocprof'],
    ['{"rocprofiler-sdk-tool": [', 'rocprofv3'],
    ['# best\n\n{"input": ["cuda", "conv2d"', 'autotvm'],
    ['=== Run Order ===\nnode type, start, first, avg_ms', 'tflite-benchmark'],
    ['[\n{ "children": [', 'proton'],
    ['[{"cols": [', 'xprof'],
    ['{"workload_graph": [', 'chakra'],
    ['{"schema": "1.0.1", "nodes": [{"name": "[pytorch|profiler|execution_graph|thread]"', 'execution-trace'],
    ['\n\x10\x01\x12\x0b/device:GPU:0', 'xplane'],
  ])('recognises %j as %s', (text, format) => expect(of(text)).toBe(format));

  it('refuses others and lists the formats', () => {
    for (const text of ['# A title, with a comma\n\nText.\n', 'one word', '\0\0\0,', '[1,2,3]']) {
      const error = refusal(text);
      expect(error.code).toBe('unsupported');
      expect(error.where).toBe('some.file');
      expect(error.hint).toContain(`formats: ${READERS.map((r) => r.format).join(', ')}`);
    }
    expect(refusal('').message).toBe('the file is empty');
    expect(refusal('a,b', 'perf').message).toBe("no reader for format 'perf'");
  });

  it('takes the format that is asked for', () => expect(of('a,b\n1,2', 'kineto')).toBe('kineto'));
});
