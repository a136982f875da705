import { dtypeOf } from '../../../graph/readers/onnx/value.js';
import type { Dtype } from '../../../graph/tensorType.js';
import { shownName } from '../../shownName.js';
import { MOST_TIME } from '../../timeline/timeline.js';
import type { ReadIssue, TraceSource } from '../../traceReader.js';
import { jsonEvents } from '../kineto/jsonEvents.js';
import { parseEvent } from '../kineto/parseEvent.js';

/** One run of the session or of a node. Times in microseconds. */
export interface Run {
  start: number;
  end: number;
}

/** A tensor as a profile writes it: `{"float": [1, 3, 224, 224]}`. */
export interface ProfiledTensor {
  shape: number[];
  dtype: Dtype;
  /** as ONNX calls it, e.g. `float32` */
  dataType: string;
}

/** One run of a node of the optimised model. */
export interface NodeRun extends Run {
  /** of the node, or of what it gives out */
  name: string;
  /** e.g. `Conv` */
  operator: string;
  /** e.g. `CPUExecutionProvider`; empty in profiles of 2019 */
  provider: string;
  /** null in profiles of 2019 */
  inputs: ProfiledTensor[] | null;
  outputs: ProfiledTensor[];
  /** of its operands, bytes that lie in the model; NaN where the profile does not say */
  parameterBytes: number;
}

/** What a profile of ONNX Runtime holds. */
export interface OnnxruntimeEvents {
  nodes: NodeRun[];
  /** `model_run`s, by start */
  runs: Run[];
  /** of a GPU */
  kernels: number;
  lost: ReadIssue[];
  events: number;
}

/** Reads the events of a profile. @throws HwcastError as `jsonEvents` does */
export async function onnxruntimeEvents(source: TraceSource): Promise<OnnxruntimeEvents> {
  const nodes: NodeRun[] = [],
    runs: Run[] = [],
    lost: ReadIssue[] = [];
  let events = 0,
    kernels = 0,
    timeless = 0;
  const lose = (reason: string, offset: number) =>
    lost.push({ kind: 'issue', where: source.name, reason, count: 1, offset, what: 'event' });
  for await (const items of jsonEvents(source.chunks, new Set(), source.name))
    for (const item of items) {
      if (item.kind === 'header') continue;
      if (item.kind !== 'event') {
        lose(`${item.reason}${item.kind === 'cut' ? ': the rest is lost' : ''}`, item.offset);
        continue;
      }
      events++;
      const event = parseEvent(item.text);
      if (!event) {
        lose(`event that is no JSON at byte ${item.offset}`, item.offset);
        continue;
      }
      const start = Number(event.ts),
        end = start + Number(event.dur),
        name = String(event.name),
        args = (event.args ?? {}) as Record<string, unknown>;
      if (!(end >= start && Math.abs(start) < MOST_TIME && end < MOST_TIME)) {
        if (event.dur !== undefined) timeless++;
        continue;
      }
      if (event.cat === 'Session' && name === 'model_run') runs.push({ start, end });
      else if (event.cat === 'Kernel') kernels++;
      // fences are what a node waits for, no work of it
      else if (event.cat === 'Node' && name.endsWith('_kernel_time'))
        nodes.push(nodeRun(name.slice(0, -'_kernel_time'.length), { start, end }, args));
    }
  if (timeless)
    lost.push({
      kind: 'issue',
      where: source.name,
      reason: 'event left out: its times are none',
      count: timeless,
      what: 'event',
    });
  runs.sort((a, b) => a.start - b.start);
  return { nodes, runs, kernels, lost, events };
}

function nodeRun(name: string, { start, end }: Run, args: Record<string, unknown>): NodeRun {
  return {
    name,
    start,
    end,
    operator: shownName(String(args.op_name ?? 'other')),
    provider: shownName(String(args.provider ?? '')),
    inputs: tensors(args.input_type_shape),
    outputs: tensors(args.output_type_shape) ?? [],
    parameterBytes: args.parameter_size === undefined ? Number.NaN : Number(args.parameter_size),
  };
}

/** Names of element types in profiles, where ONNX calls them otherwise. */
const TYPES: Readonly<Record<string, string>> = { float: 'float32', double: 'float64' };

function tensors(value: unknown): ProfiledTensor[] | null {
  if (!Array.isArray(value)) return null;
  return value.flatMap((tensor): ProfiledTensor[] => {
    const [entry] = Object.entries((tensor ?? {}) as Record<string, unknown>);
    if (!entry || !Array.isArray(entry[1]) || !entry[1].every((n) => Number.isSafeInteger(n) && n >= 0)) return [];
    const dataType = TYPES[entry[0]] ?? entry[0];
    return [{ shape: entry[1] as number[], dtype: dtypeOf(dataType), dataType }];
  });
}

/** Nodes that no other node is around: those in the bodies of loops and branches are part of these. */
export function outermost(nodes: readonly NodeRun[]): NodeRun[] {
  let reached = Number.NEGATIVE_INFINITY;
  return [...nodes]
    .sort((a, b) => a.start - b.start || b.end - a.end)
    .filter((n) => {
      if (n.end <= reached && n.start < reached) return false;
      reached = Math.max(reached, n.end);
      return true;
    });
}
