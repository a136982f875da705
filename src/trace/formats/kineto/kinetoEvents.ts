import type { ReadIssue } from '../../traceReader.js';
import { jsonEvents } from './jsonEvents.js';
import { parseEvent } from './parseEvent.js';

/** Number where a double holds it exactly, text beyond. */
export type EventId = number | string;

/** A framework operator on a host thread. Times in microseconds from the first event. */
export interface OpEvent {
  name: string;
  thread: string;
  start: number;
  end: number;
  externalId: EventId | null;
  /** shape of each argument ([] for scalars), a list of shapes for tensor lists; null where shapes were not recorded */
  dims: (number[] | number[][])[] | null;
  /** element type of each argument as PyTorch writes it, e.g. `c10::BFloat16`, `ScalarList` */
  types: string[];
  /** values of scalar arguments as text, '' for tensors; null in traces before 2022 */
  concrete: string[] | null;
}

/** A call that may have put work on the device. */
export interface LaunchEvent {
  thread: string;
  start: number;
  correlation: EventId;
  externalId: EventId | null;
}

/** Work on the device: a kernel, a copy or a fill. */
export interface DeviceEvent {
  start: number;
  end: number;
  /** false for copies and fills */
  kernel: boolean;
  device: number;
  correlation: EventId | null;
  externalId: EventId | null;
}

export interface DeviceHeader {
  id: number;
  name: string;
  memoryBytes?: number;
  sms?: number;
  compute?: string;
}

/** All that is taken from a trace. Names of kernels, threads, processes, Python frames, call stacks and unknown header keys are not. */
export interface KinetoEvents {
  devices: DeviceHeader[];
  events: number;
  ops: OpEvent[];
  launches: LaunchEvent[];
  work: DeviceEvent[];
  /** intervals of `ProfilerStep#N` on the host */
  steps: { start: number; end: number }[];
  /** intervals the profiler itself took on the host */
  overhead: { start: number; end: number }[];
  issues: ReadIssue[];
}

type Kind = 'op' | 'launch' | 'work' | 'note' | 'overhead';
/** 2021 schema: Operator, Runtime, Kernel, Memcpy, Memset; later ones: cpu_op, cuda_runtime (ROCm too), kernel, gpu_memcpy, gpu_memset. */
const KINDS: Readonly<Record<string, Kind>> = {
  cpu_op: 'op',
  Operator: 'op',
  cuda_runtime: 'launch',
  cuda_driver: 'launch',
  hip_runtime: 'launch',
  Runtime: 'launch',
  kernel: 'work',
  Kernel: 'work',
  gpu_memcpy: 'work',
  Memcpy: 'work',
  gpu_memset: 'work',
  Memset: 'work',
  user_annotation: 'note',
  overhead: 'overhead',
};
const CATEGORY = /"cat"\s*:\s*"([^"]*)"/;
const HEADERS = new Set(['deviceProperties', 'computeProperties']);

/**
 * Reads the events of a PyTorch profiler trace that latencies need.
 * @throws HwcastError as `jsonEvents` does.
 */
export async function readKinetoEvents(chunks: AsyncIterable<Uint8Array>, where: string): Promise<KinetoEvents> {
  const out: KinetoEvents = { devices: [], events: 0, ops: [], launches: [], work: [], steps: [], overhead: [], issues: [] };
  const clock = new Clock(),
    share = new Shared();
  let bad = 0,
    firstBad = '';
  for await (const items of jsonEvents(chunks, HEADERS, where))
    for (const item of items) {
      if (item.kind === 'header') {
        out.devices = deviceHeaders(item.text);
        continue;
      }
      if (item.kind === 'event') {
        out.events++;
        const kind = KINDS[CATEGORY.exec(item.text)?.[1] ?? ''];
        if (!kind || (kind === 'note' && !item.text.includes('ProfilerStep'))) continue;
        const event = parseEvent(item.text);
        if (event) {
          take(out, kind, event, clock, share);
          continue;
        }
      }
      bad++;
      firstBad ||= `${item.kind === 'bad' ? item.reason : 'event that is no JSON'} at byte ${item.offset}`;
    }
  if (bad)
    out.issues.push({ kind: 'issue', where, reason: `event left out: not JSON (first: ${firstBad})`, count: bad, what: 'event' });
  return out;
}

/** Microseconds from the first timestamp; text timestamps are subtracted as integers, so that epoch times keep their nanoseconds. */
class Clock {
  private base: bigint | undefined;
  at(ts: unknown): number {
    const [, whole, fraction] =
      /^(-?\d+)(\.\d+)?(?:e.*)?$/i.exec(typeof ts === 'number' ? ts.toString() : String(ts ?? '')) ?? [];
    if (whole === undefined) return Number.NaN;
    this.base ??= BigInt(whole);
    return Number(BigInt(whole) - this.base) + Number(fraction ?? 0);
  }
}

/** Operators repeat: equal argument lists and names are held once, so that a trace of millions of operators fits in memory. */
class Shared {
  private readonly known = new Map<string, unknown>();
  of<T>(value: T): T {
    const key = JSON.stringify(value) ?? '',
      found = this.known.get(key);
    if (found !== undefined) return found as T;
    this.known.set(key, value);
    return value;
  }
}

function take(out: KinetoEvents, kind: Kind, event: Record<string, unknown>, clock: Clock, share: Shared): void {
  const start = clock.at(event.ts),
    duration = Number(event.dur);
  if (event.ph !== 'X' || !Number.isFinite(start) || !(duration >= 0)) return;
  const args = (event.args ?? {}) as Record<string, unknown>;
  const thread = `${event.pid}/${event.tid}`,
    end = start + duration;
  const externalId = idOf(args['External id'] ?? args['external id']),
    correlation = idOf(args.correlation);
  const name = String(event.name ?? '');
  if (kind === 'note' || name.startsWith('ProfilerStep')) {
    if (name.startsWith('ProfilerStep')) out.steps.push({ start, end });
  } else if (kind === 'overhead') out.overhead.push({ start, end });
  else if (kind === 'launch') {
    if (correlation !== null) out.launches.push({ thread, start, correlation, externalId });
  } else if (kind === 'work')
    out.work.push({
      start,
      end,
      kernel: /^kernel$/i.test(String(event.cat)),
      device: Number(args.device ?? event.pid) || 0,
      correlation,
      externalId,
    });
  else
    out.ops.push({
      name: share.of(name),
      thread: share.of(thread),
      start,
      end,
      externalId,
      dims: share.of(asDims(args['Input Dims'] ?? args['Input dims'])),
      types: share.of(Array.isArray(args['Input type']) ? args['Input type'].map(String) : []),
      concrete: share.of(Array.isArray(args['Concrete Inputs']) ? args['Concrete Inputs'].map(String) : null),
    });
}

function idOf(value: unknown): EventId | null {
  if (value === undefined || value === null || value === '') return null;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

function asDims(value: unknown): OpEvent['dims'] {
  if (!Array.isArray(value)) return null;
  return value.map((shape) => (Array.isArray(shape) ? shape : []) as number[] | number[][]);
}

/** Only the fields of hardware are read, each checked; names of anything else never are. */
function deviceHeaders(text: string): DeviceHeader[] {
  const list = parseEvent(`{"list":${text}}`)?.list;
  if (!Array.isArray(list)) return [];
  return list.flatMap((d: Record<string, unknown>) => {
    if (typeof d?.name !== 'string') return [];
    const header: DeviceHeader = { id: Number(d.id ?? 0), name: d.name.slice(0, 80) };
    const memory = Number(d.totalGlobalMem),
      sms = Number(d.numSms ?? d.multiProcessorCount);
    const major = Number(d.computeMajor ?? d.major),
      minor = Number(d.computeMinor ?? d.minor);
    if (memory > 0) header.memoryBytes = memory;
    if (sms > 0) header.sms = sms;
    if (major > 0) header.compute = `${major}.${minor || 0}`;
    return [header];
  });
}
