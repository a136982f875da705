import { HwcastError } from '../../../core/errors.js';
import { shownName } from '../../shownName.js';
import { analyseTimeline } from '../../timeline/analyseTimeline.js';
import { isCollective } from '../../timeline/isCollective.js';
import { Timeline, type WorkKind } from '../../timeline/timeline.js';
import type { TraceAnalysis } from '../../traceAnalysis.js';
import type { TraceSource } from '../../traceReader.js';
import { kindOf } from './atenOperators.js';
import { type KinetoEvent, launchKind, scanKineto } from './kinetoScan.js';
import { hostOrReason, refuseEmpty } from './missingWork.js';

/** What a PyTorch profiler trace says, with or without shapes. @throws HwcastError `unsupported` where the times of what ran are not in it */
export async function kinetoAnalysis(source: TraceSource): Promise<TraceAnalysis> {
  const timeline = new Timeline(),
    filler = new TimelineFiller(timeline);
  const counts = await scanKineto(source.chunks, source.name, (event) => filler.take(event));
  refuseEmpty(counts, source.name);
  const ran = hostOrReason(counts);
  if (ran !== 'host' && ran !== 'device' && !counts.cut) throw new HwcastError('unsupported', ran, { where: source.name });
  timeline.events = counts.events;
  // a file that was cut before the first kernel may be of a device
  timeline.onHost = ran === 'host' && !(counts.cut && !counts.opsOfCpu);
  timeline.windowEnd = counts.windowEnd;
  timeline.cutAt = counts.cut?.upTo ?? null;
  const used = timeline.onHost ? undefined : (counts.devices.find((d) => filler.devices.has(d.id)) ?? counts.devices[0]);
  timeline.device = used?.name ?? null;
  const analysis = analyseTimeline(timeline, source.name, 'kineto');
  return {
    ...analysis,
    batch: filler.batch,
    operatorsWithShapes: filler.withShapes,
    lost: [...counts.issues, ...analysis.lost],
  };
}

/** Puts events into the columns of a timeline. */
class TimelineFiller {
  batch: number | null = null;
  withShapes = 0;
  /** ids of devices that worked */
  readonly devices = new Set<number>();
  private readonly shown = new Map<string, { text: string; isCollective: boolean }>();

  constructor(private readonly timeline: Timeline) {}

  take(event: KinetoEvent): void {
    const { timeline } = this,
      { thread, start, end, args } = event;
    if (event.kind === 'op') {
      this.operator(args['Input Dims'] ?? args['Input dims'], event.name);
      timeline.addOperator({ name: this.name(event).text, thread, start, end, external: event.externalId });
    } else if (event.kind === 'launch')
      timeline.addCall({
        thread,
        start,
        end,
        correlation: event.correlation,
        external: event.externalId,
        launches: launchKind(event.name) !== 'other',
      });
    else if (event.kind === 'step') timeline.steps.push({ start, end });
    else if (event.kind === 'work') {
      this.devices.add(Number(args.device ?? event.pid) || 0);
      if (event.fault !== null) return;
      const { correlation, externalId } = event,
        name = this.name(event);
      timeline.addWork({
        name: name.text,
        kind: workKind(event.category, name.isCollective),
        stream: thread,
        start,
        end,
        correlation,
        external: externalId,
      });
    }
  }

  private operator(dims: unknown, name: string): void {
    if (!Array.isArray(dims)) return;
    this.withShapes++;
    if (this.batch !== null) return;
    // of a convolution the images, of an embedding (weight, indices) the sequences
    const shape = /^aten::(conv\d?d|convolution)$/.test(name) ? dims[0] : name === 'aten::embedding' ? dims[1] : undefined;
    if (Array.isArray(shape) && shape[0] > 0) this.batch = Number(shape[0]);
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
