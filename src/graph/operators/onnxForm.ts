import { HwcastError } from '../../core/errors.js';
import type { Shape, TensorType } from '../tensorType.js';
import { paddingOf, type Window } from './window.js';

/** An attribute of an ONNX operator; real numbers that may be whole are written `{ float: 1 }`. */
export type OnnxAttributeValue = number | string | readonly number[] | { readonly float: number };

/** Where one node is written as operators of ONNX (operator set 20); tensors go by their names. */
export interface OnnxSite<A> {
  readonly id: string;
  readonly op: string;
  readonly attrs: A;
  readonly inputs: readonly TensorType[];
  readonly output: TensorType;
  /** a learned tensor of the node, in the shape ONNX wants it */
  weight(name: string, shape: Shape): string;
  /** whole numbers as a constant of one axis */
  integers(values: readonly number[]): string;
  /** a real number as a constant without axes, of the output's element type */
  scalar(value: number): string;
  /** Adds an operator of ONNX with one output; the name of that. */
  add(opType: string, inputs: readonly string[], attributes?: Readonly<Record<string, OnnxAttributeValue>>): string;
  /** Adds an operator of ONNX with `outputs` outputs; their names. */
  addSeveral(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttributeValue>>,
    outputs: number,
  ): string[];
}

/** How an operator is written in ONNX: the names of its outputs from those of its inputs. @throws HwcastError `unsupported` for forms that have none. */
export type OnnxForm<A> = (site: OnnxSite<A>, inputs: readonly string[]) => string | readonly string[];

/** An operator of one tensor that ONNX has under another name. */
export const onnxUnary =
  (opType: string, attributes?: Readonly<Record<string, OnnxAttributeValue>>): OnnxForm<unknown> =>
  ({ add }, [x]) =>
    add(opType, [x], attributes);

/** Two operands or more that broadcast; a lone operand is combined with 1. */
export const onnxBinary =
  (opType: string, attributes?: Readonly<Record<string, OnnxAttributeValue>>): OnnxForm<unknown> =>
  ({ add, scalar }, operands) =>
    operands.length === 1
      ? add(opType, [operands[0], scalar(1)], attributes)
      : operands.reduce((a, b) => add(opType, [a, b], attributes));

/** x f(x), for activations that gate their input. */
export const onnxGate =
  (gate: OnnxForm<unknown>): OnnxForm<unknown> =>
  (site, [x]) =>
    site.add('Mul', [x, gate(site, [x]) as string]);

/** Attributes of windows over [N, C, ..] of `x`; padding is written out. */
export function onnxWindow(window: Window, x: Shape): Record<string, OnnxAttributeValue> {
  const sides = window.kernel.map((_, axis) => paddingOf(window, axis, x[axis + 2]));
  return {
    kernel_shape: window.kernel,
    strides: window.stride,
    dilations: window.dilation,
    pads: [...sides.map(([before]) => before), ...sides.map(([, after]) => after)],
  };
}

export const notInOnnx = (node: { id: string; op: string }, why: string): HwcastError =>
  new HwcastError('unsupported', `hwcast cannot write ${node.op} in ONNX: ${why}`, {
    where: `node ${node.id}`,
    hint: 'measure it with another runtime, or measure the model file it is exported to',
  });

/** Weights of a node are its own: forms that read them from tensors are not written. */
export function onnxOwnWeights(node: { id: string; op: string; inputs: readonly unknown[] }): void {
  if (node.inputs.length > 1) throw notInOnnx(node, `it reads ${node.inputs.length} tensors, its weights among them`);
}
