import type { MappedOp } from '../../../graph/operatorText.js';
import type { OpGraph } from '../../../graph/opGraph.js';
import type { ModelSource } from '../../../graph/readers/modelReader.js';
import type { OnnxNode } from '../../../graph/readers/onnx/onnxModel.js';
import { ModelOperators, NamedNodes } from '../../modelOperators.js';
import { isRoundedUp } from './isRoundedUp.js';
import type { NodeRun } from './onnxruntimeEvents.js';

/** Operators of the file that one of the optimised model may have been; others are of their own name. */
const WAS: Readonly<Record<string, readonly string[]>> = {
  // the scale and shift of a norm that stands alone runs as a convolution of each channel in blocked layouts
  Conv: ['Conv', 'BatchNormalization'],
  FusedConv: ['Conv'],
  NhwcConv: ['Conv'],
  NhwcFusedConv: ['Conv'],
  FusedGemm: ['Gemm', 'MatMul'],
  Gemm: ['Gemm', 'MatMul'],
  FusedMatMul: ['MatMul', 'Gemm'],
  MatMul: ['MatMul', 'Gemm'],
  NhwcMaxPool: ['MaxPool'],
};
/** Operators that are fused behind another: what they give out names the node they became part of. */
const FUSED_BEHIND = 4;

/** The model that a profile was taken of: its operators with attributes and shapes, found by the names in the profile. */
export class ProfiledModel {
  private readonly nodes: NamedNodes;
  private readonly operators: ModelOperators;
  private readonly types: ReadonlySet<string>;

  /** @throws HwcastError as readers of model files do */
  constructor(source: ModelSource, runs: readonly NodeRun[]) {
    this.nodes = new NamedNodes(source);
    this.types = new Set(this.nodes.model.graph.nodes.map((n) => n.opType));
    this.operators = new ModelOperators(this.nodes, { shapes: this.inputShapes(runs) });
  }

  get graph(): OpGraph {
    return this.operators.graph;
  }

  /** Whether what ran is of a type that the file has; reordering and fused activations are not, which optimisers make. */
  mayHave = ({ operator }: NodeRun): boolean => (WAS[operator] ?? [operator]).some((type) => this.types.has(type));

  /** The operator that ran, alone or with others fused to it, or why it is none; undefined where the name of its node tells none of the model's. */
  operatorOf(run: NodeRun): MappedOp | string | undefined {
    const node = this.nodeOf(run);
    if (!node) return undefined;
    const head = this.operators.headOf([node]),
      shape = this.operators.shapeOf(node);
    if (!head || !shape) return `${run.operator}: it gives out a constant of the model, or what it reads`;
    const [output] = run.outputs;
    if (output && !isRoundedUp(shape, output.shape))
      return `${run.operator}: the node of its name in the model gives out another shape`;
    return head;
  }

  /** The node of the file. */
  private nodeOf({ name, operator, inputs }: NodeRun): OnnxNode | undefined {
    const was = (WAS[operator] ?? [operator]).filter(
      (type) => type !== 'BatchNormalization' || operator === type || isScale(inputs),
    );
    // `relu_1_nchwc`, `MatMul_3/MatMulAddFusion`: what optimisers append
    for (let text = name.replace(/^fused /, ''); text; text = text.replace(/[/_ ]*[^/_ ]*$/, '')) {
      let node = this.nodes.named(text);
      if (!node) continue;
      for (let i = 0; node && i <= FUSED_BEHIND; i++) {
        if (was.includes(node.opType)) return node;
        node = this.nodes.makerOf(node.inputs[0]);
      }
      return undefined;
    }
    return undefined;
  }

  /** Shapes of the inputs whose sizes the file leaves open, from the nodes that read them. */
  private inputShapes(runs: readonly NodeRun[]): Record<string, number[]> {
    const { graph } = this.nodes.model,
      shapes: Record<string, number[]> = {},
      ran = new Map<OnnxNode, NodeRun>();
    for (const run of new Map(runs.map((r) => [r.name, r])).values()) {
      const node = this.nodeOf(run);
      if (node) ran.set(node, run);
    }
    for (const { name, dims } of graph.inputs) {
      if (!dims?.some((d) => typeof d === 'string')) continue;
      for (const node of graph.nodes) {
        const at = node.inputs.indexOf(name),
          shape = at < 0 ? undefined : ran.get(node)?.inputs?.[at]?.shape;
        if (shape?.length !== dims.length || dims.some((d, i) => typeof d === 'number' && d !== shape[i])) continue;
        shapes[name] = shape;
        break;
      }
    }
    return shapes;
  }
}

/** Weights of one value a channel. */
const isScale = (inputs: NodeRun['inputs']): boolean =>
  inputs?.[1]?.shape.length === 4 && inputs[1].shape.slice(1).every((n) => n === 1) && inputs[1].shape[0] === inputs[0].shape[1];
