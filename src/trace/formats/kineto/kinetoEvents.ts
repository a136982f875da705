import { type EventId, type KinetoCounts, type KinetoEvent, launchKind, scanKineto } from './kinetoScan.js';

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

/** All that is taken from a trace. Names of kernels, threads, processes, Python frames, call stacks and unknown header keys are not. */
export interface KinetoEvents extends Omit<KinetoCounts, 'ops' | 'work' | 'launches'> {
  ops: OpEvent[];
  launches: LaunchEvent[];
  work: DeviceEvent[];
  /** intervals of `ProfilerStep#N` on the host */
  steps: HostInterval[];
  /** intervals the profiler itself took on the host */
  overhead: HostInterval[];
  counts: KinetoCounts;
}

/**
 * Reads the events of a PyTorch profiler trace that latencies need.
 * @throws HwcastError as `jsonEvents` does.
 */
export async function readKinetoEvents(chunks: AsyncIterable<Uint8Array>, where: string): Promise<KinetoEvents> {
  const lists: Lists = { ops: [], launches: [], work: [], steps: [], overhead: [] },
    share = new Shared();
  const counts = await scanKineto(chunks, where, (event) => take(lists, event, share));
  return { ...counts, ...lists, counts };
}

type Lists = Pick<KinetoEvents, 'ops' | 'launches' | 'work' | 'steps' | 'overhead'>;

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

function take(out: Lists, event: KinetoEvent, share: Shared): void {
  const { name, start, end, externalId, correlation, args } = event,
    thread = share.of(event.thread);
  if (event.kind === 'step') out.steps.push({ thread, start, end });
  else if (event.kind === 'overhead') out.overhead.push({ thread, start, end });
  else if (event.kind === 'launch')
    out.launches.push({
      thread,
      start,
      end,
      kind: launchKind(name),
      waits: /sync|memcpy|memset|wait/i.test(name),
      correlation: correlation!,
      externalId,
    });
  else if (event.kind === 'work')
    out.work.push({
      start,
      end,
      kernel: /^kernel$/i.test(event.category),
      device: Number(args.device ?? event.pid) || 0,
      stream: thread,
      correlation,
      externalId,
      fault: event.fault,
    });
  else
    out.ops.push({
      name: share.of(name),
      scope: event.category === 'Operator',
      thread,
      start,
      end,
      externalId,
      dims: share.of(asDims(args['Input Dims'] ?? args['Input dims'])),
      types: share.of(Array.isArray(args['Input type']) ? args['Input type'].map(String) : []),
      concrete: share.of(Array.isArray(args['Concrete Inputs']) ? args['Concrete Inputs'].map(String) : null),
    });
}

export function asDims(value: unknown): OpEvent['dims'] {
  if (!Array.isArray(value)) return null;
  return value.map((shape) => (Array.isArray(shape) ? shape : []) as number[] | number[][]);
}
