import { median } from '../../../core/statistics.js';
import { operatorText } from '../../../graph/operatorText.js';
import { issueAt, Reasons } from '../../issueAt.js';
import { operatorRecord } from '../../operatorRecord.js';
import { operatorTotals } from '../../operatorTotals.js';
import { analysisOf, headText } from '../../profileReader.js';
import type { TraceAnalysis, TracePicture } from '../../traceAnalysis.js';
import type { ReadIssue, ReadOptions, TraceReader, TraceRecord, TraceSource } from '../../traceReader.js';
import { type NodeRun, onnxruntimeEvents, type Run } from './onnxruntimeEvents.js';
import { profiledOperators, type SteadyRuns, steadyRuns } from './onnxruntimeOperators.js';

const MICRO = 1e-6;
const FRAMEWORK = 'onnxruntime';

/**
 * Profiles of ONNX Runtime (`enable_profiling`), of 2019 and current: `*_kernel_time` of nodes, `model_run`s around them. With the model that ran
 * (`--model`, or a file of its name beside the profile) nodes are operators with attributes; without it only those that shapes tell.
 */
export const onnxruntimeReader: TraceReader = {
  format: 'onnxruntime',
  readsOthers: true,
  detect: (head) => /^\[\s*\{\s*"cat"\s*:\s*"Session"/.test(headText(head)),
  read,
  analyse,
};

const lengthOf = ({ start, end }: Run): number => end - start;
const sumOf = (nodes: readonly Run[]): number => nodes.reduce((sum, n) => sum + lengthOf(n), 0);

async function* read(source: TraceSource, options: ReadOptions): AsyncGenerator<TraceRecord | ReadIssue> {
  const { nodes, runs, lost, events } = await onnxruntimeEvents(source),
    steady = steadyRuns({ nodes, runs }, source.name),
    { model, name, operatorOf } = await profiledOperators(source, nodes, options);
  yield* lost;
  yield {
    kind: 'summary',
    device: null,
    hardware: {},
    events,
    operators: nodes.length,
    operatorsWithShapes: nodes.filter((n) => n.inputs).length,
    kernels: 0,
    kernelsWithLaunch: 0,
    kernelsWithOperator: 0,
    launchDelaySum: null,
  };
  const skip = issueAt(source.name);
  if (steady.skipped) yield skip('step', steady.skipped, 'the first run: it allocates');
  const reasons = new Reasons();
  let joined = 0;
  for (const node of steady.nodes.flat()) {
    const operator = operatorOf(node);
    if (typeof operator === 'string') {
      reasons.add(operator);
      continue;
    }
    joined += lengthOf(node);
    const latency = lengthOf(node) * MICRO;
    yield operatorRecord(operator, { framework: FRAMEWORK, device: null, latency, kernels: 0, hostTime: latency });
  }
  yield* reasons.issues(source.name, 'operator');
  if (!model) yield skip('network', 1, 'network left out: its graph is in the model; give its ONNX file with --model');
  else if (!steady.marked) yield skip('network', 1, 'network left out: the profile marks no run of it');
  else
    yield {
      kind: 'network',
      framework: FRAMEWORK,
      device: null,
      name,
      graph: model.graph,
      latencies: steady.windows.map((w) => lengthOf(w) * MICRO),
      busy: steady.nodes.map((n) => sumOf(n) * MICRO),
      steps: 'annotation',
      coverage: joined / sumOf(steady.nodes.flat()),
    };
}

async function analyse(source: TraceSource, options: ReadOptions = {}): Promise<TraceAnalysis[]> {
  const { nodes, runs, kernels, lost, events } = await onnxruntimeEvents(source),
    steady = steadyRuns({ nodes, runs }, source.name),
    { model, operatorOf } = await profiledOperators(source, nodes, options);
  const inside = steady.nodes.flat(),
    latency = steady.marked ? median(steady.windows.map(lengthOf)) : null,
    sum = median(steady.nodes.map(sumOf));
  const notes = steady.skipped ? ['the first run is left out: it allocates'] : [];
  if (latency !== null)
    notes.push(
      `nodes take ${(sum / 1e3).toPrecision(4)} ms of ${(latency / 1e3).toPrecision(4)} ms a run (${((100 * sum) / latency).toFixed(1)} %)`,
    );
  const mapped = inside.flatMap((n) => {
    const operator = operatorOf(n);
    return typeof operator === 'string' ? [] : [{ name: operatorText(operator), time: lengthOf(n) * MICRO }];
  });
  if (model) notes.push(joinedNote(steady, mapped));
  return [
    analysisOf({
      source: source.name,
      format: 'onnxruntime',
      events,
      steps: steady.marked ? steady.windows.length : null,
      latency: latency === null ? null : latency * MICRO,
      kernels: kernels || null,
      operators: nodes.length,
      operatorsWithShapes: nodes.filter((n) => n.inputs).length,
      byOperator: operatorTotals(inside.map((n) => ({ name: n.operator, time: lengthOf(n) * MICRO, host: lengthOf(n) * MICRO }))),
      byWorkload: operatorTotals(mapped),
      picture: steady.marked ? pictureOf(steady.nodes[0], steady.windows[0]) : null,
      lost,
      notes,
    }),
  ];
}

function joinedNote({ nodes }: SteadyRuns, mapped: readonly { time: number }[]): string {
  const all = nodes.flat(),
    share = mapped.reduce((s, m) => s + m.time, 0) / (sumOf(all) * MICRO);
  return `${mapped.length} of ${all.length} runs of nodes, ${(100 * share).toFixed(1)} % of their time, are operators with attributes`;
}

function pictureOf(nodes: readonly NodeRun[], run: Run): TracePicture {
  const items = nodes.map((n) => ({
    name: n.operator,
    kind: 'operator',
    start: (n.start - run.start) * MICRO,
    end: (n.end - run.start) * MICRO,
  }));
  return { length: lengthOf(run) * MICRO, lanes: [{ name: 'host', items }] };
}
