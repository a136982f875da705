import { HwcastError } from '../../../core/errors.js';
import { operatorTotals } from '../../operatorTotals.js';
import { analysisOf, profileReader } from '../../profileReader.js';
import { isRecord, type JsonRecord, recordsOf } from '../../source/recordsOf.js';
import { wholeJson } from '../../source/wholeSource.js';
import type { TraceAnalysis } from '../../traceAnalysis.js';
import type { TraceSource } from '../../traceReader.js';
import { kindOf } from '../kineto/atenOperators.js';

/** PyTorch execution traces (`ExecutionTraceObserver`), schemas 1.0.1 to 1.1.1: operators with shapes, without times. */
export const executionTraceReader = profileReader(
  'execution-trace',
  'a PyTorch execution trace',
  (text) => /^\{\s*"schema"\s*:\s*"\d/.test(text) && /\[pytorch\|profiler\|execution_(trace|graph)/.test(text),
  analyse,
);

async function analyse(source: TraceSource): Promise<TraceAnalysis[]> {
  const { nodes } = (await wholeJson(source)) as { nodes?: unknown };
  if (!Array.isArray(nodes)) throw new HwcastError('bad-input', "no 'nodes' in this execution trace", { where: source.name });
  const operators = recordsOf(nodes).filter(
    (n) => (n.op_schema ?? recordsOf(n.attrs).find((a) => a.name === 'op_schema')?.value) || /^\w+::/.test(String(n.name ?? '')),
  );
  const shapesOf = ({ input_shapes, inputs }: JsonRecord): unknown =>
      input_shapes ?? (isRecord(inputs) ? inputs.shapes : undefined),
    hasShapes = (n: JsonRecord): boolean => ((shapesOf(n) as unknown[] | undefined)?.length ?? 0) > 0;
  return [
    analysisOf({
      source: source.name,
      format: 'execution-trace',
      events: nodes.length,
      operators: operators.length,
      operatorsWithShapes: operators.filter(hasShapes).length,
      byOperator: operatorTotals(operators.map((n) => ({ name: kindOf(String(n.name ?? '')), time: 0 }))).map((o) => ({
        ...o,
        time: null,
      })),
      notes: ['operators and shapes only: times are in the profiler trace of the same run'],
    }),
  ];
}
