import { HwcastError } from '../../../core/errors.js';
import type { MappedOp } from '../../../graph/operatorText.js';
import type { OpGraph } from '../../../graph/opGraph.js';
import type { ModelSource } from '../../../graph/readers/modelReader.js';
import { parseTflite, type TfliteOperator } from '../../../graph/readers/tflite/tfliteModel.js';
import { TfliteReading } from '../../../graph/readers/tflite/tfliteReading.js';
import { fileName } from '../../fileName.js';
import { headOperator } from '../../headOperator.js';
import type { BenchmarkNode } from './benchmarkTable.js';

/** What the nodes of a benchmark compute. */
export interface BenchmarkOperators {
  graph: OpGraph;
  /** the operator, or why it is none of a dataset */
  operatorOf(node: BenchmarkNode): MappedOp | string;
}

/**
 * Joins the nodes of a benchmark with the operators of the TensorFlow Lite file that ran, by number and by what they give out.
 * @throws HwcastError `bad-input` where no node of the benchmark gives out what an operator of the model does, else as the reader of model files
 */
export function benchmarkOperators(
  { bytes, name }: ModelSource,
  nodes: readonly BenchmarkNode[],
  batch: number | undefined,
  where: string,
): BenchmarkOperators {
  const model = parseTflite(bytes, name),
    [{ subgraph }] = model.entries,
    { operators, tensors } = model.subgraphs[subgraph],
    reading = new TfliteReading(model, name),
    { graph } = reading.read(subgraph, name, { batch }),
    kept = new Set(graph.nodes);
  const byOutput = new Map(operators.map((o) => [tensors[o.outputs[0]]?.name, o]));
  const found = ({ name: outputs, number, type }: BenchmarkNode): TfliteOperator | undefined => {
    const first = outputs?.split(', ')[0] ?? '',
      numbered = number === undefined ? undefined : operators[number];
    return [numbered, byOutput.get(first)].find(
      (o) => o !== undefined && o.code === type && (outputs === undefined || tensors[o.outputs[0]]?.name === first),
    );
  };
  if (!nodes.some((n) => found(n) || n.name?.split(', ').some((output) => byOutput.has(output))))
    throw new HwcastError('bad-input', `none of ${nodes.length} nodes of the benchmark is an operator of '${fileName(name)}'`, {
      where,
      hint: 'give with --model the file that benchmark_model ran (--graph)',
    });
  return {
    graph,
    operatorOf(node) {
      const operator = found(node);
      if (!operator)
        return /delegate/i.test(node.type)
          ? `${node.type}: a part of the model that a delegate runs as one`
          : `${node.type}: no operator of the model (a delegate's own, or another model)`;
      const made = (reading.madeOf.get(operator) ?? []).filter((n) => kept.has(n));
      return headOperator(graph, made) ?? `${node.type}: a constant or a view`;
    },
  };
}
