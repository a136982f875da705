import { type MappedOp, operatorText } from '../../../graph/operatorText.js';
import { issueAt, Reasons } from '../../issueAt.js';
import { modelOfProfile } from '../../modelOfProfile.js';
import { networkName } from '../../networkName.js';
import { operatorRecord } from '../../operatorRecord.js';
import { operatorTotals } from '../../operatorTotals.js';
import { analysisOf, headText } from '../../profileReader.js';
import { wholeText } from '../../source/wholeSource.js';
import type { TraceAnalysis } from '../../traceAnalysis.js';
import type { ReadIssue, ReadOptions, TraceReader, TraceRecord, TraceSource } from '../../traceReader.js';
import type { BenchmarkOperators } from './benchmarkOperators.js';
import { type BenchmarkNode, benchmarkTable } from './benchmarkTable.js';

const FORMAT = 'tflite-benchmark';
const FRAMEWORK = 'tflite';

/**
 * Operator profiles of TensorFlow Lite's `benchmark_model` (`--enable_op_profiling`), text and CSV, and of TensorFlow's tool of the same name, whose
 * lines carry a log's prefix. Nodes have no shapes: with the model that ran (`--model`, or a .tflite file of its name beside the profile) they are
 * operators with attributes.
 */
export const tfliteBenchmarkReader: TraceReader = {
  format: FORMAT,
  readsOthers: true,
  detect(head) {
    const text = headText(head);
    return /tensorflow\/tools\/benchmark\/benchmark_model/.test(text) || /Run Order =+\s*\n[^\n]*\[?node type\]?/i.test(text);
  },
  read,
  analyse,
};

const FIRST = 'the table has the times of the first run in the place of means';

async function operatorsOf(
  source: TraceSource,
  nodes: readonly BenchmarkNode[],
  options: ReadOptions,
): Promise<(BenchmarkOperators & { name: string | null }) | undefined> {
  const file = await modelOfProfile(source.name, options.model, 'tflite');
  if (!file) return undefined;
  // loaded where a model is given: every command starts without the rules of model files
  const { benchmarkOperators } = await import('./benchmarkOperators.js');
  return {
    ...benchmarkOperators(file, nodes, options.batch, source.name),
    name: networkName(file.name.replace(/\.(tflite|lite)$/i, '')),
  };
}

async function* read(source: TraceSource, options: ReadOptions): AsyncGenerator<TraceRecord | ReadIssue> {
  const { nodes, latency, ofFirst } = benchmarkTable(await wholeText(source), source.name),
    model = await operatorsOf(source, nodes, options),
    skip = issueAt(source.name),
    reasons = new Reasons();
  if (!model) {
    yield skip(
      'operator',
      nodes.length,
      'node without shapes: they are in the model; give its .tflite file with --model (a frozen TensorFlow graph is not read)',
    );
    return;
  }
  if (ofFirst) {
    yield skip('operator', nodes.length, FIRST);
    return;
  }
  let joined = 0,
    all = 0;
  for (const node of nodes) {
    const operator = model.operatorOf(node);
    all += node.time;
    if (typeof operator === 'string') {
      reasons.add(operator);
      continue;
    }
    joined += node.time;
    yield operatorRecord(operator, {
      framework: FRAMEWORK,
      device: null,
      latency: node.time,
      kernels: 0,
    });
  }
  yield* reasons.issues(source.name, 'operator');
  if (latency === undefined)
    yield skip('network', 1, 'network left out: the profile has no mean of whole runs (Inference (avg), Timings)');
  else
    yield {
      kind: 'network',
      framework: FRAMEWORK,
      device: null,
      name: model.name,
      graph: model.graph,
      latencies: [latency],
      busy: [all],
      steps: 'annotation',
      coverage: all ? joined / all : 0,
    };
}

async function analyse(source: TraceSource, options: ReadOptions = {}): Promise<TraceAnalysis[]> {
  const { nodes, latency, ofFirst } = benchmarkTable(await wholeText(source), source.name),
    model = await operatorsOf(source, nodes, options);
  const mapped: { operator: MappedOp; time: number }[] = [];
  for (const node of nodes) {
    const operator = model?.operatorOf(node);
    if (typeof operator === 'object') mapped.push({ operator, time: node.time });
  }
  const notes = latency === undefined ? ['latency is the sum of the means of operators, profiling on'] : [];
  if (ofFirst) notes.push(FIRST);
  if (model) notes.push(`${mapped.length} of ${nodes.length} nodes joined with the model`);
  return [
    analysisOf({
      source: source.name,
      format: FORMAT,
      events: nodes.length,
      latency: latency ?? nodes.reduce((sum, n) => sum + n.time, 0),
      operators: nodes.length,
      operatorsWithShapes: model ? mapped.length : null,
      byOperator: operatorTotals(nodes.map((n) => ({ name: n.type, time: n.time, calls: n.calls }))),
      byWorkload: operatorTotals(mapped.map(({ operator, time }) => ({ name: operatorText(operator), time }))),
      notes,
    }),
  ];
}
