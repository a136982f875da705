import { HwcastError } from '../../../core/errors.js';
import type { AtenTensor } from '../../aten/atenCall.js';
import type { Dtype } from '../../tensorType.js';
import type { Argument, ProgramGraph, SymInt } from './programSchema.js';
import type { StoredValue } from './storedTensors.js';
import { type Bindings, OpenSymbol, symbolicSize } from './symbolicSize.js';

/** Element types by their numbers in the schema; a complex number counts by its width. */
const DTYPES: Readonly<Record<number, Dtype>> = {
  1: 'uint8',
  2: 'int8',
  3: 'int16',
  4: 'int32',
  5: 'int64',
  6: 'fp16',
  7: 'fp32',
  8: 'fp64',
  9: 'fp32',
  10: 'fp64',
  11: 'fp64',
  12: 'bool',
  13: 'bf16',
  28: 'int16',
  29: 'fp8',
  30: 'fp8',
  31: 'fp8',
  32: 'fp8',
};

/** What a name of a program stands for: a tensor of the graph, or one stored with the model that nothing needed yet. */
export type ProgramValue = { reference: string } | { stored: StoredValue };

/** Names of one graph of a program: their types by its metadata with symbols bound, and what they stand for. */
export class ProgramScope {
  readonly values = new Map<string, ProgramValue>();
  private readonly tensors = new Map<string, AtenTensor>();

  constructor(
    readonly graph: ProgramGraph,
    private readonly bindings: Bindings,
    readonly where: string,
  ) {}

  /** A scope of its own for a graph inside this one. */
  inside(graph: ProgramGraph): ProgramScope {
    return new ProgramScope(graph, this.bindings, this.where);
  }

  size(value: SymInt): number {
    if ('as_int' in value) return value.as_int;
    try {
      return symbolicSize(value.as_expr.expr_str, this.bindings);
    } catch (error) {
      if (!(error instanceof OpenSymbol)) throw error;
      throw new HwcastError('bad-input', `${error.message}: it depends on data or on no input`, {
        where: this.where,
        hint: `say what it is: dims { ${error.symbol}: .. }`,
        cause: error,
      });
    }
  }

  /** @throws HwcastError `corrupt` for a name without metadata */
  tensor(name: string): AtenTensor {
    const known = this.tensors.get(name);
    if (known) return { ...known, stored: this.isStored(name) };
    const meta = this.graph.tensor_values[name];
    if (!meta) throw new HwcastError('corrupt', `the program has no metadata of the tensor '${name}'`, { where: this.where });
    const dtype = DTYPES[meta.dtype];
    if (!dtype) throw new HwcastError('unsupported', `element type ${meta.dtype} of the tensor '${name}'`, { where: this.where });
    const shape = meta.sizes.map((n) => this.size(n));
    const strides = meta.strides.length === shape.length ? meta.strides.map((n) => this.size(n)) : undefined;
    const tensor: AtenTensor = { shape, dtype, ref: name, ...(strides ? { strides } : {}) };
    this.tensors.set(name, tensor);
    return { ...tensor, stored: this.isStored(name) };
  }

  private isStored(name: string): boolean {
    const value = this.values.get(name);
    return value !== undefined && 'stored' in value;
  }

  /** Numbers of an argument; undefined where it holds none. */
  numbers(arg: Argument): number[] | undefined {
    for (const key of ['as_int', 'as_float'] as const) if (typeof arg[key] === 'number') return [arg[key]];
    for (const key of ['as_ints', 'as_floats'] as const) if (Array.isArray(arg[key])) return arg[key] as number[];
    if (arg.as_sym_int !== undefined) return [this.symbol(arg.as_sym_int)];
    if (Array.isArray(arg.as_sym_ints)) return arg.as_sym_ints.map((item) => this.symbol(item));
    return undefined;
  }

  private symbol(item: unknown): number {
    const { as_int, as_name } = item as { as_int?: number; as_name?: string };
    if (as_int !== undefined) return as_int;
    const value = this.graph.sym_int_values[as_name ?? ''];
    if (!value) throw new HwcastError('corrupt', `the program has no value of the size '${as_name}'`, { where: this.where });
    return this.size(value);
  }
}
