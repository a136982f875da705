import { HwcastError } from '../../../core/errors.js';
import { median } from '../../../core/statistics.js';
import { operatorTotals } from '../../operatorTotals.js';
import { analysisOf, headText, profileReader } from '../../profileReader.js';
import { shownName } from '../../shownName.js';
import { wholeJson } from '../../source/wholeSource.js';
import type { TraceAnalysis } from '../../traceAnalysis.js';
import type { TraceSource } from '../../traceReader.js';

const FORMAT = 'tensorrt';
type Fields = Record<string, unknown>;

/** The files of trtexec, by how they begin. */
const KINDS: readonly { found: RegExp; analyse: (value: unknown, source: TraceSource) => TraceAnalysis }[] = [
  { found: /^\[\s*\{\s*"count"\s*:\s*\d+\s*\}/, analyse: ofProfile },
  { found: /^\{\s*"Layers"\s*:/, analyse: ofLayers },
  { found: /^\[\s*\{\s*"startEnqMs"/, analyse: ofTimes },
  { found: /^\{\s*"(model_options|performance_summary)"|^\[\s*\{\s*"Name"[^}]*"ComputeCapability"/, analyse: ofMetadata },
];

/**
 * What trtexec writes: times of layers (`--exportProfile`), the layers of the engine (`--exportLayerInfo`), times of runs (`--exportTimes`) and
 * metadata, of which only the name of the device and the summary of latencies are read. Given together they are joined (`joinTensorrt`).
 */
export const tensorrtReader = profileReader(
  FORMAT,
  'a file of TensorRT',
  (text) => KINDS.some((k) => k.found.test(text)),
  async (source) => {
    const head = headText(source.head),
      kind = KINDS.find((k) => k.found.test(head))!;
    return [kind.analyse(await wholeJson(source), source)];
  },
);

const MILLI = 1e-3;

function number(value: unknown, what: string, where: string): number {
  if (typeof value !== 'number' || !(value >= 0))
    throw new HwcastError('bad-input', `${what} is ${JSON.stringify(value) ?? 'missing'}, which is no time`, { where });
  return value;
}

function ofProfile(value: unknown, { name: source }: TraceSource): TraceAnalysis {
  const [head, ...layers] = value as Fields[],
    count = Number(head.count);
  const runs = layers.map((l, i) => ({
    name: shownName(String(l.name)),
    calls: count,
    time:
      number(l.averageMs ?? (count ? Number(l.timeMs) / count : undefined), `averageMs of layer ${i + 1}`, source) *
      MILLI *
      count,
  }));
  return analysisOf({
    source,
    format: FORMAT,
    events: layers.length,
    steps: count,
    latency: count ? runs.reduce((sum, r) => sum + r.time, 0) / count : null,
    operators: layers.length * count,
    byOperator: operatorTotals(runs),
    notes: ['latency is the sum of the means of layers, measured one after the other'],
  });
}

function ofLayers(value: unknown, { name: source }: TraceSource): TraceAnalysis {
  const { Layers } = value as { Layers: (Fields | string)[] };
  const details = Layers.filter((l): l is Fields => typeof l === 'object' && l !== null);
  if (!details.length)
    throw new HwcastError('unsupported', `the engine names its ${Layers.length} layers and says nothing else of them`, {
      where: source,
      hint: 'build it with --profilingVerbosity=detailed',
    });
  const layers = details.map((l) => ({ name: shownName(String(l.Name)), type: shownName(String(l.LayerType)) }));
  const [first] = (details[0].Inputs as Fields[] | undefined) ?? [],
    [batch] = (first?.Dimensions as number[] | undefined) ?? [];
  return analysisOf({
    source,
    format: FORMAT,
    batch: batch > 0 ? batch : null,
    events: layers.length,
    operators: layers.length,
    operatorsWithShapes: details.filter((l) => Array.isArray(l.Inputs)).length,
    byOperator: operatorTotals(layers.map((l) => ({ name: l.type, time: 0 }))).map((o) => ({ ...o, time: null })),
    layers,
    notes: ['layers only: give their profile (--exportProfile) too for times'],
  });
}

function ofTimes(value: unknown, { name: source }: TraceSource): TraceAnalysis {
  const runs = value as Fields[];
  return analysisOf({
    source,
    format: FORMAT,
    events: runs.length,
    steps: runs.length,
    latency: median(runs.map((r, i) => number(r.latencyMs, `latencyMs of run ${i + 1}`, source))) * MILLI,
    copies: runs.reduce((sum, r) => sum + (Number(r.h2dMs) || 0) + (Number(r.d2hMs) || 0), 0) * MILLI,
  });
}

function ofMetadata(value: unknown, { name: source }: TraceSource): TraceAnalysis {
  const fields = (Array.isArray(value) ? { device_information: value[0] } : value) as Record<string, Fields | undefined>,
    device = fields.device_information?.['Selected Device'] ?? fields.device_information?.Name,
    latency = fields.performance_summary?.Latency;
  return analysisOf({
    source,
    format: FORMAT,
    device: typeof device === 'string' ? shownName(device) : null,
    events: 1,
    // minimum, maximum, mean, median, percentiles
    latency: Array.isArray(latency) && Number(latency[3]) >= 0 ? Number(latency[3]) * MILLI : null,
    notes: ['metadata only'],
  });
}
