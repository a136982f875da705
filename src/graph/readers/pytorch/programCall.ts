import { type AtenCall, type AtenTensor, Unusable } from '../../aten/atenCall.js';
import type { Argument, ProgramNode } from './programSchema.js';
import type { ProgramScope } from './programScope.js';

/** Arguments of one node of an exported program: by name; programs without names of an operator's arguments, by position. */
export class ProgramCall implements AtenCall {
  readonly outputs: readonly AtenTensor[];

  constructor(
    private readonly node: ProgramNode,
    private readonly signature: readonly string[],
    private readonly scope: ProgramScope,
  ) {
    this.outputs = node.outputs.flatMap(tensorNames).map((name) => scope.tensor(name));
  }

  private argument(name: string): Argument | undefined {
    const found = this.node.inputs.find((input) => input.name === name);
    if (found) return found.arg;
    // an overload may call an argument otherwise; named ones have no place
    const position = this.signature.indexOf(name);
    const placed = this.node.inputs[position];
    return placed && placed.kind !== 2 && !this.signature.includes(placed.name) ? placed.arg : undefined;
  }

  has(name: string): boolean {
    const arg = this.argument(name);
    return (
      arg !== undefined &&
      'as_tensors' in arg === false &&
      'as_optional_tensors' in arg === false &&
      tensorNames(arg).length === 1
    );
  }

  tensor(name: string): AtenTensor {
    const arg = this.argument(name);
    const [found] = arg ? tensorNames(arg) : [];
    if (found === undefined) throw new Unusable(`no tensor '${name}' among its arguments`);
    return this.scope.tensor(found);
  }

  tensors(): AtenTensor[] {
    return this.node.inputs.flatMap((input) => tensorNames(input.arg)).map((name) => this.scope.tensor(name));
  }

  list(name: string): AtenTensor[] {
    const arg = this.argument(name);
    if (!arg) throw new Unusable(`no tensors '${name}' among its arguments`);
    return tensorNames(arg)
      .map((n) => this.scope.tensor(n))
      .filter((t) => !(t.shape.length === 1 && t.shape[0] === 0));
  }

  numbers(name: string, fallback?: readonly number[]): number[] {
    const arg = this.argument(name);
    const values = arg && this.scope.numbers(arg);
    if (values) return values;
    if (fallback) return [...fallback];
    throw new Unusable(`no number '${name}' among its arguments`);
  }

  flag(name: string): boolean {
    return this.argument(name)?.as_bool === true;
  }

  word(name: string): string | undefined {
    const text = this.argument(name)?.as_string;
    return typeof text === 'string' ? text : undefined;
  }

  isGiven(name: string): boolean {
    const arg = this.argument(name);
    return arg !== undefined && !('as_none' in arg);
  }
}

const nameOf = (value: unknown): string[] => {
  const name = (value as { name?: unknown } | undefined)?.name;
  return typeof name === 'string' ? [name] : [];
};

/** Names of the tensors of an argument: one, a list, or a list with gaps. */
export function tensorNames(arg: Argument): string[] {
  if ('as_tensor' in arg) return nameOf(arg.as_tensor);
  if ('as_optional_tensor' in arg) return tensorNames((arg.as_optional_tensor ?? {}) as Argument);
  const list = arg.as_tensors ?? arg.as_optional_tensors;
  if (!Array.isArray(list)) return [];
  return list.flatMap((item) => ('as_tensor' in item || 'as_none' in item ? tensorNames(item) : nameOf(item)));
}
