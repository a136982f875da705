import type { Attrs } from '../operators/attributes.js';
import type { Tensor } from '../operatorText.js';
import type { Dtype } from '../tensorType.js';

/** A tensor among the arguments of a call. */
export interface AtenTensor extends Tensor {
  /** name of the value in its program; traces have none */
  ref?: string;
  /** elements between neighbours along each axis, where known */
  strides?: readonly number[];
  /** its values are stored with the model */
  stored?: boolean;
}

/**
 * One call of an ATen operator, whoever recorded it: an event of a trace or a node of an exported program. Arguments are asked for by their names in
 * the signature of the rule; every getter throws `Unusable` with the reason where an argument is not there and no fallback is given.
 */
export interface AtenCall {
  /** tensors that the call states as its results; undefined in traces, which do not say */
  readonly outputs: readonly AtenTensor[] | undefined;
  /** whether the argument is a tensor */
  has(name: string): boolean;
  tensor(name: string): AtenTensor;
  /** tensors among the arguments, in order; traces leave out those without an axis, which may be scalars */
  tensors(): AtenTensor[];
  /** tensors of a list; empty ones are left out */
  list(name: string): AtenTensor[];
  /** an empty fallback says that the argument may be absent; other fallbacks are the defaults of the signature, which programs leave out */
  numbers(name: string, fallback?: readonly number[]): number[];
  flag(name: string): boolean;
  /** the argument as a word, e.g. a padding mode; undefined where it is none */
  word(name: string): string | undefined;
  /** whether a scalar or list argument is given at all */
  isGiven(name: string): boolean;
}

/** What a call is in hwcast's vocabulary, before its output is inferred. */
export interface Made {
  op: string;
  attrs: Attrs;
  /** operands; one whose shape is not that of its value is read through a reshape */
  inputs: AtenTensor[];
  /** where it does not follow from the rest */
  shape?: readonly number[];
  /** of the output; the first input's unless told */
  dtype?: Dtype;
  /** weights and shifts of an operator that holds its own where they are stored */
  weights?: AtenTensor[];
}

export type AtenRule = (call: AtenCall) => Made;

/** Rules of operators with one signature. */
export interface AtenOperator {
  /** names of the arguments in order */
  readonly signature: readonly string[];
  readonly rule: AtenRule;
}
export type AtenTable = Readonly<Record<string, AtenOperator>>;

/** Why a call cannot be used. */
export class Unusable extends Error {}

/** One rule for several operators (names without `aten::`, separated by spaces) of one signature. */
export function operators(names: string, signature: string, rule: AtenRule): AtenTable {
  const row = { signature: signature.split(' '), rule };
  return Object.fromEntries(names.split(' ').map((name) => [name, row]));
}

/** Output shape that the call states, or the one inferred. */
export const statedOr = (call: AtenCall, inferred: () => readonly number[]): readonly number[] =>
  call.outputs?.[0]?.shape ?? inferred();

/** Arguments that are weights, where the call is of a program; traces do not say what is a weight. */
export const weightsOf = (call: AtenCall, ...names: string[]): AtenTensor[] =>
  call.outputs ? names.flatMap((name) => (call.has(name) ? [call.tensor(name)] : [])) : [];

/** An axis counted from the front. */
export const fromFront = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);
