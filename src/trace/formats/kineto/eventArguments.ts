import { type AtenCall, type AtenTensor, Unusable } from '../../../graph/aten/atenCall.js';
import type { Dtype } from '../../../graph/opGraph.js';

/** What an operator was called with. */
export interface OperatorCall {
  name: string;
  /** shape of each argument ([] for scalars), a list of shapes for tensor lists; null where shapes were not recorded */
  dims: (number[] | number[][])[] | null;
  /** element type of each argument as PyTorch writes it, e.g. `c10::BFloat16`, `ScalarList` */
  types: string[];
  /** values of scalar arguments as text, '' for tensors; null in traces before 2022 */
  concrete: string[] | null;
}

/** Shapes as a trace writes them; null where it has none. */
export function asDims(value: unknown): OperatorCall['dims'] {
  if (!Array.isArray(value)) return null;
  return value.map((shape) => (Array.isArray(shape) ? shape : []) as number[] | number[][]);
}

/** Element types as PyTorch writes them, new and old. */
const DTYPES: Readonly<Record<string, Dtype>> = {
  float: 'fp32',
  double: 'fp64',
  'c10::Half': 'fp16',
  'c10::BFloat16': 'bf16',
  'c10::Float8_e4m3fn': 'fp8',
  'c10::Float8_e5m2': 'fp8',
  'c10::Float8_e4m3fnuz': 'fp8',
  'c10::Float8_e5m2fnuz': 'fp8',
  'long int': 'int64',
  long: 'int64',
  int: 'int32',
  'short int': 'int16',
  short: 'int16',
  'signed char': 'int8',
  'unsigned char': 'uint8',
  bool: 'bool',
};

/** What arguments are called in reasons, where the signature has another word. */
const WORDS: Readonly<Record<string, string>> = {
  kernel_size: 'kernel',
  output_size: 'output size',
  dim: 'axis',
  pad: 'padding',
};

/** Element type of the parts of a tensor list, which traces do not record; `mapOperator` puts the real one in. */
export const UNKNOWN = 'unknown' as Dtype;

/** Arguments of one operator event, which records them by position: all of them, defaults too. */
export class EventArguments implements AtenCall {
  readonly outputs = undefined;

  /** @throws Unusable where the event has no shapes */
  constructor(
    private readonly event: OperatorCall,
    private readonly signature: readonly string[],
  ) {
    if (!event.dims) throw new Unusable('no input shapes: profile with record_shapes=True');
  }

  has(name: string): boolean {
    return this.isTensor(this.signature.indexOf(name));
  }

  tensor(name: string): AtenTensor {
    return this.tensorAt(this.signature.indexOf(name));
  }

  tensors(): AtenTensor[] {
    return this.event.types.flatMap((_, i) => (this.isTensor(i) && this.event.dims![i]?.length ? [this.tensorAt(i)] : []));
  }

  list(name: string): AtenTensor[] {
    const shapes = this.event.dims![this.signature.indexOf(name)];
    if (!shapes?.length || !shapes.every((s) => Array.isArray(s))) throw new Unusable('no shapes of the tensor list');
    return (shapes as number[][]).filter((s) => s.length > 0 && !s.includes(0)).map((shape) => ({ shape, dtype: UNKNOWN }));
  }

  numbers(name: string, fallback?: readonly number[]): number[] {
    const what = fallback?.length === 0 && name === 'dim' ? 'axes' : (WORDS[name] ?? name);
    const text = this.text(name);
    if (text === '' && fallback?.length === 0) return [];
    if (!text) throw new Unusable(`no ${what}: the trace has no Concrete Inputs (older PyTorch)`);
    const values = text
      .replace(/[[\]\s]/g, '')
      .split(',')
      .filter(Boolean)
      .map(Number);
    if (values.some((v) => !Number.isFinite(v))) throw new Unusable(`${what} is no list of numbers`);
    return values;
  }

  flag(name: string): boolean {
    return this.text(name) === 'True';
  }

  word(name: string): string | undefined {
    return this.text(name);
  }

  isGiven(name: string): boolean {
    return Boolean(this.text(name));
  }

  private text(name: string): string | undefined {
    return this.event.concrete?.[this.signature.indexOf(name)];
  }

  private isTensor(i: number): boolean {
    return DTYPES[this.event.types[i]] !== undefined;
  }

  private tensorAt(i: number): AtenTensor {
    const shape = this.event.dims![i];
    const dtype = DTYPES[this.event.types[i]];
    if (!shape || dtype === undefined || shape.some((s) => typeof s !== 'number'))
      throw new Unusable(`argument ${i + 1} is no tensor hwcast knows (type '${this.event.types[i] ?? ''}')`);
    return { shape: shape as number[], dtype };
  }
}
