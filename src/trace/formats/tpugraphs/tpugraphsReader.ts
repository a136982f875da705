import { HwcastError } from '../../../core/errors.js';
import { type MappedOp, operatorText } from '../../../graph/operatorText.js';
import { hloModule } from '../../hlo/hloModule.js';
import { hloOperator } from '../../hlo/hloOperator.js';
import { issueAt, Reasons } from '../../issueAt.js';
import { operatorRecord } from '../../operatorRecord.js';
import { operatorTotals } from '../../operatorTotals.js';
import { analysisOf } from '../../profileReader.js';
import { protoFields } from '../../source/protoFields.js';
import { wholeBytes } from '../../source/wholeSource.js';
import { isNumpyArchive } from '../../source/zipEntries.js';
import type { TraceAnalysis } from '../../traceAnalysis.js';
import type { ReadIssue, TraceReader, TraceRecord, TraceSource } from '../../traceReader.js';
import { tpugraphsArrays } from './tpugraphsArrays.js';

const NANO = 1e-9;

/**
 * Data of TpuGraphs: XLA kernels with the time of each configuration that was tried (TuningData protobuf), of which a kernel counts with its default
 * configuration; and its graphs as NumPy arrays, whose nodes are features.
 */
export const tpugraphsReader: TraceReader = {
  format: 'tpugraphs',
  detect: (head) => isNumpyArchive(head) || isTuningData(head),
  read,
  analyse: async (source) => [isNumpyArchive(source.head) ? await tpugraphsArrays(source) : await tuningAnalysis(source)],
};

/** A module in a record in the file: it begins with its name and that of its entry. */
function isTuningData(head: Uint8Array): boolean {
  let at = 0;
  const isField = (number: number) => head[at++] === 8 * number + 2,
    skipLength = () => {
      while (at < head.length && head[at++] >= 128);
    },
    isName = () => {
      const end = at + 1 + head[at],
        text = Buffer.from(head.subarray(at + 1, end)).toString('latin1');
      at = end;
      return /^[\w.-]+$/.test(text);
    };
  if (!isField(1)) return false;
  skipLength();
  if (!isField(1)) return false;
  skipLength();
  return isField(1) && isName() && isField(2) && isName() && isField(3);
}

interface TunedKernel {
  operator: MappedOp | string;
  /** s, of the default configuration, else of the fastest; undefined where none was timed */
  time: number | undefined;
  configurations: number;
}

async function* read(source: TraceSource): AsyncGenerator<TraceRecord | ReadIssue> {
  if (isNumpyArchive(source.head))
    throw new HwcastError(
      'unsupported',
      'this is a graph of TpuGraphs as NumPy arrays, whose nodes are features: no workload of a dataset can be made of it',
      { where: source.name, hint: 'hwcast trace shows what is in it; its protobufs (TuningData) hold shapes' },
    );
  const reasons = new Reasons();
  for (const { operator, time } of await tunedKernels(source)) {
    if (typeof operator === 'string') reasons.add(operator);
    else if (time === undefined) reasons.add('kernel of which no configuration was timed');
    else
      yield operatorRecord(operator, {
        framework: 'xla',
        device: null,
        latency: time,
      });
  }
  yield* reasons.issues(source.name, 'operator');
  yield issueAt(source.name)('network', 1, 'network left out: the file is of single kernels');
}

async function tuningAnalysis(source: TraceSource): Promise<TraceAnalysis> {
  const kernels = await tunedKernels(source),
    timed = kernels.filter((k) => k.time !== undefined),
    mapped = timed.filter((k) => typeof k.operator === 'object'),
    total = timed.reduce((sum, k) => sum + k.time!, 0);
  return analysisOf({
    source: source.name,
    format: 'tpugraphs',
    events: kernels.reduce((sum, k) => sum + k.configurations, 0),
    kernels: kernels.length,
    meanKernel: timed.length ? total / timed.length : null,
    operatorsWithShapes: mapped.length,
    byWorkload: operatorTotals(mapped.map((k) => ({ name: operatorText(k.operator as MappedOp), time: k.time! }))),
    notes: ['each kernel once, by its default configuration'],
  });
}

/** @throws HwcastError `corrupt` where the file is cut, `bad-input` where it holds no kernel */
async function tunedKernels(source: TraceSource): Promise<TunedKernel[]> {
  const where = source.name,
    kernels: TunedKernel[] = [];
  for (const { field, bytes } of protoFields(await wholeBytes(source), where))
    if (field === 1) kernels.push(kernelOf(bytes, where));
  if (!kernels.length) throw new HwcastError('bad-input', 'the tuning data hold no kernel', { where });
  return kernels;
}

function kernelOf(message: Buffer, where: string): TunedKernel {
  let operator: MappedOp | string = 'kernel without its program',
    usual: number | undefined,
    least: number | undefined,
    configurations = 0,
    isWhole = false;
  for (const { field, bytes } of protoFields(message, where))
    if (field === 1) operator = entryOperator(bytes, where);
    else if (field === 3) {
      configurations++;
      const run = runOf(bytes, where);
      isWhole ||= run.isWhole;
      if (run.time === undefined) continue;
      if (run.isDefault) usual ??= run.time;
      least = Math.min(least ?? Number.POSITIVE_INFINITY, run.time);
    }
  return {
    operator: isWhole ? 'whole program: layouts of XLA, no single kernel' : operator,
    time: usual ?? least,
    configurations,
  };
}

/** The one instruction of the entry that is no parameter. */
function entryOperator(message: Buffer, where: string): MappedOp | string {
  const module = hloModule(message, where),
    among = module.computations.get(module.entry);
  const ran = [...(among?.values() ?? [])].filter(
    (i) => !/^(parameter|constant|tuple|get-tuple-element|bitcast)$/.test(i.opcode),
  );
  return among && ran.length === 1
    ? hloOperator(module, { instruction: ran[0], among })
    : `program of ${ran.length} instructions, no single kernel`;
}

function runOf(message: Buffer, where: string): { time: number | undefined; isDefault: boolean; isWhole: boolean } {
  let time: number | undefined,
    failed = false,
    isDefault = false,
    isWhole = false;
  for (const { field, number, bytes } of protoFields(message, where))
    if (field === 2) isWhole = true;
    else if (field === 3) failed = number !== 0;
    else if (field === 5) isDefault = number !== 0;
    else if (field === 4) for (const f of protoFields(bytes, where)) if (f.field === 4) time = f.number * NANO;
  return { time: failed || !(time !== undefined && time > 0) ? undefined : time, isDefault, isWhole };
}
