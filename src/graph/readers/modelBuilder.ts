import { elementCount } from '../../core/elementCount.js';
import { HwcastError } from '../../core/errors.js';
import { GraphBuilder } from '../graphBuilder.js';
import { opaqueWarnings } from '../opaqueOperators.js';
import type { Attrs } from '../operators/attributes.js';
import type { OpGraph, OpNode } from '../opGraph.js';
import type { Dtype, Shape, TensorType } from '../tensorType.js';
import type { ReadModel } from './modelReader.js';

/** The graph of a model file under construction: what every reader shares. Tensors are named by what `add` returns. */
export class ModelBuilder {
  private readonly graph: GraphBuilder;
  private readonly assumed = new Set<string>();
  private readonly warned = new Set<string>();

  constructor(private readonly dtype: Dtype = 'fp32') {
    this.graph = new GraphBuilder(dtype);
  }

  /** @throws HwcastError `bad-input` where the operator does not fit what it reads */
  add(op: string, inputs: readonly string[], attrs: Attrs = {}, dtype: Dtype = this.dtypeOfFirst(inputs)): string {
    return this.graph.add(op, [...inputs], attrs, dtype);
  }

  private dtypeOfFirst(inputs: readonly string[]): Dtype {
    return inputs.length ? this.typeOf(inputs[0]).dtype : this.dtype;
  }

  input(shape: Shape, dtype?: Dtype): string {
    return this.graph.input([...shape], dtype ?? this.dtype);
  }

  /** Learned values that are read as an operand. */
  weight(shape: Shape, dtype: Dtype = this.dtype): string {
    return this.graph.add('stored', [], { shape: [...shape], params: elementCount(shape) }, dtype);
  }

  /** A tensor of the file that is not learned, e.g. a table of positions. */
  constant(shape: Shape, dtype: Dtype = this.dtype): string {
    return this.graph.add('stored', [], { shape: [...shape] }, dtype);
  }

  /** The same elements in another shape; nothing where it is the same already. */
  reshape(x: string, shape: Shape): string {
    const before = this.shapeOf(x);
    const same = before.length === shape.length && before.every((n, i) => n === shape[i]);
    return same ? x : this.add('reshape', [x], { shape: [...shape] });
  }

  /** What no reader knows: its tensors and its name. The outputs after the first are written only, so that what it reads counts once. */
  opaque(kind: string, inputs: readonly string[], outputs: readonly TensorType[]): string[] {
    return outputs.map(({ shape, dtype }, k) =>
      this.graph.add('opaque', k ? [] : [...inputs], { kind, shape: [...shape] }, dtype),
    );
  }

  typeOf(tensor: string): TensorType {
    return this.graph.typeOf(tensor);
  }

  shapeOf(tensor: string): Shape {
    return this.graph.shapeOf(tensor);
  }

  /** Number of nodes so far. */
  get length(): number {
    return this.graph.nodes.length;
  }

  /** Nodes from the one of a number on. */
  nodesFrom(number: number): readonly OpNode[] {
    return this.graph.nodes.slice(number);
  }

  /** Says what was taken for granted, once. */
  assume(assumption: string): void {
    this.assumed.add(assumption);
  }

  warn(warning: string): void {
    this.warned.add(warning);
  }

  /** The model as it stands. */
  finish(name: string, outputs: readonly string[]): ReadModel {
    for (const assumption of this.assumed) this.graph.assume(assumption);
    const graph = withoutUnread(this.graph.build([...new Set(outputs)]));
    return { name, graph, warnings: [...this.warned, ...opaqueWarnings(graph)] };
  }
}

/** Without tensors of the model, and views of them, that no operator reads: those that became the weights of one. */
function withoutUnread(graph: OpGraph): OpGraph {
  const read = new Set(graph.outputs.map((reference) => reference.split(':')[0]));
  const nodes: OpNode[] = [];
  for (const node of [...graph.nodes].reverse()) {
    if (!read.has(node.id) && (node.op === 'stored' || node.op === 'reshape')) continue;
    nodes.push(node);
    for (const reference of node.inputs) read.add(reference.split(':')[0]);
  }
  return nodes.length === graph.nodes.length ? graph : { ...graph, nodes: nodes.reverse() };
}

/** Adds to what went wrong where in the file it did: `line 12, layer 'conv1' (Convolution)`. */
export function locatedIn(place: string, where: string, error: unknown): unknown {
  if (!(error instanceof HwcastError) || error.message.startsWith('line ')) return error;
  const code = error.code === 'not-found' ? 'bad-input' : error.code;
  return new HwcastError(code, `${place}: ${error.message}`, { where, hint: error.hint, cause: error });
}

/** The shape that a user gave to an input, checked. @throws HwcastError `bad-input` */
export function checkedShape(name: string, shape: readonly number[], where: string): Shape {
  if (!shape.every((n) => Number.isInteger(n) && n >= 0))
    throw new HwcastError('bad-input', `the shape ${shape.join(',')} of input '${name}' is no list of whole numbers`, { where });
  return shape;
}
