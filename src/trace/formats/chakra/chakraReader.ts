import { HwcastError } from '../../../core/errors.js';
import { kernelTotals, operatorTotals } from '../../operatorTotals.js';
import { analysisOf, headText, profileReader } from '../../profileReader.js';
import { shownName } from '../../shownName.js';
import { delimitedMessages, protoFields } from '../../source/protoFields.js';
import { amountOf, recordsOf } from '../../source/recordsOf.js';
import { wholeBytes, wholeJson } from '../../source/wholeSource.js';
import type { TraceAnalysis } from '../../traceAnalysis.js';
import type { TraceSource } from '../../traceReader.js';

/** A node of the graph; `time` in microseconds, 0 where the file gives none. */
interface ChakraNode {
  name: string;
  isCollective: boolean;
  isHost: boolean;
  time: number;
}

/** types of nodes: 5 sends, 6 receives, 7 collectives */
const isTalk = (type: unknown): boolean => type === 5 || type === 6 || type === 7;
const isJson = (text: string): boolean => /^\{\s*"workload_graph"/.test(text);

/** Chakra execution traces, JSON and protobuf (mlcommons/chakra, et_def.proto): a graph of operators of host and device with their durations. */
export const chakraReader = profileReader(
  'chakra',
  'a Chakra execution trace',
  (text) => isJson(text) || /^[\s\S]{0,8}(schema|version)[\s\S]{0,40}(-chakra|input_file)/.test(text),
  async (source) => [ofNodes(source, isJson(headText(source.head)) ? await jsonNodes(source) : await protoNodes(source))],
);

function ofNodes({ name: source }: TraceSource, nodes: readonly ChakraNode[]): TraceAnalysis {
  if (!nodes.length) throw new HwcastError('bad-input', 'the graph has no node', { where: source });
  const host = nodes.filter((n) => n.isHost),
    device = nodes.filter((n) => !n.isHost),
    isTimed = nodes.some((n) => n.time > 0),
    kernels = device.filter((n) => !n.isCollective || n.time > 0);
  const time = kernels.reduce((sum, n) => sum + n.time, 0) * 1e-6;
  return analysisOf({
    source,
    format: 'chakra',
    events: nodes.length,
    kernels: isTimed ? kernels.length : null,
    meanKernel: isTimed && kernels.length ? time / kernels.length : null,
    operators: isTimed ? host.length : nodes.length,
    byOperator: operatorTotals(
      (isTimed ? host : nodes).map((n) => ({ name: n.name.replace(/\(\d+\)$/, ''), time: n.time * 1e-6 })),
    ).map((o) => ({
      ...o,
      host: isTimed ? o.time : null,
      time: null,
    })),
    byKernel: isTimed
      ? kernelTotals(
          kernels.map((n) => ({ name: n.name, kind: n.isCollective ? 'collective' : 'kernel', calls: 1, time: n.time * 1e-6 })),
        )
      : [],
    notes: [isTimed ? 'a graph with durations: when operators ran is not in the file' : 'a graph of communication without times'],
  });
}

async function jsonNodes(source: TraceSource): Promise<ChakraNode[]> {
  return recordsOf(((await wholeJson(source)) as { workload_graph?: unknown }).workload_graph).map((n) => ({
    name: shownName(String(n.Name ?? n.name ?? 'node')),
    isCollective: isTalk(n.NodeType),
    isHost: n.is_cpu_op !== false,
    time: amountOf(n.runtime) ?? 0,
  }));
}

async function protoNodes(source: TraceSource): Promise<ChakraNode[]> {
  const nodes: ChakraNode[] = [];
  let isFirst = true;
  for (const message of delimitedMessages(await wholeBytes(source), source.name)) {
    // the first message is metadata: the file it was made from, of which nothing is read
    if (!isFirst) nodes.push(nodeOf(message, source.name));
    isFirst = false;
  }
  return nodes;
}

function nodeOf(message: Buffer, where: string): ChakraNode {
  const node: ChakraNode = { name: 'node', isCollective: false, isHost: true, time: 0 };
  for (const { field, number, bytes } of protoFields(message, where))
    if (field === 2) node.name = shownName(bytes.toString('utf8'));
    else if (field === 3) node.isCollective = isTalk(number);
    else if (field === 7) node.time = amountOf(number) ?? 0;
    else if (field === 10) {
      let name = '',
        flag = Number.NaN;
      for (const f of protoFields(bytes, where))
        if (f.field === 1) name = f.bytes.toString('utf8');
        else if (Number.isFinite(f.number)) flag = f.number;
      if (name === 'is_cpu_op' && Number.isFinite(flag)) node.isHost = flag !== 0;
    }
  return node;
}
