import { HwcastError } from '../core/errors.js';
import type { TraceAnalysis } from './traceAnalysis.js';
import type { TraceReader, TraceSource } from './traceReader.js';

/** An analysis in which nothing is known but what is given. */
export function analysisOf(known: Pick<TraceAnalysis, 'source' | 'format'> & Partial<TraceAnalysis>): TraceAnalysis {
  return {
    device: null,
    batch: null,
    events: 0,
    steps: null,
    latency: null,
    issue: null,
    tklqt: null,
    meanKernel: null,
    idleShare: null,
    bound: null,
    kernels: null,
    kernelsWithLaunch: null,
    kernelsWithOperator: null,
    operators: null,
    operatorsWithShapes: null,
    byOperator: [],
    byWorkload: [],
    byKernel: [],
    streams: [],
    overlap: null,
    collectives: null,
    copies: null,
    launch: null,
    chains: [],
    picture: null,
    lost: [],
    notes: [],
    ...known,
  };
}

/**
 * Reader of a format whose profiles say what ran and not on what shapes: `hwcast trace` shows them, datasets cannot be made of them.
 * @param what the format as its makers call it, with its article
 */
export function profileReader(
  format: string,
  what: string,
  found: (text: string) => boolean,
  analyse: (source: TraceSource) => Promise<TraceAnalysis[]>,
): TraceReader {
  return {
    format,
    detect: (head) => found(headText(head)),
    // biome-ignore lint/correctness/useYield: nothing of it fits a dataset
    async *read(source) {
      throw new HwcastError('unsupported', `this is ${what}, which holds no shapes: no workload of a dataset can be made of it`, {
        where: source.name,
        hint: 'hwcast trace shows what is in it',
      });
    },
    analyse,
  };
}

/** The head of a file as text for detection: a character a byte, without byte order mark and leading space. */
export const headText = (head: Uint8Array): string =>
  Buffer.from(head)
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '')
    .trimStart();
