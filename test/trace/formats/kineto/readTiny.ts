import { kinetoReader } from '../../../../src/trace/formats/kineto/kinetoReader.js';
import type { NetworkRecord, OperatorRecord, ReadIssue, TraceSummary } from '../../../../src/trace/traceReader.js';
import { bytes, collect } from './tinyTrace.js';

/** What the reader gives of a trace, by kind. */
export async function readTiny(text: string, name = 'net-b4-fp32.json') {
  const records = await collect(
    kinetoReader.read({ name, head: Buffer.from(text.slice(0, 1000)), chunks: bytes(text, 1000), named: true }, {}),
  );
  return {
    records,
    operators: records.filter((r): r is OperatorRecord => r.kind === 'operator'),
    networks: records.filter((r): r is NetworkRecord => r.kind === 'network'),
    issues: records.filter((r): r is ReadIssue => r.kind === 'issue'),
    summary: records.find((r): r is TraceSummary => r.kind === 'summary'),
  };
}
