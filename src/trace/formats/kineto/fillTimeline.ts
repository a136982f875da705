import { shownName } from '../../shownName.js';
import { isCollective } from '../../timeline/isCollective.js';
import { type Timeline, WAITING, type WorkKind } from '../../timeline/timeline.js';
import type { TraceSource } from '../../traceReader.js';
import { kindOf } from './atenOperators.js';
import { asDims, type OperatorCall } from './eventArguments.js';
import { type KinetoCounts, type KinetoEvent, launchKind, scanKineto } from './kinetoScan.js';

/** What a trace holds beside its timeline. */
export interface Filled {
  counts: KinetoCounts;
  /** images or sequences, by the first operator that tells */
  batch: number | null;
  /** operators with input shapes */
  withShapes: number;
  /** ids of devices that worked */
  devices: ReadonlySet<number>;
  /** by number: what operators were called with; none unless asked for */
  calls: readonly OperatorCall[];
}

/**
 * Reads a PyTorch profiler trace into the columns of a timeline.
 * @param withCalls also keeps what operators were called with, equal calls once
 * @throws HwcastError as `jsonEvents` does
 */
export async function fillTimeline(timeline: Timeline, { chunks, name }: TraceSource, withCalls = false): Promise<Filled> {
  const filler = new TimelineFiller(timeline, withCalls ? new Calls() : null);
  const counts = await scanKineto(chunks, name, (event) => filler.take(event));
  timeline.events = counts.events;
  timeline.windowEnd = counts.windowEnd;
  const { batch, withShapes, devices, calls } = filler;
  return { counts, batch, withShapes, devices, calls: calls?.list ?? [] };
}

/** What operators were called with: networks repeat, so that a trace of millions of operators holds thousands of these. */
class Calls {
  private readonly numbers = new Map<string, number>();
  readonly list: OperatorCall[] = [];

  number({ name, args }: KinetoEvent): number {
    const dims = args['Input Dims'] ?? args['Input dims'],
      types = args['Input type'],
      concrete = args['Concrete Inputs'];
    const key = JSON.stringify([name, dims, types, concrete]);
    let number = this.numbers.get(key);
    if (number === undefined) {
      number = this.list.length;
      this.numbers.set(key, number);
      this.list.push({
        name,
        dims: asDims(dims),
        types: Array.isArray(types) ? types.map(String) : [],
        concrete: Array.isArray(concrete) ? concrete.map(String) : null,
      });
    }
    return number;
  }
}

/** Puts events into the columns of a timeline. */
class TimelineFiller {
  batch: number | null = null;
  withShapes = 0;
  readonly devices = new Set<number>();
  private readonly shown = new Map<string, { text: string; isCollective: boolean }>();

  constructor(
    private readonly timeline: Timeline,
    readonly calls: Calls | null,
  ) {}

  take(event: KinetoEvent): void {
    const { timeline } = this,
      { thread, start, end, correlation, externalId: external } = event;
    if (event.kind === 'op') this.operator(event);
    else if (event.kind === 'work') this.work(event);
    else if (event.kind === 'step') timeline.steps.push({ thread, start, end });
    else if (event.kind === 'overhead') timeline.overhead.push({ thread, start, end });
    else {
      const kind = launchKind(event.name);
      timeline.addCall({
        thread,
        start,
        end,
        correlation,
        external,
        launches: kind !== 'other',
        ofGraph: kind === 'graph',
        waits: WAITING.test(event.name),
      });
    }
  }

  private operator(event: KinetoEvent): void {
    const { name, thread, start, end, args } = event,
      dims = args['Input Dims'] ?? args['Input dims'];
    if (Array.isArray(dims)) {
      this.withShapes++;
      this.batch ??= batchOf(name, dims);
    }
    this.timeline.addOperator({
      name: this.name(event).text,
      thread,
      start,
      end,
      external: event.externalId,
      isScope: event.category === 'Operator' && !name.includes('::'),
      detail: this.calls?.number(event),
    });
  }

  private work(event: KinetoEvent): void {
    const { timeline } = this,
      { thread: stream, start, end, correlation, externalId: external } = event,
      device = Number(event.args.device ?? event.pid) || 0;
    this.devices.add(device);
    if (event.fault !== null) {
      timeline.unread.push({ stream, start, correlation, external, device, reason: event.fault });
      return;
    }
    const name = this.name(event);
    timeline.addWork({
      name: name.text,
      kind: workKind(event.category, name.isCollective),
      stream,
      start,
      end,
      correlation,
      external,
      device,
    });
  }

  private name({ kind, name }: KinetoEvent) {
    let known = this.shown.get(name);
    if (!known) {
      known =
        kind === 'op'
          ? { text: shownOperator(name), isCollective: false }
          : { text: shownName(name), isCollective: isCollective(name) };
      this.shown.set(name, known);
    }
    return known;
  }
}

/** Of a convolution the images, of an embedding (weight, indices) the sequences; null of other operators. */
function batchOf(name: string, dims: readonly unknown[]): number | null {
  const shape = /^aten::(conv\d?d|convolution)$/.test(name) ? dims[0] : name === 'aten::embedding' ? dims[1] : undefined;
  return Array.isArray(shape) && shape[0] > 0 ? Number(shape[0]) : null;
}

/** Operators keep the names of the framework and of compilers; what users call their ranges is `other`. */
function shownOperator(name: string): string {
  const kind = kindOf(name);
  if (kind !== 'other') return kind;
  return /^(Torch-Compiled Region|autograd::engine::evaluate_function: \w+$|\w+Backward\d*$|Optimizer\.)/.test(name)
    ? shownName(name)
    : 'other';
}

function workKind(category: string, isCollective: boolean): WorkKind {
  if (/memcpy/i.test(category)) return 'copy';
  if (/memset/i.test(category)) return 'fill';
  return isCollective ? 'collective' : 'kernel';
}
