import { inferShape } from './inferShape.js';
import type { Attrs, Dtype, OpGraph, OpNode, OpType } from './opGraph.js';

/** Builds an OpGraph node by node with inferred shapes; `add` returns the id of the new node. */
export class GraphBuilder {
  readonly nodes: OpNode[] = [];
  private readonly byId = new Map<string, OpNode>();

  constructor(private readonly dtype: Dtype = 'fp32') {}

  input(shape: number[]): string {
    return this.add('input', [], { shape });
  }

  add(op: OpType, inputs: string[], attrs: Attrs = {}): string {
    const node: OpNode = {
      id: `n${this.nodes.length}`,
      op,
      inputs,
      attrs,
      shape: inferShape(
        op,
        inputs.map((i) => this.byId.get(i)!.shape),
        attrs,
      ),
      dtype: this.dtype,
    };
    this.nodes.push(node);
    this.byId.set(node.id, node);
    return node.id;
  }

  shapeOf(id: string): readonly number[] {
    return this.byId.get(id)!.shape;
  }

  conv(x: string, outChannels: number, kernel: number, stride = 1, groups = 1): string {
    return this.add('conv2d', [x], {
      kernel: [kernel, kernel],
      stride: [stride, stride],
      padding: [kernel >> 1, kernel >> 1],
      groups,
      outChannels,
      bias: 0,
    });
  }

  build(outputs: string[]): OpGraph {
    return { nodes: this.nodes, outputs };
  }
}
