import { DTYPE_BYTES, type OpGraph, type OpNode } from './opGraph.js';

/** Arithmetic and traffic of one operator, each tensor counted once. */
export interface OperatorCost {
  /** floating-point operations; a multiply-accumulate counts 2 */
  flops: number;
  /** learned values */
  params: number;
  /** bytes of activations read */
  bytesIn: number;
  /** bytes of activations written */
  bytesOut: number;
  /** bytes of weights read */
  bytesWeights: number;
}

const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
/** Flops per output element: softmax max+sub+exp+sum+div, norm mean+var+scale (research/roofline.md rule 4). */
const PER_ELEMENT: Partial<Record<OpNode['op'], number>> = {
  relu: 1,
  relu6: 2,
  add: 1,
  mul: 1,
  sub: 1,
  div: 1,
  zero: 1,
  batch_norm: 2,
  layer_norm: 7,
  rms_norm: 5,
  softmax: 5,
  sigmoid: 4,
  hardsigmoid: 3,
  hardswish: 4,
  gelu: 8,
  silu: 5,
  tanh: 6,
  exp: 1,
  erf: 6,
  scan: 9,
};
const FREE = new Set<OpNode['op']>(['input', 'identity', 'reshape', 'dropout']);

/**
 * Cost of `node`, whose producers are `producers` in argument order.
 * conv2d: F = 2 N Ho Wo Co (Ci/g) Kh Kw; linear/matmul: F = 2 m n k; attention: F = 4 B H L d S (half when causal).
 */
export function operatorCost(node: OpNode, producers: readonly OpNode[]): OperatorCost {
  const width = DTYPE_BYTES[node.dtype];
  const out = size(node.shape),
    x = producers[0]?.shape;
  if (FREE.has(node.op)) return { flops: 0, params: 0, bytesIn: 0, bytesOut: 0, bytesWeights: 0 };
  let flops = (PER_ELEMENT[node.op] ?? 0) * out,
    params = 0;
  const a = node.attrs;
  switch (node.op) {
    case 'conv2d': {
      const [kh, kw] = a.kernel as number[];
      const perOutput = (x![1] / Number(a.groups ?? 1)) * kh * kw;
      params = Number(a.outChannels) * perOutput + (a.bias ? Number(a.outChannels) : 0);
      flops = 2 * out * perOutput + (a.bias ? out : 0);
      break;
    }
    case 'linear':
      params = x![x!.length - 1] * Number(a.outFeatures) + (a.bias ? Number(a.outFeatures) : 0);
      flops = 2 * out * x![x!.length - 1] + (a.bias ? out : 0);
      break;
    case 'matmul':
      flops = 2 * out * x![x!.length - 1];
      break;
    case 'attention': {
      const length = x!.length === 4 ? x![2] : (x?.[1] ?? 1);
      flops = 4 * x![0] * Number(a.heads) * length * Number(a.headDim) * Number(a.kvLength) * (a.causal ? 0.5 : 1);
      break;
    }
    case 'batch_norm':
      params = 2 * (node.shape[1] ?? 1);
      break;
    case 'layer_norm':
    case 'rms_norm':
      params = (node.op === 'layer_norm' ? 2 : 1) * (node.shape[node.shape.length - 1] ?? 1);
      break;
    case 'embedding':
      params = Number(a.rows) * Number(a.dim);
      break;
    case 'avg_pool2d':
    case 'max_pool2d':
      flops = out * (a.kernel as number[])[0] * (a.kernel as number[])[1];
      break;
    case 'global_avg_pool':
    case 'reduce':
      flops = x ? size(x) : out;
      break;
  }
  const bytesIn =
    node.op === 'embedding' || node.op === 'gather'
      ? out * width
      : producers.reduce((s, p) => s + size(p.shape) * DTYPE_BYTES[p.dtype], 0);
  return { flops, params, bytesIn, bytesOut: out * width, bytesWeights: node.op === 'embedding' ? 0 : params * width };
}

/** Costs of all nodes, in node order, and their sum. */
export function graphCosts(graph: OpGraph): { each: OperatorCost[]; total: OperatorCost } {
  const byId = new Map(graph.nodes.map((n) => [n.id, n]));
  const total: OperatorCost = { flops: 0, params: 0, bytesIn: 0, bytesOut: 0, bytesWeights: 0 };
  const each = graph.nodes.map((n) => {
    const c = operatorCost(
      n,
      n.inputs.map((i) => byId.get(i)!),
    );
    for (const k of Object.keys(total) as (keyof OperatorCost)[]) total[k] += c[k];
    return c;
  });
  return { each, total };
}
