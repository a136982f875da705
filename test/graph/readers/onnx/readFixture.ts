import { HwcastError } from '../../../../src/core/errors.js';
import { graphCosts, type OperatorCost } from '../../../../src/graph/operatorCost.js';
import { type OpGraph, parseOpGraph } from '../../../../src/graph/opGraph.js';
import type { ReadModelOptions } from '../../../../src/graph/readers/modelReader.js';
import { onnxReader } from '../../../../src/graph/readers/onnx/onnxReader.js';
import { encodeOnnx, type GraphFixture } from './encodeOnnx.js';

export interface ReadFixture {
  graph: OpGraph;
  warnings: string[];
  total: OperatorCost;
  /** names of operators without inputs and stored tensors */
  ops: string[];
  /** shape of the first output */
  shape: number[];
}

/** A fixture as the reader sees it; its graph passes the checks of graphs from outside. */
export async function readFixture(fixture: GraphFixture, options: ReadModelOptions = {}): Promise<ReadFixture> {
  return readBytes(encodeOnnx(fixture), options);
}

export async function readBytes(bytes: Uint8Array, options: ReadModelOptions = {}, name = 'f.onnx'): Promise<ReadFixture> {
  const [{ graph, warnings }] = await onnxReader.read({ name, bytes }, options);
  parseOpGraph(graph, name);
  const ops = graph.nodes.map((n) => n.op).filter((op) => op !== 'input' && op !== 'stored');
  const [id, port] = graph.outputs[0].split(':');
  const node = graph.nodes.find((n) => n.id === id)!;
  return {
    graph,
    warnings,
    total: graphCosts(graph).total,
    ops,
    shape: port ? node.furtherOutputs![Number(port) - 1].shape : node.shape,
  };
}

/** Code, place, message and hint of what the reader refuses. */
export async function refused(bytes: Uint8Array, options: ReadModelOptions = {}): Promise<string> {
  try {
    await readBytes(bytes, options);
  } catch (error) {
    if (error instanceof HwcastError) return `${error.code}: ${error.describe()}`;
    throw error;
  }
  return 'nothing refused';
}
