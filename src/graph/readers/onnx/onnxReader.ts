import { basename } from 'node:path';
import { HwcastError } from '../../../core/errors.js';
import { opaqueWarnings } from '../../opaqueOperators.js';
import type { OpGraph, OpNode } from '../../opGraph.js';
import { bindInputs } from '../bindInputs.js';
import type { ModelReader, ModelSource, ReadModel, ReadModelOptions } from '../modelReader.js';
import { decodeOnnx, isOnnx } from './decodeOnnx.js';
import { foldedNorms, namesInSignature } from './foldedNorms.js';
import type { OnnxModel, OnnxNode } from './onnxModel.js';
import { blockOf, Scope } from './scope.js';
import { Translator } from './translator.js';
import { dtypeOf } from './value.js';

/** Below, broadcasting and shapes were attributes of another kind. */
const OLDEST_OPSET = 7;

/** ONNX: operator sets 7 to 23 and what the optimisers of ONNX Runtime write. */
export const onnxReader: ModelReader = {
  format: 'onnx',
  about: 'ONNX, weights in the file or beside it',
  detect: (head, name) => (isOnnx(head) ? (/\.onnx$/i.test(name) ? 'certain' : 'likely') : undefined),
  async read(source, options) {
    return [readOnnx(source, options)];
  },
};

function readOnnx({ name, bytes }: ModelSource, options: ReadModelOptions): ReadModel {
  const { graph, warnings } = translateOnnx(decodeOnnx(bytes, name), options, name);
  return { name: basename(name), graph, warnings };
}

/** A model with the operators that its nodes became. */
export interface TranslatedOnnx {
  graph: OpGraph;
  warnings: string[];
  madeOf: ReadonlyMap<OnnxNode, readonly OpNode[]>;
}

/** @throws HwcastError as a reader of model files */
export function translateOnnx(model: OnnxModel, options: ReadModelOptions, name: string): TranslatedOnnx {
  const { graph } = model;
  const { shapes, dims, assumptions } = bindInputs(graph.inputs, options, name);
  const namesModules = [...graph.initializers.keys()].some((n) => /^[A-Za-z_]\w*(\.\w+)+$/.test(n));
  const parameters = new Set(namesInSignature(graph, 'PARAMETER')),
    folded = foldedNorms(graph);
  const translator = new Translator({
    ...{ where: name, opsets: model.opsets, functions: model.functions, namesModules, dims },
    ...{ parameters, normsInto: folded.into },
  });
  const scope = new Scope(blockOf(graph));
  for (const input of graph.inputs)
    scope.set(input.name, translator.input(input.name, shapes.get(input.name)!, dtypeOf(input.dataType)));
  const opset = model.opsets.get('') ?? OLDEST_OPSET;
  if (opset < OLDEST_OPSET) translator.assumptions.add(`operator set ${opset} is read by the rules of ${OLDEST_OPSET}`);
  const outputs = translator.run(scope).map((value) => translator.reference(value));
  if (!translator.nodes.length) throw new HwcastError('corrupt', 'the graph gives out nothing', { where: name });
  if (folded.params)
    translator.assumptions.add(
      `${folded.norms} batch norms that the export names and folded into convolutions count among the parameters (${folded.params}), not among the bytes`,
    );
  const all = [...assumptions, ...translator.assumptions];
  const made: OpGraph = {
    nodes: translator.nodes,
    outputs: [...new Set(outputs)],
    ...(all.length ? { assumptions: all } : {}),
    ...(folded.params ? { foldedParams: folded.params } : {}),
  };
  return { graph: made, warnings: [...translator.warnings, ...opaqueWarnings(made)], madeOf: translator.madeOf };
}
