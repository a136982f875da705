import { closeNames, HwcastError } from '../core/errors.js';
import { graphIndex, operands } from './graphIndex.js';
import { inferShape } from './inferShape.js';
import type { Attrs } from './operators/attributes.js';
import { isOperator, operatorNamed, operatorNames } from './operators/index.js';
import { sameShape } from './operators/shapes.js';
import type { OpGraph, OpNode, OpType } from './opGraph.js';
import { DTYPE_BYTES, type Dtype } from './tensorType.js';

export interface Tensor {
  shape: number[];
  dtype: Dtype;
}

/** One operator with the tensors it reads, e.g. of a trace. */
export interface MappedOp {
  op: OpType;
  attrs: Attrs;
  inputs: Tensor[];
  shape: number[];
  dtype: Dtype;
}

/**
 * Canonical text of one operator, its workload id: `op:conv2d/fp32/1x64x56x56/bias=0;groups=1;kernel=[3x3];...`, that is operator, element
 * type of the output, inputs (`;` between them, `.dtype` where it differs), attributes sorted by name. The output's shape is among the
 * attributes only where it does not follow from the rest.
 */
export function operatorText({ op, attrs, inputs, shape, dtype }: MappedOp): string {
  const tensor = (t: Tensor) => `${t.shape.join('x') || 'scalar'}${t.dtype === dtype ? '' : `.${t.dtype}`}`;
  const all = follows(op, inputs, attrs, shape) ? attrs : { ...attrs, shape };
  const values = Object.keys(all)
    .sort()
    .map((k) => `${k}=${Array.isArray(all[k]) ? `[${(all[k] as number[]).join('x')}]` : all[k]}`);
  return `op:${op}/${dtype}/${inputs.map(tensor).join(';')}/${values.join(';')}`;
}

/** True where canonical texts leave out the output's shape. */
function follows(op: OpType, inputs: Tensor[], attrs: Attrs, shape: number[]): boolean {
  try {
    const left = operatorNamed(op).textShape(
      inputs.map((t) => t.shape),
      attrs,
    );
    return left !== undefined && sameShape(left, shape);
  } catch {
    return false;
  }
}

/**
 * The operator of a text written by `operatorText`.
 * @throws HwcastError `bad-input` with the part that does not fit.
 */
export function parseOperatorText(text: string): MappedOp {
  const fail = (why: string) =>
    new HwcastError('bad-input', `not an operator: '${text.slice(0, 120)}' (${why})`, {
      hint: 'write op:NAME/DTYPE/INPUTS/ATTRIBUTES, e.g. op:linear/fp32/1x128x768/bias=1;outFeatures=3072',
    });
  const [head, dtypeText, inputText, ...rest] = text.trim().split('/');
  const op = head.replace(/^op:/, '') as OpType;
  if (!head.startsWith('op:') || !isOperator(op)) {
    const close = closeNames(op, operatorNames());
    throw fail(`unknown operator '${op}'${close.length ? `; did you mean ${close.join(', ')}?` : ''}`);
  }
  const known = (name: string): Dtype => {
    if (!Object.hasOwn(DTYPE_BYTES, name)) throw fail(`unknown element type '${name}'`);
    return name as Dtype;
  };
  const dtype = known(dtypeText ?? '');
  const numbers = (s: string): number[] =>
    s.split('x').map((n) => {
      if (!/^-?\d+(\.\d+)?$/.test(n)) throw fail(`'${n}' is no number`);
      return Number(n);
    });
  const inputs = (inputText ? inputText.split(';') : []).map((t) => {
    const [dims, own] = t.split('.');
    return { shape: dims === 'scalar' ? [] : numbers(dims), dtype: own ? known(own) : dtype };
  });
  const attrs: Record<string, Attrs[string]> = {};
  for (const part of rest.join('/').split(';').filter(Boolean)) {
    const at = part.indexOf('='),
      value = part.slice(at + 1);
    if (at < 1) throw fail(`'${part}' is no name=value`);
    attrs[part.slice(0, at)] = value.startsWith('[')
      ? value === '[]'
        ? []
        : numbers(value.slice(1, -1))
      : /^-?\d+(\.\d+)?(e-?\d+)?$/.test(value)
        ? Number(value)
        : value;
  }
  try {
    const shape = inferShape(
      op,
      inputs.map((t) => t.shape),
      attrs,
    );
    return { op, attrs, inputs, shape, dtype };
  } catch (error) {
    if (!(error instanceof HwcastError)) throw error;
    throw new HwcastError(error.code, error.message, { where: `'${text.slice(0, 120)}'`, hint: error.hint, cause: error });
  }
}

/** The operator as a graph of its own: one input node for each tensor it reads. */
export function operatorGraph({ op, attrs, inputs, shape, dtype }: MappedOp): OpGraph {
  const nodes: OpNode[] = inputs.map((t, i) => ({
    id: `x${i}`,
    op: 'input',
    inputs: [],
    attrs: { shape: t.shape },
    shape: t.shape,
    dtype: t.dtype,
  }));
  const own = follows(op, inputs, attrs, shape) ? attrs : { ...attrs, shape };
  nodes.push({ id: 'y', op, inputs: inputs.map((_, i) => `x${i}`), attrs: own, shape, dtype });
  return { nodes, outputs: ['y'] };
}

/** The inverse of `operatorGraph`: the last node with the tensors it reads. */
export function operatorOfGraph(graph: OpGraph): MappedOp {
  const at = graph.nodes.length - 1;
  const { op, attrs, shape, dtype } = graph.nodes[at];
  const inputs = operands(graph, graphIndex(graph), at).map((t) => ({ shape: [...t.shape], dtype: t.dtype }));
  return { op, attrs, inputs, shape, dtype };
}
