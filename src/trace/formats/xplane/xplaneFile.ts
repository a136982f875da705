import { HwcastError } from '../../../core/errors.js';
import { type HloModule, hloModule } from '../../hlo/hloModule.js';
import { shownName } from '../../shownName.js';
import { protoFields } from '../../source/protoFields.js';

/** A line of a plane: a stream of a device, or a thread of the host. */
export interface Line {
  name: string;
  /** ns */
  base: number;
  events: Buffer[];
}

/** What events of one kind have in common. */
interface EventKind {
  name: string;
  stats: Buffer[];
}

export interface Plane {
  name: string;
  lines: Line[];
  events: Map<number, EventKind>;
  /** names of statistics, and texts that they refer to */
  stats: Map<number, string>;
  /** kind of device, where the plane tells it */
  device: string | null;
}

/** One event; times in microseconds. */
export interface PlaneEvent {
  name: string;
  start: number;
  end: number;
  correlation: number | null;
  /** instruction of XLA that it ran for, and its program */
  op: string | null;
  program: number | null;
}

/** The file holds replacement characters in the place of bytes. */
const SAVED_AS_TEXT = Buffer.from('\ufffd\ufffd');

/**
 * The planes of an XSpace (tsl/profiler/protobuf/xplane.proto), and the programs that ran, by id. Names of hosts, the task's environment and stacks are not
 * read.
 * @throws HwcastError `corrupt` where it is cut or damaged
 */
export function xplaneFile(bytes: Buffer, where: string): { planes: Plane[]; modules: Map<number, HloModule> } {
  const planes: Plane[] = [],
    modules = new Map<number, HloModule>();
  try {
    for (const { field, bytes: message } of protoFields(bytes, where))
      if (field === 1) {
        const plane = planeOf(message, where);
        planes.push(plane);
        if (plane.name === '/host:metadata') addModules(plane, modules, where);
      }
  } catch (error) {
    if (error instanceof HwcastError && bytes.subarray(0, 1024).includes(SAVED_AS_TEXT))
      throw new HwcastError('corrupt', 'the XPlane profile was saved as text: bytes that are no UTF-8 are replaced by U+FFFD', {
        where,
        hint: 'copy the file as binary',
        cause: error,
      });
    throw error;
  }
  return { planes, modules };
}

/** Programs (HloProto) that the profiler keeps as kinds of events, called `jit_f(15)` and the like. */
function addModules({ events, stats }: Plane, modules: Map<number, HloModule>, where: string): void {
  for (const [id, kind] of events)
    for (const stat of kind.stats) {
      let name: string | undefined, proto: Buffer | undefined;
      for (const { field, number, bytes } of protoFields(stat, where))
        if (field === 1) name = stats.get(number);
        else if (field === 6) proto = bytes;
      if (!proto || !/hlo proto/i.test(name ?? '')) continue;
      for (const { field, bytes } of protoFields(proto, where)) if (field === 1) modules.set(id, hloModule(bytes, where));
    }
}

function planeOf(message: Buffer, where: string): Plane {
  const plane: Plane = { name: '', lines: [], events: new Map(), stats: new Map(), device: null },
    own: Buffer[] = [];
  for (const { field, bytes } of protoFields(message, where))
    if (field === 2) plane.name = bytes.toString('utf8');
    else if (field === 3) plane.lines.push(lineOf(bytes, where));
    else if (field === 4 || field === 5) {
      const { key, name, stats } = metadataOf(bytes, where);
      if (field === 4) plane.events.set(key, { name: shownName(name), stats });
      else plane.stats.set(key, name);
    } else if (field === 6) own.push(bytes);
  for (const stat of own) {
    const { name, text } = statOf(stat, plane.stats, where);
    if (name === 'device_type_string' && text) plane.device = shownName(text);
  }
  return plane;
}

function lineOf(message: Buffer, where: string): Line {
  const line: Line = { name: '', base: 0, events: [] };
  for (const { field, number, bytes } of protoFields(message, where))
    if (field === 2) line.name = bytes.toString('utf8');
    else if (field === 3) line.base = number;
    else if (field === 4) line.events.push(bytes);
  return line;
}

/** An entry of a map from ids to metadata: its name, and what it says of all events of its kind. */
function metadataOf(entry: Buffer, where: string): EventKind & { key: number } {
  let key = 0,
    name = '';
  const stats: Buffer[] = [];
  for (const { field, number, bytes } of protoFields(entry, where))
    if (field === 1) key = number;
    else if (field === 2)
      for (const f of protoFields(bytes, where))
        if (f.field === 2) name = f.bytes.toString('utf8');
        else if (f.field === 5) stats.push(f.bytes);
  return { key, name, stats };
}

/** A statistic: its name, and its value as number or text. */
function statOf(stat: Buffer, names: ReadonlyMap<number, string>, where: string) {
  let name: string | undefined,
    value = Number.NaN,
    text: string | undefined;
  for (const { field, number, bytes } of protoFields(stat, where))
    if (field === 1) name = names.get(number);
    else if (field === 3 || field === 4) value = number;
    else if (field === 5) text = bytes.toString('utf8');
    else if (field === 7) text = names.get(number);
  return { name, value, text };
}

export function planeEvent(event: Buffer, { events, stats }: Plane, { base }: Line, where: string): PlaneEvent {
  let kind: EventKind | undefined,
    offset = 0,
    duration = 0;
  const made = { correlation: null as number | null, op: null as string | null, program: null as number | null };
  const take = (stat: Buffer): void => {
    const { name, value, text } = statOf(stat, stats, where);
    if (name === 'correlation_id' && value >= 0) made.correlation = value;
    else if (name === 'hlo_op' && text) made.op = text;
    else if (name === 'program_id' && value >= 0) made.program = value;
  };
  const own: Buffer[] = [];
  for (const { field, number, bytes } of protoFields(event, where))
    if (field === 1) kind = events.get(number);
    else if (field === 2) offset = number;
    else if (field === 3) duration = number;
    else if (field === 4) own.push(bytes);
  for (const stat of [...(kind?.stats ?? []), ...own]) take(stat);
  // picoseconds
  const start = base * 1e-3 + offset * 1e-6;
  return { name: kind?.name || 'kernel', start, end: start + duration * 1e-6, ...made };
}
