import { HwcastError } from '../../../core/errors.js';
import { median } from '../../../core/statistics.js';
import type { MappedOp } from '../../../graph/operatorText.js';
import { issueAt, Reasons } from '../../issueAt.js';
import { networkName } from '../../networkName.js';
import { operatorRecord } from '../../operatorRecord.js';
import { operatorTotals } from '../../operatorTotals.js';
import { analysisOf, headText } from '../../profileReader.js';
import { shownName } from '../../shownName.js';
import { amountOf, isRecord, recordsOf } from '../../source/recordsOf.js';
import { wholeJson } from '../../source/wholeSource.js';
import type { TraceAnalysis } from '../../traceAnalysis.js';
import { LEAST_COVERAGE, tracedGraph } from '../../tracedGraph.js';
import type { ReadIssue, TraceReader, TraceRecord, TraceSource } from '../../traceReader.js';
import { engineOf } from './joinTensorrt.js';
import { layerOperator } from './layerOperator.js';
import { metadataOf, tensorrtEngine } from './tensorrtEngine.js';
import { fileKind, type TensorrtFile } from './tensorrtFiles.js';

const FORMAT = 'tensorrt';
type Fields = Record<string, unknown>;

const ANALYSES: Readonly<Record<TensorrtFile, (value: unknown, source: TraceSource) => TraceAnalysis>> = {
  profile: ofProfile,
  layers: ofLayers,
  times: ofTimes,
  metadata: ofMetadata,
};

/**
 * What trtexec writes: times of layers (`--exportProfile`), the layers of the engine (`--exportLayerInfo`), times of runs (`--exportTimes`) and
 * metadata, of which only the name of the device and the summary of latencies are read. Given together they are joined (`joinTensorrt`); of a profile
 * beside its layer list datasets can be made.
 */
export const tensorrtReader: TraceReader = {
  format: FORMAT,
  readsOthers: true,
  detect: (head) => fileKind(headText(head)) !== undefined,
  read,
  analyse: async (source) => [ANALYSES[fileKind(headText(source.head))!](await wholeJson(source), source)],
};

async function* read(source: TraceSource): AsyncGenerator<TraceRecord | ReadIssue> {
  const skip = issueAt(source.name);
  if (fileKind(headText(source.head)) !== 'profile') {
    yield skip(
      'file',
      1,
      'of an engine: it is read with the profile of its layers (--exportProfile), and makes no rows by itself',
    );
    return;
  }
  const [head, ...timed] = objectsOf(await wholeJson(source), source.name),
    runs = amountOf(head.count) ?? 0,
    engine = await tensorrtEngine(source.name),
    reasons = new Reasons(),
    operators: MappedOp[] = [];
  if (!engine.layers.size)
    yield skip(
      'operator',
      timed.length,
      'layer of an engine: its shapes are in the layer list (--exportLayerInfo), which is not beside the profile',
    );
  let mapped = 0,
    all = 0;
  for (const [i, layer] of timed.entries()) {
    const time = number(meanOf(layer, runs), `averageMs of layer ${i + 1}`, source.name) * MILLI,
      known = engine.layers.get(shownName(String(layer.name)));
    all += time;
    if (!engine.layers.size) continue;
    const operator = known ? layerOperator(known) : 'layer that is not in the layer list';
    if (typeof operator === 'string') {
      reasons.add(operator);
      continue;
    }
    mapped += time;
    operators.push(operator);
    yield operatorRecord(operator, {
      framework: FORMAT,
      device: engine.device,
      latency: time,
    });
  }
  yield* reasons.issues(source.name, 'operator');
  if (!operators.length) return;
  if (!engine.latencies.length)
    yield skip('network', 1, 'network left out: no times of whole runs (--exportTimes) beside the profile');
  else if (mapped < LEAST_COVERAGE * all)
    yield skip(
      'network',
      1,
      `network left out: operators account for ${Math.floor((100 * mapped) / all)} % of the time of its layers, ${100 * LEAST_COVERAGE} % are needed`,
    );
  else
    yield {
      kind: 'network',
      framework: FORMAT,
      device: engine.device,
      name: networkName(engineOf(source.name)),
      graph: tracedGraph(operators),
      latencies: engine.latencies,
      busy: [all],
      steps: 'whole',
      coverage: mapped / all,
    };
}

const MILLI = 1e-3;

function number(value: unknown, what: string, where: string): number {
  if (amountOf(value) === undefined)
    throw new HwcastError('bad-input', `${what} is ${JSON.stringify(value) ?? 'missing'}, which is no time`, { where });
  return value as number;
}

/** The objects of a list. @throws HwcastError `bad-input` naming what is none */
function objectsOf(value: unknown, where: string): Fields[] {
  if (!Array.isArray(value)) throw new HwcastError('bad-input', 'this is no list of objects', { where });
  const at = value.findIndex((v) => !isRecord(v));
  if (at >= 0) throw new HwcastError('bad-input', `entry ${at} of the list is no object`, { where });
  return value as Fields[];
}

/** Mean milliseconds of a layer. */
const meanOf = ({ averageMs, timeMs }: Fields, runs: number): unknown => averageMs ?? (runs ? Number(timeMs) / runs : undefined);

function ofProfile(value: unknown, { name: source }: TraceSource): TraceAnalysis {
  const [head, ...layers] = objectsOf(value, source),
    count = amountOf(head.count) ?? 0;
  const runs = layers.map((l, i) => ({
    name: shownName(String(l.name)),
    calls: count,
    time: number(meanOf(l, count), `averageMs of layer ${i + 1}`, source) * MILLI * count,
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
  const Layers = (value as { Layers?: unknown }).Layers;
  if (!Array.isArray(Layers)) throw new HwcastError('bad-input', "'Layers' is no list of layers", { where: source });
  const details = Layers.filter((l): l is Fields => typeof l === 'object' && l !== null);
  if (!details.length)
    throw new HwcastError('unsupported', `the engine names its ${Layers.length} layers and says nothing else of them`, {
      where: source,
      hint: 'build it with --profilingVerbosity=detailed',
    });
  const layers = details.map((l) => ({ name: shownName(String(l.Name)), type: shownName(String(l.LayerType)) }));
  const [first] = recordsOf(details[0].Inputs),
    [batch] = Array.isArray(first?.Dimensions) ? (first.Dimensions as unknown[]) : [];
  return analysisOf({
    source,
    format: FORMAT,
    batch: Number.isSafeInteger(batch) && (batch as number) > 0 ? (batch as number) : null,
    events: layers.length,
    operators: layers.length,
    operatorsWithShapes: details.filter((l) => Array.isArray(l.Inputs)).length,
    byOperator: operatorTotals(layers.map((l) => ({ name: l.type, time: 0 }))).map((o) => ({ ...o, time: null })),
    layers,
    notes: ['layers only: give their profile (--exportProfile) too for times'],
  });
}

function ofTimes(value: unknown, { name: source }: TraceSource): TraceAnalysis {
  const runs = objectsOf(value, source);
  return analysisOf({
    source,
    format: FORMAT,
    events: runs.length,
    steps: runs.length,
    latency: median(runs.map((r, i) => number(r.latencyMs, `latencyMs of run ${i + 1}`, source))) * MILLI,
    copies: runs.reduce((sum, r) => sum + (amountOf(r.h2dMs) ?? 0) + (amountOf(r.d2hMs) ?? 0), 0) * MILLI,
  });
}

function ofMetadata(value: unknown, { name: source }: TraceSource): TraceAnalysis {
  const { device, latency } = metadataOf(value);
  return analysisOf({ source, format: FORMAT, device, events: 1, latency: latency ?? null, notes: ['metadata only'] });
}
