import { elementCount } from '../core/elementCount.js';
import type { Attrs } from '../graph/operators/attributes.js';
import { operatorNamed } from '../graph/operators/index.js';
import type { OperatorCost } from '../graph/operators/operator.js';
import type { Shape, TensorType } from '../graph/tensorType.js';

/** Kinds of kernels whose utilisation differs. */
export const KERNEL_KINDS = [
  'conv',
  'pointwise',
  'depthwise',
  'grouped',
  'linear',
  'bmm',
  'attention',
  'masked',
  'softmax',
  'norm',
  'groupnorm',
  'channelwise',
  'pool',
  'activation',
  'elementwise',
  'broadcast',
  'copy',
  'other',
] as const;
export type KernelKind = (typeof KERNEL_KINDS)[number];

/** A matrix product of each of `groups`: [rows, depth] x [depth, columns]. */
export interface MatrixWork {
  rows: number;
  columns: number;
  depth: number;
  groups: number;
  /** elements of the filter, 1 for plain products */
  window: number;
}

/** What a kernel does, apart from any device. */
export interface KernelWork {
  kind: KernelKind;
  flops: number;
  /** of activations read and written */
  bytes: number;
  weightBytes: number;
  /** elements along the last axis of its output */
  row: number;
  matrix?: MatrixWork;
  /** runs only where elements are narrower than fp32 */
  isOfHalf?: true;
}

interface Node extends TensorType {
  op: string;
  attrs: Attrs;
}

const KIND_OF_OPERATOR: Readonly<Record<string, KernelKind>> = {
  linear: 'linear',
  attention: 'attention',
  softmax: 'softmax',
  batch_norm: 'channelwise',
  silu: 'activation',
  instance_norm: 'groupnorm',
  pow: 'elementwise',
  sqrt: 'elementwise',
  reciprocal: 'elementwise',
  neg: 'elementwise',
  copy: 'copy',
  concat: 'copy',
};
const KIND_OF_OPAQUE: Readonly<Record<string, KernelKind>> = {
  group_norm: 'groupnorm',
  pow: 'elementwise',
  rsqrt: 'elementwise',
  neg: 'elementwise',
  clamp: 'activation',
  clamp_min: 'activation',
};
const KIND_OF_CLASS: Readonly<Record<string, KernelKind>> = {
  conv: 'conv',
  pointwise: 'pointwise',
  depthwise: 'depthwise',
  grouped: 'grouped',
  pool: 'pool',
  activation: 'activation',
  norm: 'norm',
  add: 'elementwise',
};

/** The work of one operator that runs as one kernel. */
export function kernelOfOperator(
  node: Node,
  inputs: readonly TensorType[],
  cost: Pick<OperatorCost, 'flops' | 'bytesIn' | 'bytesOut' | 'bytesWeights'>,
): KernelWork {
  const matrix = matrixOf(node, inputs),
    kind = kindOf(node, inputs, matrix);
  return {
    kind,
    flops: cost.flops,
    bytes: cost.bytesIn + cost.bytesOut,
    weightBytes: cost.bytesWeights,
    row: kind === 'groupnorm' ? 1 : (node.shape.at(-1) ?? 1),
    ...(matrix ? { matrix } : {}),
  };
}

function kindOf(node: Node, inputs: readonly TensorType[], matrix?: MatrixWork): KernelKind {
  if (node.op === 'matmul') return matrix && matrix.groups > 1 ? 'bmm' : 'linear';
  const known = KIND_OF_OPERATOR[node.op] ?? KIND_OF_OPAQUE[String(node.attrs.kind ?? '').replace(/^aten::|_$/g, '')];
  const kind = known ?? KIND_OF_CLASS[operatorNamed(node.op).featureClass(inputs, node.attrs)] ?? 'other';
  return kind === 'elementwise' && isBroadcast(node, inputs) ? 'broadcast' : kind;
}

/** Whether an operand of more than one element is repeated: frameworks then compute the place of each element. */
const isBroadcast = ({ shape }: Node, inputs: readonly TensorType[]): boolean =>
  inputs.some((t) => elementCount(t.shape) > 1 && elementCount(t.shape) < elementCount(shape));

function matrixOf({ op, attrs, shape }: Node, inputs: readonly TensorType[]): MatrixWork | undefined {
  const first: Shape = inputs[0]?.shape ?? [];
  if (/^conv/.test(op)) {
    const groups = Number(attrs.groups ?? 1),
      channels = Number(attrs.outChannels ?? shape[1]);
    const window = elementCount([attrs.kernel ?? 1].flat() as number[]);
    return {
      rows: elementCount(shape) / channels,
      columns: channels / groups,
      depth: ((first[1] ?? 1) / groups) * window,
      groups,
      window,
    };
  }
  if (op === 'linear')
    return {
      rows: elementCount(shape) / (shape.at(-1) ?? 1),
      columns: shape.at(-1) ?? 1,
      depth: first.at(-1) ?? 1,
      groups: 1,
      window: 1,
    };
  if (op === 'matmul')
    return {
      rows: shape.at(-2) ?? 1,
      columns: shape.at(-1) ?? 1,
      depth: first.at(-1) ?? 1,
      groups: elementCount(shape.slice(0, -2)),
      window: 1,
    };
  if (op === 'attention')
    return {
      rows: first.at(-2) ?? 1,
      columns: Number(attrs.kvLength ?? first.at(-2) ?? 1),
      depth: first.at(-1) ?? 1,
      groups: elementCount(first.slice(0, -2)),
      window: 1,
    };
  return undefined;
}
