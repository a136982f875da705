import { basename } from 'node:path';
import { HwcastError } from '../../../core/errors.js';
import type { MappedOp } from '../../../graph/operatorText.js';
import { operatorGraph } from '../../../graph/operatorText.js';
import type {
  NetworkRecord,
  OperatorRecord,
  ReadIssue,
  TraceReader,
  TraceRecord,
  TraceSource,
  TraceSummary,
} from '../../traceReader.js';
import { kindOf } from './atenOperators.js';
import { type KinetoEvents, readKinetoEvents } from './kinetoEvents.js';
import { type LinkedTrace, linkKineto } from './kinetoLink.js';
import { kinetoSteps, type Steps } from './kinetoSteps.js';
import { kinetoUnits, type Unit } from './kinetoUnits.js';
import { tracedGraph } from './tracedGraph.js';

const MICRO = 1e-6;
/** below this share of device time in usable operators a step is no usable network */
const LEAST_COVERAGE = 0.9;

/** PyTorch profiler traces (Kineto, Chrome JSON), 2021 to 2026, of NVIDIA and AMD GPUs and of CPUs. */
export const kinetoReader: TraceReader = {
  format: 'kineto',
  detect(head) {
    const text = Buffer.from(head).toString('latin1').trimStart();
    return text.startsWith('{') && /"(traceEvents|deviceProperties|schemaVersion)"\s*:/.test(text);
  },
  read,
};

async function* read(source: TraceSource): AsyncGenerator<TraceRecord | ReadIssue> {
  const where = source.name,
    events = await readKinetoEvents(source.chunks, where);
  if (!events.ops.length && !events.work.length)
    throw new HwcastError('unsupported', `none of the ${events.events} events is a PyTorch operator or kernel`, {
      where,
      hint: 'export the trace with torch.profiler (export_chrome_trace)',
    });
  yield* events.issues;
  const linked = linkKineto(events);
  const summary = summarise(events, linked);
  yield summary;
  const skip = (what: ReadIssue['what'], count: number, reason: string): ReadIssue => ({
    kind: 'issue',
    where,
    reason,
    count,
    what,
  });

  const onHost = !events.work.length && !events.devices.length;
  const lost = linked.work.filter((w) => w.op < 0).length;
  if (!events.work.length && !onHost) {
    yield skip(
      'operator',
      events.ops.length,
      'the trace has a device but no kernel: nothing ran on it, or the profiler lacked ProfilerActivity.CUDA',
    );
    return;
  }
  if (lost)
    yield skip(
      'kernel',
      lost,
      events.ops.length
        ? 'device work that no operator launched (graph replay, or another thread): no shapes'
        : 'kernels without operators: profile with ProfilerActivity.CPU and record_shapes=True',
    );
  const units = kinetoUnits(linked, onHost);
  if (onHost && !units.length)
    yield skip('operator', events.ops.length, 'none of the operators does work (views, allocations, annotations)');
  const reasons = new Map<string, number>();
  for (const unit of units) {
    if (typeof unit.mapped === 'string') {
      const reason = unit.event.dims ? `${kindOf(unit.event.name)}: ${unit.mapped}` : `operators with ${unit.mapped}`;
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    } else yield operatorRecord(unit, unit.mapped, summary.device);
  }
  for (const [reason, count] of reasons) yield skip('operator', count, reason);
  yield* networks(kinetoSteps(units, events), linked, summary.device, source.name);
}

function operatorRecord(unit: Unit, mapped: MappedOp, device: string | null): OperatorRecord {
  const delays = unit.work.flatMap((w) => (w.launch ? [w.work.start - w.launch.start] : []));
  return {
    kind: 'operator',
    device,
    graph: operatorGraph(mapped),
    latency: unit.time * MICRO,
    kernels: unit.work.length,
    hostTime: (unit.event.end - unit.event.start) * MICRO,
    launchDelay: delays.length ? delays[0] * MICRO : null,
  };
}

/** The network most steps ran; steps of other operators or shapes are an issue. */
function* networks(
  { how, steps }: Steps,
  linked: LinkedTrace,
  device: string | null,
  name: string,
): Generator<NetworkRecord | ReadIssue> {
  if (!steps.length) return;
  const groups = new Map<string, typeof steps>();
  for (const step of steps) {
    const signature = step.units.map((u) => u.signature).join('\n'),
      group = groups.get(signature);
    if (group) group.push(step);
    else groups.set(signature, [step]);
  }
  const [main, ...others] = [...groups.values()].sort((a, b) => b.length - a.length);
  const skip = (what: ReadIssue['what'], count: number, reason: string): ReadIssue => ({
    kind: 'issue',
    where: name,
    reason,
    count,
    what,
  });
  const other = others.reduce((n, g) => n + g.length, 0);
  if (other) yield skip('step', other, 'step that ran other operators or shapes than most');
  const undisturbed = main.filter((s) => !s.disturbed);
  if (undisturbed.length && undisturbed.length < main.length)
    yield skip('step', main.length - undisturbed.length, 'step during which the profiler allocated buffers');
  const used = undisturbed.length ? undisturbed : main;
  const units = used[0].units,
    ops = units.flatMap((u) => (typeof u.mapped === 'string' ? [] : [u.mapped]));
  const first = units[0].rootStart,
    last = units.reduce((m, u) => Math.max(m, u.end), 0);
  const lost = linked.work.reduce(
    (s, w) => s + (w.op < 0 && w.work.start >= first && w.work.start < last ? w.work.end - w.work.start : 0),
    0,
  );
  const all = units.reduce((s, u) => s + u.time, lost);
  const coverage = units.reduce((s, u) => s + (typeof u.mapped === 'string' ? 0 : u.time), 0) / all;
  if (!(coverage >= LEAST_COVERAGE)) {
    const share = Math.floor(100 * (coverage || 0));
    yield skip(
      'network',
      1,
      `network left out: operators with shapes account for ${share} % of its device time, ${100 * LEAST_COVERAGE} % are needed`,
    );
    return;
  }
  yield {
    kind: 'network',
    device,
    name: networkName(name),
    graph: tracedGraph(ops),
    latencies: used.map((s) => s.latency * MICRO),
    busy: used.map((s) => s.busy * MICRO),
    steps: how,
    coverage,
  };
}

/**
 * File name without folder and endings. `*.pt.trace.json` is named by the profiler after host, process and time: no name, so that none of it
 * enters a dataset.
 */
export function networkName(source: string): string | null {
  const file = basename(source.split('!').at(-1)!);
  if (/\.pt\.trace\.json/.test(file)) return null;
  return (
    file
      .replace(/(\.(gz|json|trace))+$/i, '')
      .replace(/[^\w.+-]+/g, '_')
      .slice(0, 80) || null
  );
}

function summarise(events: KinetoEvents, { work }: LinkedTrace): TraceSummary {
  const used = new Set(events.work.map((w) => w.device));
  const header =
    events.devices.find((d) => used.has(d.id)) ?? (events.work.length ? events.devices[0] : undefined) ?? events.devices[0];
  return {
    kind: 'summary',
    device: header?.name ?? null,
    hardware: header ? { memoryBytes: header.memoryBytes, sms: header.sms, compute: header.compute } : {},
    events: events.events,
    operators: events.ops.length,
    operatorsWithShapes: events.ops.filter((o) => o.dims).length,
    kernels: work.length,
    kernelsWithLaunch: work.filter((w) => w.launch).length,
    kernelsWithOperator: work.filter((w) => w.op >= 0).length,
    launchDelaySum: work.reduce((s, w) => s + (w.launch && w.work.kernel ? w.work.start - w.launch.start : 0), 0) * MICRO,
  };
}
