import { operatorTime } from '../analytical/operatorTime.js';
import { rooflineTimes } from '../analytical/roofline.js';
import { HwcastError } from '../core/errors.js';
import { findDevice } from '../device/deviceNamed.js';
import type { DeviceSpec } from '../device/deviceSpec.js';
import { inferShape } from '../graph/inferShape.js';
import { type MappedOp, operatorGraph, operatorOfGraph } from '../graph/operatorText.js';
import type { OpGraph } from '../graph/opGraph.js';
import { DTYPE_BYTES, type Dtype } from '../graph/tensorType.js';
import type { TraceAnalysis } from '../trace/traceAnalysis.js';
import type { OperatorRecord } from '../trace/traceReader.js';
import type { OperatorTimes } from './operatorTimes.js';

/** What is changed; what is not given stays as it was traced. */
export interface WhatIf {
  device?: DeviceSpec;
  batch?: number;
  dtype?: Dtype;
}

/** A step under other conditions; times in seconds. */
export interface WhatIfResult {
  device: string;
  batch: number | null;
  dtype: Dtype | null;
  latency: number;
  low: number;
  high: number;
  /** its parts: what the device works, and what the host takes to launch it */
  deviceTime: number;
  launchTime: number;
  /** share of the traced device time whose operators were rescaled; the rest follows their mean */
  coverage: number;
  provenance: 'measured x ratio';
  assumptions: string[];
}

const FLOATS = new Set<Dtype>(['fp32', 'fp16', 'bf16', 'fp64', 'fp8']);

/**
 * What a kernel took beside its prediction (measured / predicted) is expected again the less, the further batch and type are changed, since libraries choose
 * other kernels there: half of its logarithm after so many octaves of batch and of width. On another device alone the kernels are the same.
 */
const HALF = 6;

/**
 * A traced step on another device, at another batch or in another element type: each operator's measured time x the ratio of its predicted times
 * (`operatorTime` + what the shortest kernel of the trace takes, which each takes however little it does; then / traced), of which measured / predicted is
 * drawn towards 1 the further batch and type change (`HALF`). The host's launches stay as measured: the latency is the longer of the device's work and the launches,
 * plus what neither explained in the trace. At another batch or in another type on the same device an operator takes what operators of nearly its sizes took
 * there, where some were measured (`times`). `low` and `high` take for every operator the smaller and the larger of the ratios of arithmetic and of memory
 * traffic by the roofline, without a shortest kernel: which of them bounds a kernel is what it knows least.
 * @param records operators of the trace
 * @param times of measured operators; none unless told
 * @throws HwcastError `unsupported` where the traced device is in no catalogue or no operator has shapes, `bad-input` where the batch is not known
 */
export function traceWhatIf(
  analysis: TraceAnalysis,
  records: readonly OperatorRecord[],
  change: WhatIf,
  times: OperatorTimes = () => undefined,
): WhatIfResult {
  const { source: where, latency, idleShare } = analysis;
  if (latency === null || idleShare === null || !records.length)
    throw new HwcastError(
      'unsupported',
      'a step is rescaled by its operators, and this file has no operators with shapes and device times',
      {
        where,
        hint: 'profile with record_shapes=True and ProfilerActivity.CUDA',
      },
    );
  const traced = analysis.device === null ? undefined : findDevice(analysis.device);
  if (!traced)
    throw new HwcastError('unsupported', `the traced device '${analysis.device ?? 'not named'}' is in no catalogue`, {
      where,
      hint: 'hwcast devices',
    });
  const factor = batchFactor(analysis, change.batch),
    totals = sumRatios(records, traced, change, { batch: analysis.batch, factor, times });
  const busy = latency * (1 - idleShare),
    issue = Math.min(analysis.issue ?? 0, latency),
    rest = latency - Math.max(busy, issue);
  const at = (ratio: number) => Math.max(busy * ratio, issue) + rest;
  const [ratio, low, high] = [totals.ratio, totals.low, totals.high].map((sum) => sum / totals.time);
  return {
    device: (change.device ?? traced).name,
    batch: change.batch ?? analysis.batch,
    dtype: change.dtype ?? null,
    latency: at(ratio),
    low: at(Math.min(low, ratio)),
    high: at(Math.max(high, ratio)),
    deviceTime: busy * ratio,
    launchTime: issue,
    coverage: totals.time / totals.all,
    provenance: 'measured x ratio',
    assumptions: [
      'the host launches as it did in the trace, with the profiler on',
      ...(totals.measured > 0
        ? [
            `operators of ${(100 * (totals.measured / totals.all)).toFixed(1)} % of the device time take what like ones took on the device`,
          ]
        : []),
      ...(totals.time < totals.all
        ? [
            `operators of ${(100 * (1 - totals.time / totals.all)).toFixed(1)} % of the device time could not be rescaled and follow the others`,
          ]
        : []),
      ...(change.device && change.device !== traced ? ['the other device has the same host'] : []),
    ],
  };
}

function batchFactor({ batch, source }: TraceAnalysis, asked: number | undefined): number {
  if (asked === undefined) return 1;
  if (batch === null)
    throw new HwcastError('bad-input', 'the trace does not tell its batch: it has no convolution or embedding with shapes', {
      where: source,
      hint: 'leave --batch out',
    });
  return asked / batch;
}

function sumRatios(records: readonly OperatorRecord[], traced: DeviceSpec, change: WhatIf, scaling: Omit<Scaling, 'fixed'>) {
  const sums = { all: 0, time: 0, measured: 0, ratio: 0, low: 0, high: 0 },
    known = new Map<string, Predicted | undefined>(),
    floor = records.reduce((least, r) => (r.kernels && r.latency > 0 ? Math.min(least, r.latency / r.kernels) : least), 1);
  for (const { graph, latency, kernels } of records) {
    const key = `${kernels} ${JSON.stringify(graph)}`;
    if (!known.has(key)) known.set(key, predictedOf(graph, traced, change, { ...scaling, fixed: kernels * floor }));
    const predicted = known.get(key);
    sums.all += latency;
    if (!predicted || !(latency > 0)) continue;
    const { before, after, ratios, octaves, measured } = predicted,
      other = measured ?? after * (latency / before) ** (0.5 ** (octaves / HALF));
    sums.time += latency;
    if (measured !== undefined) sums.measured += latency;
    sums.ratio += other;
    sums.low += Math.min(other, latency * Math.min(...ratios));
    sums.high += Math.max(other, latency * Math.max(...ratios));
  }
  if (!(sums.time > 0))
    throw new HwcastError('unsupported', 'no operator of the trace can be rescaled', {
      hint: 'shapes of its operators do not follow the batch',
    });
  return sums;
}

interface Scaling {
  /** as traced, and by how much it changes */
  batch: number | null;
  factor: number;
  times: OperatorTimes;
  /** s that the operator's kernels take however little they do */
  fixed: number;
}

/** An operator as traced and as changed. */
interface Predicted {
  /** s */
  before: number;
  after: number;
  /** of the roofline's times of arithmetic and of traffic */
  ratios: number[];
  /** how far batch and width of its elements are changed */
  octaves: number;
  /** s that operators of nearly its sizes took; undefined where none were measured, or nothing but the device changes */
  measured: number | undefined;
}

/** Undefined where the operator cannot be changed. */
function predictedOf(
  graph: OpGraph,
  traced: DeviceSpec,
  change: WhatIf,
  { batch, factor, fixed, times }: Scaling,
): Predicted | undefined {
  const own = operatorOfGraph(graph),
    other = changed(own, change.dtype, batch, factor),
    device = change.device ?? traced;
  if (!other) return undefined;
  const [before, after] = [lastTimes(graph, traced), lastTimes(operatorGraph(other), device)];
  if (!(Math.max(before.memoryTime, before.computeTime) > 0)) return undefined;
  const octaves = Math.abs(Math.log2(factor)) + Math.abs(Math.log2(DTYPE_BYTES[other.dtype] / DTYPE_BYTES[own.dtype]));
  return {
    before: fixed + operatorTime(own, traced, traced.bandwidth!),
    after: fixed + operatorTime(other, device, device.bandwidth!),
    ratios: [
      [before.memoryTime, after.memoryTime],
      [before.computeTime, after.computeTime],
    ].flatMap(([b, a]) => (b > 0 && a > 0 ? [a / b] : [])),
    octaves,
    measured: octaves > 0 && device.name === traced.name ? times(other, device) : undefined,
  };
}

/** Its times of arithmetic and traffic by the roofline. @throws HwcastError `unsupported` where the catalogue lacks peak or bandwidth of the device */
function lastTimes(graph: OpGraph, device: DeviceSpec) {
  const { operators } = rooflineTimes(graph, device, { hypothesis: 'eager' });
  return operators[operators.length - 1];
}

/**
 * The operator at another batch and element type. The axis of the batch is the first of an input that holds it as a factor (images, or images x
 * positions or heads); other inputs follow where their first axis is the same.
 */
function changed(op: MappedOp, dtype: Dtype | undefined, batch: number | null, factor: number): MappedOp | undefined {
  const typed = (d: Dtype): Dtype => (dtype && FLOATS.has(d) ? dtype : d),
    first = op.inputs[0]?.shape[0];
  const follows = factor !== 1 && first !== undefined && batch !== null && first % batch === 0;
  const inputs = op.inputs.map((t) => ({
    shape: follows && t.shape[0] === first ? [t.shape[0] * factor, ...t.shape.slice(1)] : t.shape,
    dtype: typed(t.dtype),
  }));
  if (inputs.some((t) => t.shape.some((n) => !Number.isInteger(n) || n < 1))) return undefined;
  const shape = op.op === 'opaque' ? inputs.reduce((x, y) => (size(y.shape) > size(x.shape) ? y : x)).shape : shapeOf(op, inputs);
  // an operator that states its shape cannot follow, but for one that hwcast does not know
  if (follows && Array.isArray(op.attrs.shape) && op.op !== 'opaque') return undefined;
  const attrs = Array.isArray(op.attrs.shape) ? { ...op.attrs, shape } : op.attrs;
  return shape && { ...op, attrs: attrs as MappedOp['attrs'], inputs, shape, dtype: typed(op.dtype) };
}

const size = (shape: readonly number[]): number => shape.reduce((n, s) => n * s, 1);

function shapeOf({ op, attrs, shape }: MappedOp, inputs: MappedOp['inputs']): number[] | undefined {
  try {
    return inferShape(
      op,
      inputs.map((t) => t.shape),
      attrs,
    );
  } catch (error) {
    if (!(error instanceof HwcastError)) throw error;
    return inputs.every((t) => t.shape.length) ? shape : undefined;
  }
}
