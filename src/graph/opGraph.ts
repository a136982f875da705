import { z } from 'zod';
import { closeNames, HwcastError } from '../core/errors.js';
import type { Attrs } from './operators/attributes.js';
import { isOperator, operatorNamed, operatorNames } from './operators/index.js';
import { sameShape } from './operators/shapes.js';
import { outputAt, parseReference } from './reference.js';
import { type Dtype, DtypeSchema, type TensorType } from './tensorType.js';

export type { Attrs } from './operators/attributes.js';
export { DTYPE_BYTES, type Dtype, DtypeSchema } from './tensorType.js';

/** Name of an operator of the table in `operators/`. */
export type OpType = string;

const AttrValue = z.union([z.number(), z.string(), z.array(z.number())]);

/** One operator of a graph. */
export interface OpNode {
  id: string;
  op: OpType;
  /** what it reads, in argument order: ids of nodes, `id:1` for the second output of one with several */
  inputs: string[];
  attrs: Attrs;
  /** shape and element type of the first output */
  shape: number[];
  dtype: Dtype;
  /** outputs after the first, of operators that have several */
  furtherOutputs?: { shape: number[]; dtype: Dtype }[] | undefined;
}

const ShapeSchema = z.array(z.int().nonnegative());
const OpSchema = z.string().refine(isOperator, {
  error: ({ input }) => {
    const close = closeNames(String(input), operatorNames());
    return `no operator '${input}'${close.length ? `; did you mean ${close.join(', ')}?` : ''}`;
  },
});

const OpNodeSchema: z.ZodType<OpNode> = z.strictObject({
  id: z.string().min(1),
  op: OpSchema,
  inputs: z.array(z.string()),
  attrs: z.record(z.string(), AttrValue),
  shape: ShapeSchema,
  dtype: DtypeSchema,
  furtherOutputs: z.array(z.strictObject({ shape: ShapeSchema, dtype: DtypeSchema })).optional(),
});

/** What runs: operators with their attributes and output tensors; edges are the `inputs` of each node. */
export interface OpGraph {
  /** nodes in topological order: every input stands before its consumer */
  nodes: OpNode[];
  /** ids of the nodes whose values leave the graph */
  outputs: string[];
  /** what a reader took for granted; absent where nothing was */
  assumptions?: string[] | undefined;
  /** learned values of the model that became part of others when it was exported, so that no node has them */
  foldedParams?: number | undefined;
}

export const OpGraphSchema: z.ZodType<OpGraph> = z.strictObject({
  nodes: z.array(OpNodeSchema).min(1),
  outputs: z.array(z.string()).min(1),
  assumptions: z.array(z.string()).optional(),
  foldedParams: z.int().positive().optional(),
});

/**
 * Checks an OpGraph from outside: schema, unique ids, topological order, known outputs; of each node its attributes, and that its shape is what its
 * operator makes of its inputs.
 * @throws HwcastError `bad-input` naming the node, what it states and what was expected.
 */
export function parseOpGraph(value: unknown, where?: string): OpGraph {
  const parsed = OpGraphSchema.safeParse(value);
  if (!parsed.success)
    throw new HwcastError('bad-input', `not an operator graph: ${z.prettifyError(parsed.error)}`, { where, cause: parsed.error });
  const { nodes, outputs, assumptions, foldedParams } = parsed.data;
  const position = new Map<string, number>();
  const tensorNamed = (reference: string): TensorType | undefined => {
    const found = parseReference(reference, position);
    return found && outputAt(nodes[found.node], found.port);
  };
  nodes.forEach((node, i) => {
    if (position.has(node.id)) throw new HwcastError('bad-input', `node id '${node.id}' appears twice`, { where });
    const inputs = node.inputs.map((reference) => {
      const tensor = tensorNamed(reference);
      if (!tensor)
        throw new HwcastError('bad-input', `node '${node.id}' reads '${reference}', which does not stand before it`, {
          where,
          hint: 'list the nodes in topological order; id:1 is the second output of a node that has several',
        });
      return tensor;
    });
    checkNode(node, inputs, where);
    position.set(node.id, i);
  });
  const unknown = outputs.find((reference) => !tensorNamed(reference));
  if (unknown !== undefined) throw new HwcastError('bad-input', `output '${unknown}' is no node of the graph`, { where });
  return {
    nodes,
    outputs,
    ...(assumptions?.length ? { assumptions } : {}),
    ...(foldedParams === undefined ? {} : { foldedParams }),
  };
}

/** Attributes and shapes of a node against its operator. */
function checkNode(node: OpNode, inputs: readonly TensorType[], where: string | undefined): void {
  const fail = (why: string, hint?: string, cause?: unknown) =>
    new HwcastError('bad-input', `node '${node.id}': ${why}`, { where, hint, cause });
  const operator = operatorNamed(node.op);
  const shapes = inputs.map((t) => t.shape);
  try {
    const made = operator.shape(shapes, node.attrs, node.shape);
    if (!sameShape(made, node.shape))
      throw fail(
        `states the shape [${node.shape}], ${node.op} makes [${made}] of ${shapes.map((s) => `[${s}]`).join(' ') || 'nothing'}`,
      );
    const further = operator.further?.(shapes, node.attrs) ?? [];
    const stated = node.furtherOutputs ?? [];
    if (stated.length > further.length) throw fail(`states ${stated.length} further outputs, ${node.op} makes ${further.length}`);
    stated.forEach(({ shape }, k) => {
      if (!sameShape(shape, further[k].shape))
        throw fail(`states the shape [${shape}] of output ${k + 1}, ${node.op} makes [${further[k].shape}]`);
    });
    operator.cost(node, inputs);
  } catch (error) {
    if (!(error instanceof HwcastError) || error.message.startsWith('node ')) throw error;
    throw fail(error.message, error.hint, error);
  }
}
