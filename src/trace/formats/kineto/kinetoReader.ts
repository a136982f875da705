import type { MappedOp } from '../../../graph/operatorText.js';
import { operatorGraph } from '../../../graph/operatorText.js';
import type { OperatorRecord, ReadIssue, TraceReader, TraceRecord, TraceSource, TraceSummary } from '../../traceReader.js';
import { kindOf } from './atenOperators.js';
import { kinetoAnalysis } from './kinetoAnalysis.js';
import { type KinetoEvents, readKinetoEvents } from './kinetoEvents.js';
import { type LinkedTrace, linkKineto } from './kinetoLink.js';
import { kinetoNetwork } from './kinetoNetwork.js';
import { kinetoRanks } from './kinetoRanks.js';
import { kinetoSteps } from './kinetoSteps.js';
import { kinetoUnits, rootOperators, type Unit } from './kinetoUnits.js';
import { hostOrReason, lostReasons, refuseCut, refuseEmpty } from './missingWork.js';

const MICRO = 1e-6;

/** PyTorch profiler traces (Kineto, Chrome JSON), 2021 to 2026, of NVIDIA and AMD GPUs and of CPUs. */
export const kinetoReader: TraceReader = {
  format: 'kineto',
  detect(head) {
    const text = Buffer.from(head).toString('latin1').trimStart();
    return text.startsWith('{') && /"(traceEvents|deviceProperties|schemaVersion)"\s*:/.test(text);
  },
  read,
  analyse: async (source) => [await kinetoAnalysis(source)],
};

async function* read(source: TraceSource): AsyncGenerator<TraceRecord | ReadIssue> {
  const where = source.name,
    events = await readKinetoEvents(source.chunks, where);
  refuseEmpty(events.counts, where);
  refuseCut(events.counts, where);
  const ranks = kinetoRanks(events, where).map((rank) => ({ rank, linked: linkKineto(rank) }));
  yield* events.issues;
  const ran = hostOrReason(events.counts);
  const summary = summarise(
    events,
    ranks.map((r) => r.linked),
    ran === 'host',
  );
  yield summary;
  if (ran !== 'host' && ran !== 'device') {
    yield { kind: 'issue', where, reason: ran, count: events.ops.length, what: 'operator' };
    return;
  }
  for (const { rank, linked } of ranks) yield* readRank(rank, linked, ran === 'host', summary.device, where);
}

/** Operators and the network of one process. */
function* readRank(
  events: KinetoEvents,
  linked: LinkedTrace,
  onHost: boolean,
  device: string | null,
  where: string,
): Generator<TraceRecord | ReadIssue> {
  const skip = (what: ReadIssue['what'], count: number, reason: string): ReadIssue => ({
    kind: 'issue',
    where,
    reason,
    count,
    what,
  });
  for (const [reason, count] of lostReasons(linked)) yield skip('kernel', count, reason);
  const units = kinetoUnits(linked, onHost);
  if (onHost && !units.length)
    yield skip('operator', events.ops.length, 'none of the operators does work (views, allocations, annotations)');
  const reasons = new Map<string, number>();
  for (const unit of units) {
    if (typeof unit.mapped === 'string') {
      const reason = unit.event.dims ? `${kindOf(unit.event.name)}: ${unit.mapped}` : `operators with ${unit.mapped}`;
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    } else yield operatorRecord(unit, unit.mapped, device);
  }
  for (const [reason, count] of reasons) yield skip('operator', count, reason);
  const steps = kinetoSteps(units, {
    steps: events.steps,
    overhead: events.overhead,
    roots: rootOperators(linked),
    lost: linked.work.filter((w) => w.op < 0),
    damage: [...events.damage, ...linked.faulty.map((f) => f.at), ...cutAt(events)],
    calls: events.launches,
  });
  yield* kinetoNetwork(steps, device, where);
}

/** Steps that the end of a cut file may have taken something from are damaged: all of them where the file is in no order. */
const cutAt = ({ cut }: KinetoEvents): (number | null)[] => (cut ? [Number.isFinite(cut.upTo) ? cut.upTo : null] : []);

function operatorRecord(unit: Unit, mapped: MappedOp, device: string | null): OperatorRecord {
  const delays = unit.work.flatMap((w) => (w.launch ? [w.work.start - w.launch.start] : []));
  return {
    kind: 'operator',
    framework: 'pytorch',
    device,
    graph: operatorGraph(mapped),
    latency: unit.time * MICRO,
    kernels: unit.work.length,
    hostTime: (unit.event.end - unit.event.start) * MICRO,
    launchDelay: delays.length ? delays[0] * MICRO : null,
  };
}

/** @param onHost the trace is of a CPU: devices that its header names did nothing */
function summarise(events: KinetoEvents, linked: readonly LinkedTrace[], onHost: boolean): TraceSummary {
  const used = new Set(events.work.map((w) => w.device));
  const header = onHost ? undefined : (events.devices.find((d) => used.has(d.id)) ?? events.devices[0]);
  const work = linked.flatMap((l) => l.work);
  const launched = work.flatMap((w) => (w.launch && w.work.kernel ? [w.work.start - w.launch.start] : []));
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
    launchDelaySum: launched.length ? launched.reduce((s, d) => s + d, 0) * MICRO : null,
  };
}
