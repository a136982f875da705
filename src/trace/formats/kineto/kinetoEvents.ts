import type { ReadIssue } from '../../traceReader.js';
import { EventClock } from './eventClock.js';
import { jsonEvents } from './jsonEvents.js';
import { LostEvents } from './lostEvents.js';
import { parseEvent } from './parseEvent.js';

/** Number where a double holds it exactly, text beyond. */
export type EventId = number | string;

/** A framework operator on a host thread. Times in microseconds from the first event. */
export interface OpEvent {
  name: string;
  /** of the schema of 2021, in which names of the user's are operators too */
  scope?: boolean;
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

/** A call of the device's runtime. */
export interface HostCall {
  start: number;
  end: number;
  /** it waits for the device or moves data: its length is the device's */
  waits: boolean;
}

/** A call that may have put work on the device. */
export interface LaunchEvent extends HostCall {
  thread: string;
  /** it launches a kernel, a captured graph of kernels, or does something else */
  kind: 'kernel' | 'graph' | 'other';
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
  /** kernels of one stream run one after the other */
  stream: string;
  correlation: EventId | null;
  externalId: EventId | null;
  /** why its times cannot be believed; null where they can. Without a time of its own it has that of its call, or NaN */
  fault: string | null;
}

/** An interval on a host thread. */
export interface HostInterval {
  thread: string;
  start: number;
  end: number;
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
  steps: HostInterval[];
  /** intervals the profiler itself took on the host */
  overhead: HostInterval[];
  /** when the profiler stopped; null where the trace does not say */
  windowEnd: number | null;
  /** times of host events that could not be read; null where the time could not either */
  damage: (number | null)[];
  /** device events of categories that are not read, by category */
  unread: Map<string, number>;
  issues: ReadIssue[];
}

type Kind = 'op' | 'launch' | 'work' | 'note' | 'overhead' | 'unread';
/** 2021 schema: Operator, Runtime, Kernel, Memcpy, Memset; later ones: cpu_op, cuda_runtime (ROCm too), kernel, gpu_memcpy, gpu_memset. */
const KINDS: Readonly<Record<string, Kind>> = {
  cpu_op: 'op',
  Operator: 'op',
  cuda_runtime: 'launch',
  cuda_driver: 'launch',
  hip_runtime: 'launch',
  xpu_runtime: 'launch',
  xpu_driver: 'launch',
  mtia_runtime: 'launch',
  privateuse1_runtime: 'launch',
  privateuse1_driver: 'launch',
  Runtime: 'launch',
  kernel: 'work',
  Kernel: 'work',
  gpu_memcpy: 'work',
  Memcpy: 'work',
  gpu_memset: 'work',
  Memset: 'work',
  user_annotation: 'note',
  overhead: 'overhead',
  mtia_ccp_events: 'unread',
  mtia_workloadd: 'unread',
  cuda_profiler_range: 'unread',
};
const CATEGORY = /"cat"\s*:\s*"([^"]*)"/;
const HEADERS = new Set(['deviceProperties', 'computeProperties']);

/**
 * Reads the events of a PyTorch profiler trace that latencies need.
 * @throws HwcastError as `jsonEvents` does.
 */
export async function readKinetoEvents(chunks: AsyncIterable<Uint8Array>, where: string): Promise<KinetoEvents> {
  const out: KinetoEvents = {
    devices: [],
    events: 0,
    ops: [],
    launches: [],
    work: [],
    steps: [],
    overhead: [],
    windowEnd: null,
    damage: [],
    unread: new Map(),
    issues: [],
  };
  const clock = new EventClock(),
    share = new Shared(),
    lost = new LostEvents();
  for await (const items of jsonEvents(chunks, HEADERS, where))
    for (const item of items) {
      if (item.kind === 'header') {
        out.devices = deviceHeaders(item.text);
        continue;
      }
      if (item.kind === 'bad') {
        lost.add('not JSON', item.reason, item.offset);
        out.damage.push(null);
        continue;
      }
      out.events++;
      const category = CATEGORY.exec(item.text)?.[1];
      if (category === undefined && item.text.includes('Record Window End')) out.windowEnd = clock.inText(item.text);
      const kind = KINDS[category ?? ''];
      if (!kind || (kind === 'note' && !item.text.includes('ProfilerStep'))) continue;
      if (kind === 'unread') {
        out.unread.set(category!, (out.unread.get(category!) ?? 0) + 1);
        continue;
      }
      const event = parseEvent(item.text);
      if (event) take(out, kind, event, item.offset, { clock, share, lost });
      else {
        lost.add('not JSON', 'event that is no JSON', item.offset);
        out.damage.push(clock.inText(item.text));
      }
    }
  out.issues.push(...lost.issues(where));
  return out;
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

interface Reading {
  clock: EventClock;
  share: Shared;
  lost: LostEvents;
}

function take(out: KinetoEvents, kind: Kind, event: Record<string, unknown>, offset: number, reading: Reading): void {
  if (event.ph !== 'X') return;
  const start = reading.clock.at(event.ts),
    duration = durationOf(event.dur),
    end = start + duration;
  const args = (event.args ?? {}) as Record<string, unknown>;
  const name = String(event.name ?? ''),
    thread = reading.share.of(`${event.pid}/${event.tid}`);
  const externalId = idOf(args['External id'] ?? args['external id']),
    correlation = idOf(args.correlation);
  const [key, value, reason] = Number.isNaN(start) ? ['ts', event.ts, 'no time'] : ['dur', event.dur, 'no duration'];
  const fault = Number.isNaN(end) ? `${key} is ${reason}` : null;
  if (fault !== null && !(kind === 'launch' && key === 'dur')) {
    reading.lost.add(fault, `${shown(value)} of ${ARTICLE[kind]}`, offset);
    if (kind !== 'work') {
      out.damage.push(Number.isNaN(start) ? null : start);
      return;
    }
  }
  if (kind === 'note' || name.startsWith('ProfilerStep')) {
    if (name.startsWith('ProfilerStep')) out.steps.push({ thread, start, end });
  } else if (kind === 'overhead') out.overhead.push({ thread, start, end });
  else if (kind === 'launch') {
    if (correlation !== null)
      out.launches.push({
        thread,
        start,
        end: Number.isNaN(end) ? start : end,
        kind: /launch/i.test(name) ? (/graph/i.test(name) ? 'graph' : 'kernel') : 'other',
        waits: /sync|memcpy|memset|wait/i.test(name),
        correlation,
        externalId,
      });
  } else if (kind === 'work')
    out.work.push({
      start,
      end,
      kernel: /^kernel$/i.test(String(event.cat)),
      device: Number(args.device ?? event.pid) || 0,
      stream: thread,
      correlation,
      externalId,
      fault,
    });
  else
    out.ops.push({
      name: reading.share.of(name),
      scope: event.cat === 'Operator',
      thread,
      start,
      end,
      externalId,
      dims: reading.share.of(asDims(args['Input Dims'] ?? args['Input dims'])),
      types: reading.share.of(Array.isArray(args['Input type']) ? args['Input type'].map(String) : []),
      concrete: reading.share.of(Array.isArray(args['Concrete Inputs']) ? args['Concrete Inputs'].map(String) : null),
    });
}

const ARTICLE: Readonly<Record<Kind, string>> = {
  op: 'an operator',
  launch: 'a call',
  work: 'device work',
  note: 'a step',
  overhead: 'profiler overhead',
  unread: 'device work',
};

/** Microseconds; NaN where it is no duration. */
function durationOf(value: unknown): number {
  const duration = typeof value === 'string' && value.trim() ? Number(value) : value;
  return typeof duration === 'number' && duration >= 0 && duration < Number.POSITIVE_INFINITY ? duration : Number.NaN;
}

/** Only what can hold no text of the user's. */
const shown = (value: unknown): string =>
  typeof value === 'number' || value === null
    ? String(value)
    : value === undefined
      ? 'none'
      : value === 'N/A'
        ? "'N/A'"
        : 'a text';

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
