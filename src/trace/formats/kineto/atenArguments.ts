import type { Tensor } from '../../../graph/operatorText.js';
import type { Dtype } from '../../../graph/opGraph.js';
import type { OpEvent } from './kinetoEvents.js';

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

/** Arguments of one operator event with checks; every getter throws the reason why the operator cannot be used. */
export class AtenArguments {
  constructor(readonly event: OpEvent) {
    if (!event.dims) throw new Unusable('no input shapes: profile with record_shapes=True');
  }

  has(i: number): boolean {
    return DTYPES[this.event.types[i]] !== undefined;
  }

  tensor(i: number): Tensor {
    const shape = this.event.dims![i],
      dtype = DTYPES[this.event.types[i]];
    if (!shape || dtype === undefined || shape.some((s) => typeof s !== 'number'))
      throw new Unusable(`argument ${i + 1} is no tensor hwcast knows (type '${this.event.types[i] ?? ''}')`);
    return { shape: shape as number[], dtype };
  }

  /** all tensor arguments with at least one axis, in order */
  tensors(): Tensor[] {
    return this.event.types.flatMap((_, i) => (this.has(i) && this.event.dims![i]?.length ? [this.tensor(i)] : []));
  }

  list(i: number): number[][] {
    const shapes = this.event.dims![i];
    if (!shapes?.length || !shapes.every((s) => Array.isArray(s))) throw new Unusable('no shapes of the tensor list');
    return (shapes as number[][]).filter((s) => s.length > 0 && !s.includes(0));
  }

  private text(i: number, what: string): string {
    const text = this.event.concrete?.[i];
    if (text === undefined || text === '') throw new Unusable(`no ${what}: the trace has no Concrete Inputs (older PyTorch)`);
    return text;
  }

  numbers(i: number, what: string): number[] {
    const text = this.text(i, what),
      values = text
        .replace(/[[\]\s]/g, '')
        .split(',')
        .filter(Boolean)
        .map(Number);
    if (values.some((v) => !Number.isFinite(v))) throw new Unusable(`${what} is no list of numbers`);
    return values;
  }

  flag(i: number): boolean {
    return this.event.concrete?.[i] === 'True';
  }
}

/** Why an operator cannot be used. */
export class Unusable extends Error {}
