import { createHash } from 'node:crypto';
import { kept } from '../../core/kept.js';
import { operatorOfGraph, operatorText } from '../../graph/operatorText.js';
import type { OpGraph } from '../../graph/opGraph.js';
import { readerFor } from '../../trace/registry.js';
import type {
  Framework,
  NetworkRecord,
  OperatorRecord,
  ReadIssue,
  ReadOptions,
  RowRecord,
  TraceSource,
  TraceSummary,
} from '../../trace/traceReader.js';

/** All runs of one operator in one source. */
export interface CollectedOperator {
  kind: 'operator';
  framework: Framework;
  device: string | null;
  /** canonical id */
  id: string;
  /** that of its first run */
  graph: OpGraph;
  /** s, of each run */
  samples: number[];
  /** whether a device ran it, rather than the host alone */
  onDevice: boolean;
  /** s the host spent inside, and from launch calls to kernels, of the runs of which these are known */
  hostTimes: number[];
  launchDelays: number[];
}

/** What one source gave, in a form that can be kept and sent. */
export interface CollectedSource {
  name: string;
  format: string;
  /** of its content, decompressed */
  sha256: string;
  /** the user named this very file */
  named: boolean;
  records: (CollectedOperator | NetworkRecord | RowRecord | TraceSummary | ReadIssue)[];
}

/**
 * Reads one source whole.
 * @throws HwcastError as its reader does; then nothing of it counts
 */
export async function collectSource(source: TraceSource, options: ReadOptions & { format?: string }): Promise<CollectedSource> {
  const reader = readerFor(source, options.format),
    hash = createHash('sha256'),
    records: CollectedSource['records'] = [],
    operators = new Map<string, CollectedOperator>();
  const hashed = { ...source, chunks: hashing(source.chunks, hash) };
  for await (const record of reader.read(hashed, options)) {
    if (record.kind !== 'operator') {
      records.push(record);
      continue;
    }
    const operator = operatorOf(operators, record);
    if (!operator.samples.length) records.push(operator);
    operator.samples.push(record.latency);
    operator.onDevice ||= record.kernels > 0;
    if (record.hostTime !== null) operator.hostTimes.push(record.hostTime);
    if (record.launchDelay !== null) operator.launchDelays.push(record.launchDelay);
  }
  // readers may stop before the end
  for await (const _ of hashed.chunks);
  return { name: source.name, format: reader.format, sha256: hash.digest('hex'), named: source.named, records };
}

function operatorOf(operators: Map<string, CollectedOperator>, { framework, device, graph }: OperatorRecord): CollectedOperator {
  const id = operatorText(operatorOfGraph(graph));
  return kept(operators, `${framework} ${device} ${id}`, () => ({
    kind: 'operator',
    framework,
    device,
    id,
    graph,
    samples: [],
    onDevice: false,
    hostTimes: [],
    launchDelays: [],
  }));
}

/** The same bytes, once, also where the first reader stops early and another goes on. */
function hashing(chunks: AsyncIterable<Uint8Array>, hash: ReturnType<typeof createHash>): AsyncIterable<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]();
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        const step = await iterator.next();
        if (!step.done) hash.update(step.value);
        return step;
      },
    }),
  };
}
