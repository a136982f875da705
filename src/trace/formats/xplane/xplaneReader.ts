import { HwcastError } from '../../../core/errors.js';
import { kept } from '../../../core/kept.js';
import { type MappedOp, operatorText } from '../../../graph/operatorText.js';
import type { HloModule } from '../../hlo/hloModule.js';
import { hloInstruction, hloOperator } from '../../hlo/hloOperator.js';
import { issueAt, Reasons } from '../../issueAt.js';
import { operatorRecord } from '../../operatorRecord.js';
import { operatorTotals } from '../../operatorTotals.js';
import { headText } from '../../profileReader.js';
import { shownName } from '../../shownName.js';
import { wholeBytes } from '../../source/wholeSource.js';
import { analyseTimeline, timelessEvents } from '../../timeline/analyseTimeline.js';
import { isCollective } from '../../timeline/isCollective.js';
import { launchCounts, launchDelay } from '../../timeline/launchDelays.js';
import { type LinkedTimeline, linkTimeline } from '../../timeline/linkTimeline.js';
import { Timeline, type WorkKind } from '../../timeline/timeline.js';
import type { TraceAnalysis } from '../../traceAnalysis.js';
import type { ReadIssue, TraceReader, TraceRecord, TraceSource } from '../../traceReader.js';
import { type Line, type Plane, planeEvent, xplaneFile } from './xplaneFile.js';

/**
 * XPlane profiles of JAX and TensorFlow (XSpace protobuf): kernels by stream and their launches by correlation id on GPUs, the line `XLA Ops` on TPUs. Where
 * the file holds the programs that ran, kernels are the operators of their instructions.
 */
export const xplaneReader: TraceReader = {
  format: 'xplane',
  detect: (head) => /^[\s\S]{0,64}(\/host:|\/device:|Task Environment)/.test(headText(head)),
  read,
  analyse,
};

/** What ran, and for which instruction of which program. */
interface XplaneTrace {
  timeline: Timeline;
  modules: ReadonlyMap<number, HloModule>;
  /** by piece of work */
  places: { op: string | null; program: number | null }[];
  /** of the device, where the file names its kind */
  device: string | null;
}

async function readTrace(source: TraceSource): Promise<XplaneTrace> {
  const where = source.name,
    { planes, modules } = xplaneFile(await wholeBytes(source), where);
  const devices = planes.filter((p) => /^\/device:/.test(p.name)),
    timeline = new Timeline(),
    places: XplaneTrace['places'] = [];
  devices.forEach((plane, device) => {
    addWork({ timeline, places }, plane, device, where);
  });
  if (!timeline.work.start.length)
    throw new HwcastError('unsupported', `no plane of a device with operators: ${planes.length} planes, of hosts only`, {
      where,
      hint: 'profile on a device',
    });
  for (const plane of planes) if (plane.name.startsWith('/host:')) addCalls(timeline, plane, where);
  const used = devices.filter((d) => d.lines.length),
    named = used.find((d) => d.device !== null)?.device ?? null;
  timeline.device = named ?? deviceOf(used, devices.length);
  timeline.events = timeline.work.start.length + timeline.calls.start.length;
  return { timeline, modules, places, device: named };
}

async function* read(source: TraceSource): AsyncGenerator<TraceRecord | ReadIssue> {
  const trace = await readTrace(source),
    { timeline } = trace,
    linked = linkTimeline(timeline),
    skip = issueAt(source.name),
    reasons = new Reasons();
  yield {
    kind: 'summary',
    device: trace.device,
    hardware: {},
    events: timeline.events,
    operators: 0,
    operatorsWithShapes: 0,
    ...launchCounts(timeline, linked),
    kernelsWithOperator: 0,
  };
  yield* timelessEvents(timeline, source.name);
  if (!trace.modules.size) {
    yield skip(
      'kernel',
      linked.work.length,
      'kernel without shapes: the profile does not hold the programs that ran (/host:metadata)',
    );
    return;
  }
  for (const { operator, work } of instructionRuns(trace, linked)) {
    if (typeof operator === 'string') {
      reasons.add(operator);
      continue;
    }
    yield operatorRecord(operator, {
      framework: 'xla',
      device: trace.device,
      latency: lengthOf(timeline, work),
      kernels: work.length,
      launchDelay: launchDelay(timeline, linked, work),
    });
  }
  yield* reasons.issues(source.name, 'operator');
}

const MICRO = 1e-6;
const lengthOf = ({ work }: Timeline, list: readonly number[]): number =>
  list.reduce((sum, w) => sum + work.end.get(w) - work.start.get(w), 0) * MICRO;

/** One run of an instruction: the pieces of work that follow one another on a stream for it. */
function instructionRuns({ timeline, modules, places }: XplaneTrace, { work }: LinkedTimeline) {
  const runs: { op: string | null; program: number | null; work: number[] }[] = [],
    last = new Map<number, (typeof runs)[number]>(),
    opsOf = new Map<number | null, Set<string | null>>();
  for (const w of work) {
    const { op, program } = places[w],
      stream = timeline.work.stream.get(w),
      before = last.get(stream);
    kept(opsOf, program, () => new Set()).add(op);
    if (before && before.op === op && before.program === program && op !== null) before.work.push(w);
    else {
      const run = { op, program, work: [w] };
      runs.push(run);
      last.set(stream, run);
    }
  }
  const operators = new Map<string, MappedOp | string>();
  return runs.map(({ op, program, work: of }) => ({
    work: of,
    operator: kept(operators, `${program} ${op}`, () =>
      op === null
        ? 'kernel or copy of no instruction of a program'
        : opsOf.get(program)!.size < 2
          ? 'instruction that alone has kernels in its program: its runs cannot be told apart'
          : operatorOf(modules, program, op),
    ),
  }));
}

function operatorOf(modules: ReadonlyMap<number, HloModule>, program: number | null, op: string): MappedOp | string {
  const among = program === null ? [...modules.values()] : [modules.get(program)].filter((m) => m !== undefined),
    found = among.flatMap((module) => {
      const place = hloInstruction(module, op);
      return place ? [{ module, place }] : [];
    });
  if (found.length !== 1)
    return found.length ? 'instruction that several programs have' : 'instruction of a program that the profile does not hold';
  return hloOperator(found[0].module, found[0].place);
}

async function analyse(source: TraceSource): Promise<TraceAnalysis[]> {
  const trace = await readTrace(source),
    linked = linkTimeline(trace.timeline),
    analysis = analyseTimeline(trace.timeline, source.name, 'xplane', linked),
    runs = trace.modules.size ? instructionRuns(trace, linked) : [];
  const mapped = runs.flatMap(({ operator, work }) =>
    typeof operator === 'string' ? [] : [{ name: operatorText(operator), time: lengthOf(trace.timeline, work) }],
  );
  return [
    {
      ...analysis,
      operators: null,
      kernelsWithOperator: null,
      byWorkload: operatorTotals(mapped),
    },
  ];
}

/** A kind of device and how many there are, where planes name no product. */
function deviceOf(used: readonly Plane[], count: number): string | null {
  const [name] = used.map((d) => /^\/device:(\w+)/.exec(d.name)?.[1]);
  return name ? shownName(`${name}${count > 1 ? ` x${count}` : ''}`) : null;
}

/** A TPU repeats its operators in lines of modules, steps and scopes; a GPU has streams. */
function isWork(plane: Plane, line: Line): boolean {
  const isTpu = plane.lines.some((l) => l.name === 'XLA Ops') && !plane.lines.some((l) => l.name.startsWith('Stream'));
  return isTpu ? line.name === 'XLA Ops' : line.name.startsWith('Stream');
}

function kindOf(name: string): WorkKind {
  if (/memcpy|copyBuffer/i.test(name)) return 'copy';
  if (/memset|fillBuffer/i.test(name)) return 'fill';
  return isCollective(name) ? 'collective' : 'kernel';
}

function addWork(
  { timeline, places }: Pick<XplaneTrace, 'timeline' | 'places'>,
  plane: Plane,
  device: number,
  where: string,
): void {
  plane.lines.forEach((line, i) => {
    if (!isWork(plane, line)) return;
    for (const event of line.events) {
      const { name, start, end, correlation, op, program } = planeEvent(event, plane, line, where);
      const isAdded = timeline.addWork({
        name,
        kind: kindOf(name),
        stream: `${device}/${i}`,
        start,
        end,
        correlation,
        external: null,
      });
      // on TPUs events are called after their instruction: `%fusion.3 = ..`
      if (isAdded)
        places.push({ op: op ?? (line.name === 'XLA Ops' ? (/^%?([\w.-]+)/.exec(name)?.[1] ?? null) : null), program });
    }
  });
}

function addCalls(timeline: Timeline, plane: Plane, where: string): void {
  plane.lines.forEach((line, i) => {
    for (const event of line.events) {
      const { name, start, end, correlation } = planeEvent(event, plane, line, where);
      if (correlation !== null)
        timeline.addCall({ thread: `host/${i}`, start, end, correlation, external: null, launches: /launch/i.test(name) });
    }
  });
}
