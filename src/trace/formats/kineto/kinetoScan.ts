import type { ReadIssue } from '../../traceReader.js';
import { type DeviceHeader, deviceHeaders } from './deviceHeaders.js';
import { EventClock } from './eventClock.js';
import { jsonEvents } from './jsonEvents.js';
import { LostEvents } from './lostEvents.js';
import { parseEvent } from './parseEvent.js';

/** Number where a double holds it exactly, text beyond. */
export type EventId = number | string;

export type EventKind = 'op' | 'launch' | 'work' | 'note' | 'overhead' | 'unread';
/** 2021 schema: Operator, Runtime, Kernel, Memcpy, Memset; later ones: cpu_op, cuda_runtime (ROCm too), kernel, gpu_memcpy, gpu_memset. */
const KINDS: Readonly<Record<string, EventKind>> = {
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
/** operators that only CPUs run */
const OF_CPU = /mkldnn|_for_cpu$/;

/** One event of use. Times in microseconds from the first event. */
export interface KinetoEvent {
  kind: 'op' | 'launch' | 'work' | 'step' | 'overhead';
  name: string;
  category: string;
  /** `pid/tid`: a thread of the host, or a stream of a device */
  thread: string;
  pid: unknown;
  start: number;
  /** of a call without a duration its start; of work without one NaN */
  end: number;
  externalId: EventId | null;
  correlation: EventId | null;
  /** why the times of work cannot be believed */
  fault: string | null;
  args: Record<string, unknown>;
}

/** What a scan counted. */
export interface KinetoCounts {
  devices: DeviceHeader[];
  events: number;
  ops: number;
  /** operators that only CPUs run */
  opsOfCpu: number;
  work: number;
  /** calls of the device's runtime, and those of them that launch kernels or graphs */
  calls: number;
  launches: number;
  /** device events of categories that are not read, by category */
  unread: Map<string, number>;
  /** when the profiler stopped; null where the trace does not say */
  windowEnd: number | null;
  /** times of host events that could not be read; null where the time could not either */
  damage: (number | null)[];
  /** where the file ends before its end, and up to when all calls of it are there; -Infinity where that cannot be told */
  cut: { reason: string; offset: number; upTo: number } | null;
  issues: ReadIssue[];
}

/** What a call does: it launches a kernel, a captured graph of kernels, or something else. */
export const launchKind = (name: string): 'kernel' | 'graph' | 'other' =>
  /launch/i.test(name) ? (/graph/i.test(name) ? 'graph' : 'kernel') : 'other';

/**
 * Reads the events of a PyTorch profiler trace one by one; nothing of those that are not of use is kept.
 * @throws HwcastError as `jsonEvents` does.
 */
export async function scanKineto(
  chunks: AsyncIterable<Uint8Array>,
  where: string,
  take: (event: KinetoEvent) => void,
): Promise<KinetoCounts> {
  const counts: KinetoCounts = {
    devices: [],
    events: 0,
    ops: 0,
    opsOfCpu: 0,
    work: 0,
    calls: 0,
    launches: 0,
    unread: new Map(),
    windowEnd: null,
    damage: [],
    cut: null,
    issues: [],
  };
  const clock = new EventClock(),
    lost = new LostEvents(),
    order = new CallOrder();
  for await (const items of jsonEvents(chunks, HEADERS, where))
    for (const item of items) {
      if (item.kind === 'header') {
        counts.devices = deviceHeaders(item.text);
        continue;
      }
      if (item.kind === 'cut') {
        counts.cut = { reason: item.reason, offset: item.offset, upTo: order.completeUpTo };
        continue;
      }
      if (item.kind === 'bad') {
        lost.add('not JSON', item.reason, item.offset);
        counts.damage.push(null);
        continue;
      }
      counts.events++;
      const category = CATEGORY.exec(item.text)?.[1];
      if (category === undefined && item.text.includes('Record Window End')) counts.windowEnd = clock.inText(item.text);
      const kind = KINDS[category ?? ''];
      if (!kind || (kind === 'note' && !item.text.includes('ProfilerStep'))) continue;
      if (kind === 'unread') {
        counts.unread.set(category!, (counts.unread.get(category!) ?? 0) + 1);
        continue;
      }
      const parsed = parseEvent(item.text);
      if (!parsed) {
        lost.add('not JSON', 'event that is no JSON', item.offset);
        counts.damage.push(clock.inText(item.text));
        continue;
      }
      const event = kinetoEvent(kind, parsed, { clock, lost, offset: item.offset, damage: counts.damage });
      if (!event) continue;
      count(counts, event);
      order.add(event);
      take(event);
    }
  counts.issues.push(...lost.issues(where));
  if (counts.cut) {
    const { reason, offset } = counts.cut;
    counts.issues.push({ kind: 'issue', where, reason: `${reason}: the rest is lost`, count: 1, offset, what: 'event' });
  }
  return counts;
}

/** Up to when a file that is cut holds all calls, or of a trace without calls all operators: profilers write each nearly by time. */
class CallOrder {
  private readonly last = { launch: Number.NEGATIVE_INFINITY, op: Number.NEGATIVE_INFINITY };
  /** the most that one stood behind a later one */
  private readonly disorder = { launch: 0, op: 0 };

  add({ kind, start }: KinetoEvent): void {
    if (kind !== 'launch' && kind !== 'op') return;
    if (start < this.last[kind]) this.disorder[kind] = Math.max(this.disorder[kind], this.last[kind] - start);
    else this.last[kind] = start;
  }

  get completeUpTo(): number {
    const kind = this.last.launch > Number.NEGATIVE_INFINITY ? 'launch' : 'op';
    return this.last[kind] - this.disorder[kind];
  }
}

function count(counts: KinetoCounts, { kind, name }: KinetoEvent): void {
  if (kind === 'op') {
    counts.ops++;
    if (OF_CPU.test(name)) counts.opsOfCpu++;
  } else if (kind === 'work') counts.work++;
  else if (kind === 'launch') {
    counts.calls++;
    if (launchKind(name) !== 'other') counts.launches++;
  }
}

interface Reading {
  clock: EventClock;
  lost: LostEvents;
  offset: number;
  damage: (number | null)[];
}

function kinetoEvent(
  kind: EventKind,
  event: Record<string, unknown>,
  { clock, lost, offset, damage }: Reading,
): KinetoEvent | undefined {
  if (event.ph !== 'X') return undefined;
  const start = clock.at(event.ts),
    end = start + durationOf(event.dur);
  const name = String(event.name ?? '');
  const [key, value, reason] = Number.isNaN(start) ? ['ts', event.ts, 'no time'] : ['dur', event.dur, 'no duration'];
  const fault = Number.isNaN(end) ? `${key} is ${reason}` : null;
  if (fault !== null && !(kind === 'launch' && key === 'dur')) {
    lost.add(fault, `${shown(value)} of ${ARTICLE[kind]}`, offset);
    if (kind !== 'work') {
      damage.push(Number.isNaN(start) ? null : start);
      return undefined;
    }
  }
  const isStep = name.startsWith('ProfilerStep');
  if (kind === 'note' && !isStep) return undefined;
  const args = (event.args ?? {}) as Record<string, unknown>;
  const correlation = idOf(args.correlation);
  if (kind === 'launch' && correlation === null) return undefined;
  return {
    kind: isStep ? 'step' : (kind as KinetoEvent['kind']),
    name,
    category: String(event.cat),
    thread: `${event.pid}/${event.tid}`,
    pid: event.pid,
    start,
    end: kind === 'launch' && Number.isNaN(end) ? start : end,
    externalId: idOf(args['External id'] ?? args['external id']),
    correlation,
    fault,
    args,
  };
}

const ARTICLE: Readonly<Record<EventKind, string>> = {
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
