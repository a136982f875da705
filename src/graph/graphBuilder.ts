import { HwcastError } from '../core/errors.js';
import { remember } from './graphIndex.js';
import type { Attrs } from './operators/attributes.js';
import { operatorNamed } from './operators/index.js';
import type { OpGraph, OpNode, OpType } from './opGraph.js';
import { outputAt, parseReference } from './reference.js';
import type { Dtype, Shape, TensorType } from './tensorType.js';

const NO_ATTRS: Attrs = Object.freeze({});
const names: string[] = [];
/** `n0`, `n1`, ..: the same strings in every graph. */
const nameOf = (position: number): string => (names[position] ??= `n${position}`);

const convolutions = new Map<number, Attrs>();

/** Attributes of a padded convolution without bias; the same object for the same numbers, so that they are checked once. */
function convolutionAttrs(outChannels: number, kernel: number, stride: number, groups: number): Attrs {
  const key = ((outChannels * 4096 + groups) * 64 + kernel) * 16 + stride;
  let attrs = convolutions.get(key);
  if (!attrs) {
    attrs = Object.freeze({
      kernel: [kernel, kernel],
      stride: [stride, stride],
      padding: [kernel >> 1, kernel >> 1],
      groups,
      outChannels,
      bias: 0,
    });
    if (convolutions.size > 10_000) convolutions.clear();
    convolutions.set(key, attrs);
  }
  return attrs;
}

/** Builds an OpGraph node by node with inferred shapes; `add` returns the id of the new node. `graph()` is the fluent form of it. */
export class GraphBuilder {
  readonly nodes: OpNode[] = [];
  private readonly position = new Map<string, number>();
  private readonly from: number[][] = [];
  private readonly ports = new Map<number, number[]>();
  private readonly assumptions: string[] = [];

  constructor(private readonly dtype: Dtype = 'fp32') {}

  input(shape: number[], dtype?: Dtype): string {
    return this.add('input', [], { shape }, dtype);
  }

  /**
   * Adds an operator that reads `inputs` (ids; `id:1` is the second output of a node with several).
   * @throws HwcastError `bad-input` where it does not fit, `not-found` for an operator or input that there is not.
   */
  add(op: OpType, inputs: string[], attrs: Attrs = NO_ATTRS, dtype: Dtype = this.dtype): string {
    const operator = operatorNamed(op);
    const count = inputs.length;
    const from: number[] = new Array(count);
    const shapes: Shape[] = new Array(count);
    for (let k = 0; k < count; k++) {
      let at = this.position.get(inputs[k]);
      if (at !== undefined) shapes[k] = this.nodes[at].shape;
      else {
        const { node, port, tensor } = this.tensorOf(inputs[k]);
        at = node;
        if (port) this.portsOf(this.nodes.length, count)[k] = port;
        shapes[k] = tensor.shape;
      }
      from[k] = at;
    }
    const node: OpNode = {
      id: nameOf(this.nodes.length),
      op,
      inputs,
      attrs,
      shape: operator.shape(shapes, attrs) as number[],
      dtype,
    };
    const further = operator.further?.(shapes, attrs);
    if (further?.length) node.furtherOutputs = further.map((t) => ({ shape: [...t.shape], dtype: t.dtype ?? dtype }));
    this.position.set(node.id, this.nodes.length);
    this.nodes.push(node);
    this.from.push(from);
    return node.id;
  }

  private portsOf(node: number, count: number): number[] {
    const ports = this.ports.get(node) ?? (new Array(count).fill(0) as number[]);
    this.ports.set(node, ports);
    return ports;
  }

  private tensorOf(reference: string): { node: number; port: number; tensor: TensorType } {
    const found = parseReference(reference, this.position);
    const tensor = found && outputAt(this.nodes[found.node], found.port);
    if (!found || !tensor) throw new HwcastError('not-found', `the graph has no tensor '${reference}'`);
    return { ...found, tensor };
  }

  /** @throws HwcastError `not-found` */
  typeOf(id: string): TensorType {
    return this.tensorOf(id).tensor;
  }

  shapeOf(id: string): Shape {
    return this.typeOf(id).shape;
  }

  conv(x: string, outChannels: number, kernel: number, stride = 1, groups = 1): string {
    return this.add('conv2d', [x], convolutionAttrs(outChannels, kernel, stride, groups));
  }

  /** Says what was taken for granted. */
  assume(assumption: string): this {
    this.assumptions.push(assumption);
    return this;
  }

  build(outputs: string[]): OpGraph {
    const graph: OpGraph = { nodes: this.nodes.slice(), outputs };
    if (this.assumptions.length) graph.assumptions = [...this.assumptions];
    remember(graph, {
      position: this.position,
      inputs: this.from.slice(),
      ports: new Map(this.ports),
      outputs: outputs.map((id) => this.tensorOf(id).node),
    });
    return graph;
  }
}
