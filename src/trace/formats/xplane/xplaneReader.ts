import { HwcastError } from '../../../core/errors.js';
import { profileReader } from '../../profileReader.js';
import { shownName } from '../../shownName.js';
import { protoFields } from '../../source/protoFields.js';
import { wholeBytes } from '../../source/wholeSource.js';
import { analyseTimeline } from '../../timeline/analyseTimeline.js';
import { isCollective } from '../../timeline/isCollective.js';
import { Timeline, type WorkKind } from '../../timeline/timeline.js';
import type { TraceAnalysis } from '../../traceAnalysis.js';
import type { TraceSource } from '../../traceReader.js';

/** A line of a plane: a stream of a device, or a thread of the host. */
interface Line {
  name: string;
  /** ns */
  base: number;
  events: Buffer[];
}
interface Plane {
  name: string;
  lines: Line[];
  events: Map<number, string>;
  stats: Map<number, string>;
}

/**
 * XPlane profiles of JAX and TensorFlow (XSpace protobuf, tsl/profiler/protobuf/xplane.proto): kernels by stream and their launches by correlation
 * id on GPUs, the line `XLA Ops` on TPUs. Names of hosts, the task's environment and stacks are not read.
 */
export const xplaneReader = profileReader(
  'xplane',
  'an XPlane profile (XSpace protobuf)',
  (text) => /^[\s\S]{0,64}(\/host:|\/device:|Task Environment)/.test(text),
  analyse,
);

async function analyse(source: TraceSource): Promise<TraceAnalysis[]> {
  const where = source.name,
    planes: Plane[] = [];
  for (const { field, bytes } of protoFields(await wholeBytes(source), where))
    if (field === 1) planes.push(planeOf(bytes, where));
  const devices = planes.filter((p) => /^\/device:/.test(p.name)),
    timeline = new Timeline();
  devices.forEach((plane, device) => {
    addWork(timeline, plane, device, where);
  });
  if (!timeline.work.start.length)
    throw new HwcastError('unsupported', `no plane of a device with operators: ${planes.length} planes, of hosts only`, {
      where,
      hint: 'profile on a device',
    });
  for (const plane of planes) if (plane.name.startsWith('/host:')) addCalls(timeline, plane, where);
  timeline.device = deviceOf(devices);
  timeline.events = timeline.work.start.length + timeline.calls.start.length;
  return [{ ...analyseTimeline(timeline, where, 'xplane'), operators: null, kernelsWithOperator: null }];
}

/** A kind of device and how many there are: planes name no product. */
function deviceOf(devices: readonly Plane[]): string | null {
  const [name] = devices.filter((d) => d.lines.length).map((d) => /^\/device:(\w+)/.exec(d.name)?.[1]);
  return name ? shownName(`${name}${devices.length > 1 ? ` x${devices.length}` : ''}`) : null;
}

/** A TPU repeats its operators in lines of modules, steps and scopes; a GPU has streams. */
function isWork(plane: Plane, line: Line): boolean {
  const isTpu = plane.lines.some((l) => l.name === 'XLA Ops') && !plane.lines.some((l) => l.name.startsWith('Stream'));
  return isTpu ? line.name === 'XLA Ops' : line.name.startsWith('Stream');
}

function addWork(timeline: Timeline, plane: Plane, device: number, where: string): void {
  plane.lines.forEach((line, i) => {
    if (!isWork(plane, line)) return;
    for (const event of line.events) {
      const { name, start, end, correlation } = eventOf(event, plane, line, where);
      const kind: WorkKind = /memcpy|copyBuffer/i.test(name)
        ? 'copy'
        : /memset|fillBuffer/i.test(name)
          ? 'fill'
          : isCollective(name)
            ? 'collective'
            : 'kernel';
      timeline.addWork({ name, kind, stream: `${device}/${i}`, start, end, correlation, external: null });
    }
  });
}

function addCalls(timeline: Timeline, plane: Plane, where: string): void {
  plane.lines.forEach((line, i) => {
    for (const event of line.events) {
      const { name, start, end, correlation } = eventOf(event, plane, line, where);
      if (correlation !== null)
        timeline.addCall({ thread: `host/${i}`, start, end, correlation, external: null, launches: /launch/i.test(name) });
    }
  });
}

function eventOf(event: Buffer, { events, stats }: Plane, { base }: Line, where: string) {
  let name = 'kernel',
    offset = 0,
    duration = 0,
    correlation: number | null = null;
  for (const { field, number, bytes } of protoFields(event, where))
    if (field === 1) name = events.get(number) ?? name;
    else if (field === 2) offset = number;
    else if (field === 3) duration = number;
    else if (field === 4) {
      let id = -1,
        value = Number.NaN;
      for (const f of protoFields(bytes, where))
        if (f.field === 1) id = f.number;
        else if (f.field === 3 || f.field === 4) value = f.number;
      if (stats.get(id) === 'correlation_id' && value >= 0) correlation = value;
    }
  // picoseconds
  const start = base * 1e-3 + offset * 1e-6;
  return { name, start, end: start + duration * 1e-6, correlation };
}

function planeOf(message: Buffer, where: string): Plane {
  const plane: Plane = { name: '', lines: [], events: new Map(), stats: new Map() };
  for (const { field, bytes } of protoFields(message, where))
    if (field === 2) plane.name = bytes.toString('utf8');
    else if (field === 3) plane.lines.push(lineOf(bytes, where));
    else if (field === 4 || field === 5) {
      const { key, name } = metadataOf(bytes, where);
      if (field === 4) plane.events.set(key, shownName(name));
      else plane.stats.set(key, name);
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

/** An entry of a map from ids to metadata, of which the name is read. */
function metadataOf(entry: Buffer, where: string): { key: number; name: string } {
  let key = 0,
    name = '';
  for (const { field, number, bytes } of protoFields(entry, where))
    if (field === 1) key = number;
    else if (field === 2) for (const f of protoFields(bytes, where)) if (f.field === 2) name = f.bytes.toString('utf8');
  return { key, name };
}
