import type { MappedOp } from '../graph/operatorText.js';
import type { OpGraph, OpNode } from '../graph/opGraph.js';
import type { ModelSource, ReadModelOptions } from '../graph/readers/modelReader.js';
import { decodeOnnx } from '../graph/readers/onnx/decodeOnnx.js';
import type { OnnxModel, OnnxNode } from '../graph/readers/onnx/onnxModel.js';
import { translateOnnx } from '../graph/readers/onnx/onnxReader.js';
import { headOperator } from './headOperator.js';

/** An ONNX model whose nodes are found by the names that profilers write: of the node, or of what it gives out. */
export class NamedNodes {
  readonly model: OnnxModel;
  private readonly byName = new Map<string, OnnxNode>();
  private readonly makers = new Map<string, OnnxNode>();

  /** @throws HwcastError `corrupt` where it is no whole ONNX file */
  constructor(readonly source: ModelSource) {
    this.model = decodeOnnx(source.bytes, source.name);
    for (const node of this.model.graph.nodes) {
      if (node.name) this.byName.set(node.name, node);
      for (const output of node.outputs) if (output) this.makers.set(output, node);
    }
  }

  /** Whether it is a constant that the file holds. */
  isConstant = (text: string): boolean => this.model.graph.initializers.has(text);
  named = (text: string): OnnxNode | undefined => this.byName.get(text) ?? this.makers.get(text);
  /** The node that makes a tensor. */
  makerOf = (tensor: string): OnnxNode | undefined => this.makers.get(tensor);
}

/** The operators of a model in the sizes of one run. */
export class ModelOperators {
  readonly graph: OpGraph;
  private readonly madeOf: ReadonlyMap<OnnxNode, readonly OpNode[]>;

  /** @throws HwcastError as readers of model files do */
  constructor({ model, source }: NamedNodes, options: ReadModelOptions) {
    const { graph, madeOf } = translateOnnx(model, options, source.name);
    this.graph = graph;
    this.madeOf = madeOf;
  }

  /** The operator that leads in what nodes became together; undefined where they are constants or views. */
  headOf(nodes: readonly OnnxNode[]): MappedOp | undefined {
    return headOperator(
      this.graph,
      nodes.flatMap((n) => this.madeOf.get(n) ?? []),
    );
  }

  /** Shape of what a node gives out; undefined where it became no operator. */
  shapeOf(node: OnnxNode): readonly number[] | undefined {
    return this.madeOf.get(node)?.at(-1)?.shape;
  }
}
