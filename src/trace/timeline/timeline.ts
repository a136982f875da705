import { Column, IndexColumn, Names } from './column.js';
import type { Interval } from './intervals.js';

/** What the device did. A collective is a kernel that talks to other devices; copies and fills are none. */
export const WORK_KINDS = ['kernel', 'collective', 'copy', 'fill'] as const;
export type WorkKind = (typeof WORK_KINDS)[number];

/** A number where a double holds it exactly, text beyond; null where there is none. */
export type LinkId = number | string | null;

/** Stands for an id in columns where there is none. */
export const NO_ID = Number.NEGATIVE_INFINITY;

/** Microseconds from any moment are fewer: centuries. */
export const MOST_TIME = Number.MAX_SAFE_INTEGER;

/** Stands for the first id that is a text. */
const FIRST_TEXT = -(2 ** 53);

/** An operator of a framework, or a range that a program marked, on a thread of the host. */
export interface HostRange {
  name: string;
  thread: string;
  start: number;
  end: number;
  /** what profilers call `External id` */
  external: LinkId;
  /** a name that a user put around operators, which the profiler does not tell from one */
  isScope?: boolean;
  /** number of what its reader knows of it besides; none unless told */
  detail?: number;
}

/** A call of the device's runtime that may put work on the device. */
export interface HostCall {
  thread: string;
  start: number;
  end: number;
  correlation: LinkId;
  external: LinkId;
  /** it puts kernels on the device, rather than waits or allocates */
  launches: boolean;
  /** it launches a captured graph of kernels */
  ofGraph?: boolean;
  /** it waits for the device or moves data: its length is the device's */
  waits?: boolean;
}

/** A piece of work of the device. */
export interface DeviceWork {
  name: string;
  kind: WorkKind;
  /** of the process and device it ran on: work of one stream runs one after the other */
  stream: string;
  start: number;
  end: number;
  correlation: LinkId;
  external: LinkId;
  /** number of the device in the file; 0 unless told */
  device?: number;
}

/** A piece of work whose times could not be read. */
export interface UnreadWork extends Pick<DeviceWork, 'stream' | 'correlation' | 'external'> {
  /** NaN where that could not either */
  start: number;
  device: number;
  reason: string;
}

/** A stretch of time on a thread of the host. */
export interface HostInterval extends Interval {
  thread: string;
}

/** Names of calls that wait for the device or move data. */
export const WAITING = /sync|memcpy|memset|wait/i;

/** Bits of a call. */
const LAUNCHES = 1,
  OF_GRAPH = 2,
  WAITS = 4;

/**
 * What a profiler saw on host and device, in columns: some forty bytes an event, so that files of gigabytes fit. Times in microseconds from any
 * one moment. Readers of formats fill it, `analyseTimeline` reads it.
 */
export class Timeline {
  /** name that the file gives its device */
  device: string | null = null;
  /** events read, used or not */
  events = 0;
  /** events that were left out since their times are none */
  timeless = 0;
  /** the host's own operators are what ran: no device was used */
  onHost = false;
  /** when the profiler stopped; null where it does not say */
  windowEnd: number | null = null;
  /** of a file that was cut, up to when it told all; -Infinity where that is not known */
  cutAt: number | null = null;
  /** marks of steps (`ProfilerStep#N`), on the host; some formats have them as operators too */
  readonly steps: HostInterval[] = [];
  /** times that the profiler itself took, on the host */
  readonly overhead: HostInterval[] = [];
  /** work whose times could not be read */
  readonly unread: UnreadWork[] = [];
  readonly names = new Names();
  readonly ids = new Names();
  readonly operators = {
    name: new IndexColumn(),
    thread: new IndexColumn(),
    start: new Column(),
    end: new Column(),
    external: new Column(),
    isScope: new IndexColumn(0),
    detail: new IndexColumn(-1),
  };
  readonly calls = {
    thread: new IndexColumn(),
    start: new Column(),
    end: new Column(),
    correlation: new Column(),
    external: new Column(),
    bits: new IndexColumn(),
  };
  readonly work = {
    name: new IndexColumn(),
    kind: new IndexColumn(),
    stream: new IndexColumn(),
    start: new Column(),
    end: new Column(),
    correlation: new Column(),
    external: new Column(),
    device: new IndexColumn(0),
  };

  /** @returns whether its times are some; what has none is counted */
  addOperator({ name, thread, start, end, external, isScope = false, detail = -1 }: HostRange): boolean {
    if (!this.isTimed(start, end)) return false;
    const { operators, names } = this;
    operators.name.push(names.of(name));
    operators.thread.push(names.of(thread));
    operators.start.push(start);
    operators.end.push(end);
    operators.external.push(this.id(external));
    operators.isScope.push(isScope ? 1 : 0);
    operators.detail.push(detail);
    return true;
  }

  addCall({ thread, start, end, correlation, external, launches, ofGraph = false, waits = false }: HostCall): boolean {
    if (!this.isTimed(start, end)) return false;
    const { calls, names } = this;
    calls.thread.push(names.of(thread));
    calls.start.push(start);
    calls.end.push(end);
    calls.correlation.push(this.id(correlation));
    calls.external.push(this.id(external));
    calls.bits.push((launches ? LAUNCHES : 0) | (ofGraph ? OF_GRAPH : 0) | (waits ? WAITS : 0));
    return true;
  }

  /** It puts kernels on the device. */
  launches = (call: number): boolean => (this.calls.bits.get(call) & LAUNCHES) !== 0;
  /** It launches a captured graph of kernels. */
  launchesGraph = (call: number): boolean => (this.calls.bits.get(call) & OF_GRAPH) !== 0;
  /** It waits for the device or moves data. */
  waits = (call: number): boolean => (this.calls.bits.get(call) & WAITS) !== 0;

  addWork({ name, kind, stream, start, end, correlation, external, device = 0 }: DeviceWork): boolean {
    if (!this.isTimed(start, end)) return false;
    const { work, names } = this;
    work.name.push(names.of(name));
    work.kind.push(WORK_KINDS.indexOf(kind));
    work.stream.push(names.of(stream));
    work.start.push(start);
    work.end.push(end);
    work.correlation.push(this.id(correlation));
    work.external.push(this.id(external));
    work.device.push(device);
    return true;
  }

  private isTimed(start: number, end: number): boolean {
    if (end >= start && start > -MOST_TIME && end < MOST_TIME) return true;
    this.timeless++;
    return false;
  }

  /** A text is a number of its own, below all that are ids. */
  id(id: LinkId): number {
    if (id === null) return NO_ID;
    return typeof id === 'number' ? id : FIRST_TEXT - 2 * this.ids.of(id);
  }

  /** An id of a column as its file writes it. */
  idText = (id: number): string => (id > FIRST_TEXT ? String(id) : this.ids.list[(FIRST_TEXT - id) / 2]);
}
