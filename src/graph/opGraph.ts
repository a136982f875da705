import { z } from 'zod';
import { HwcastError } from '../core/errors.js';

/** Element types and their width in bytes. `int4` counts half a byte. */
export const DTYPE_BYTES = {
  fp64: 8,
  fp32: 4,
  tf32: 4,
  fp16: 2,
  bf16: 2,
  fp8: 1,
  int64: 8,
  int32: 4,
  int16: 2,
  int8: 1,
  uint8: 1,
  int4: 0.5,
  bool: 1,
} as const;
export type Dtype = keyof typeof DTYPE_BYTES;
export const DtypeSchema = z.enum(Object.keys(DTYPE_BYTES) as [Dtype, ...Dtype[]]);

/**
 * Operator vocabulary. Image tensors are [N, C, H, W], sequences [B, S, D].
 *
 * | op | attrs |
 * |---|---|
 * | input | - |
 * | conv2d | kernel [kh, kw], stride [sh, sw], padding [ph, pw], groups, outChannels, bias (0/1) |
 * | linear | outFeatures, bias (0/1): the last axis is contracted with a weight |
 * | matmul | transposeB (0/1): two activations [.., m, k] x [.., k, n] |
 * | attention | heads, kvHeads, headDim, kvLength, causal (0/1): fused scaled dot product |
 * | avg_pool2d, max_pool2d | kernel, stride, padding |
 * | global_avg_pool, reduce | axis |
 * | batch_norm, layer_norm, rms_norm, softmax | - |
 * | relu .. erf, dropout | - |
 * | add, mul, sub, div | broadcasting |
 * | zero | multiplies its input by 0 (NAS-Bench-201 `none`) |
 * | identity | passes its input on; costs nothing |
 * | embedding | rows, dim |
 * | concat, reshape, transpose, slice, pad, copy, resize, gather | data movement |
 * | opaque | anything else: `kind` names it; counted by its output only, with a warning |
 */
export const OP_TYPES = [
  'input',
  'conv2d',
  'linear',
  'matmul',
  'attention',
  'avg_pool2d',
  'max_pool2d',
  'global_avg_pool',
  'reduce',
  'batch_norm',
  'layer_norm',
  'rms_norm',
  'softmax',
  'relu',
  'relu6',
  'sigmoid',
  'hardsigmoid',
  'hardswish',
  'gelu',
  'silu',
  'tanh',
  'exp',
  'erf',
  'dropout',
  'add',
  'mul',
  'sub',
  'div',
  'zero',
  'identity',
  'embedding',
  'concat',
  'reshape',
  'transpose',
  'slice',
  'pad',
  'copy',
  'resize',
  'gather',
  'scan',
  'opaque',
] as const;
export type OpType = (typeof OP_TYPES)[number];

export const AttrValue = z.union([z.number(), z.string(), z.array(z.number())]);
export type Attrs = Record<string, number | string | number[]>;

export const OpNodeSchema = z.strictObject({
  id: z.string().min(1),
  op: z.enum(OP_TYPES),
  /** ids of the producing nodes, in argument order */
  inputs: z.array(z.string()),
  attrs: z.record(z.string(), AttrValue),
  /** shape and element type of the one output */
  shape: z.array(z.int().nonnegative()),
  dtype: DtypeSchema,
});
export type OpNode = z.infer<typeof OpNodeSchema>;

export const OpGraphSchema = z.strictObject({
  /** nodes in topological order: every input stands before its consumer */
  nodes: z.array(OpNodeSchema).min(1),
  /** ids of the nodes whose values leave the graph */
  outputs: z.array(z.string()).min(1),
});
/** What runs: operators with their attributes and output tensors; edges are the `inputs` of each node. */
export type OpGraph = z.infer<typeof OpGraphSchema>;

/**
 * Checks an OpGraph from outside: schema, unique ids, topological order, known outputs.
 * @throws HwcastError `bad-input` naming the node.
 */
export function parseOpGraph(value: unknown, where?: string): OpGraph {
  const parsed = OpGraphSchema.safeParse(value);
  if (!parsed.success)
    throw new HwcastError('bad-input', `not an operator graph: ${z.prettifyError(parsed.error)}`, { where, cause: parsed.error });
  const seen = new Set<string>();
  for (const node of parsed.data.nodes) {
    if (seen.has(node.id)) throw new HwcastError('bad-input', `node id '${node.id}' appears twice`, { where });
    const missing = node.inputs.find((i) => !seen.has(i));
    if (missing !== undefined)
      throw new HwcastError('bad-input', `node '${node.id}' reads '${missing}', which does not stand before it`, {
        where,
        hint: 'list the nodes in topological order',
      });
    seen.add(node.id);
  }
  const unknown = parsed.data.outputs.find((o) => !seen.has(o));
  if (unknown !== undefined) throw new HwcastError('bad-input', `output '${unknown}' is no node of the graph`, { where });
  return parsed.data;
}
