import type { MappedOp } from '../../../graph/operatorText.js';
import { issueAt, Reasons } from '../../issueAt.js';
import { operatorRecord } from '../../operatorRecord.js';
import { stepNetwork } from '../../stepNetwork.js';
import { launchCounts, launchDelay } from '../../timeline/launchDelays.js';
import type { OperatorRecord, ReadIssue, TraceReader, TraceRecord, TraceSource, TraceSummary } from '../../traceReader.js';
import { beginsEmpty } from '../rocprof/rocprofJson.js';
import { kindOf } from './atenOperators.js';
import { kinetoAnalysis } from './kinetoAnalysis.js';
import { kinetoRanks, type Rank } from './kinetoRanks.js';
import { kinetoSteps } from './kinetoSteps.js';
import { type KinetoTrace, readKinetoTrace } from './kinetoTrace.js';
import { kinetoUnits, type Unit } from './kinetoUnits.js';
import { lostReasons } from './lostReasons.js';
import { hostOrReason } from './missingWork.js';

const MICRO = 1e-6;

/** PyTorch profiler traces (Kineto, Chrome JSON), 2021 to 2026, of NVIDIA and AMD GPUs and of CPUs. */
export const kinetoReader: TraceReader = {
  format: 'kineto',
  detect(head) {
    const text = Buffer.from(head).toString('latin1').trimStart();
    return text.startsWith('{') && /"(traceEvents|deviceProperties|schemaVersion)"\s*:/.test(text) && !beginsEmpty(text);
  },
  read,
  analyse: async (source) => [await kinetoAnalysis(source)],
};

async function* read(source: TraceSource): AsyncGenerator<TraceRecord | ReadIssue> {
  const where = source.name,
    trace = await readKinetoTrace(source),
    { counts, timeline } = trace,
    ranks = kinetoRanks(timeline, trace.linked, where);
  yield* counts.issues;
  const ran = hostOrReason(counts);
  const summary = summarise(trace, ran === 'host');
  yield summary;
  if (ran !== 'host' && ran !== 'device') {
    yield { kind: 'issue', where, reason: ran, count: counts.ops, what: 'operator' };
    return;
  }
  for (const rank of ranks) yield* readRank(trace, rank, ran === 'host', summary.device, where);
}

/** Operators and the network of one process. */
function* readRank(
  trace: KinetoTrace,
  rank: Rank,
  onHost: boolean,
  device: string | null,
  where: string,
): Generator<TraceRecord | ReadIssue> {
  const skip = issueAt(where);
  yield* lostReasons(trace, rank).issues(where, 'kernel');
  const units = kinetoUnits(trace, rank, onHost);
  if (onHost && !units.length)
    yield skip('operator', trace.counts.ops, 'none of the operators does work (views, allocations, annotations)');
  const reasons = new Reasons();
  for (const unit of units) {
    if (typeof unit.mapped === 'string') {
      const reason = unit.called.dims ? `${kindOf(unit.called.name)}: ${unit.mapped}` : `operators with ${unit.mapped}`;
      reasons.add(reason);
    } else yield recordOf(trace, unit, unit.mapped, device);
  }
  yield* reasons.issues(where, 'operator');
  yield* stepNetwork(kinetoSteps(trace, units, rank), 'pytorch', device, where);
}

const recordOf = ({ timeline, linked }: KinetoTrace, unit: Unit, mapped: MappedOp, device: string | null): OperatorRecord =>
  operatorRecord(mapped, {
    framework: 'pytorch',
    device,
    latency: unit.time * MICRO,
    kernels: unit.work.length,
    hostTime: unit.hostTime * MICRO,
    launchDelay: launchDelay(timeline, linked, unit.work),
  });

/** @param onHost the trace is of a CPU: devices that its header names did nothing */
function summarise({ timeline, linked, counts, devices, withShapes }: KinetoTrace, onHost: boolean): TraceSummary {
  const header = onHost ? undefined : (counts.devices.find((d) => devices.has(d.id)) ?? counts.devices[0]);
  return {
    kind: 'summary',
    device: header?.name ?? null,
    hardware: header ? { memoryBytes: header.memoryBytes, sms: header.sms, compute: header.compute } : {},
    events: counts.events,
    operators: counts.ops,
    operatorsWithShapes: withShapes,
    ...launchCounts(timeline, linked),
    kernelsWithOperator: linked.work.filter((w) => linked.operator[w] >= 0).length,
  };
}
