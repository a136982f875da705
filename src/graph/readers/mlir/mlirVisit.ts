import { HwcastError } from '../../../core/errors.js';
import type { Attrs } from '../../operators/attributes.js';
import { sameShape } from '../../operators/shapes.js';
import type { Dtype, Shape, TensorType } from '../../tensorType.js';
import type { ModelBuilder } from '../modelBuilder.js';
import { type MlirOperation, topLevel, withoutBraces } from './mlirText.js';
import { type MlirTensor, tensorTypes } from './mlirTypes.js';

/** A value of a function. Its tensor may be smaller than its shape where it is broadcast: it is only repeated where an operator needs it whole. */
export interface MlirValue {
  tensor: string;
  shape: Shape;
  /** set where it lies in the model; whether it was counted as the weights of an operator, or need not be */
  fixed?: { counted: boolean };
}

/** Turns an operation into operators; gives its values, one a result. */
export type MlirRule = (visit: MlirVisit) => MlirValue | MlirValue[];

/** An operation on its way into the graph. */
export class MlirVisit {
  /** what it reads, in order, without what its regions read */
  readonly operands: MlirValue[];
  /** types of its results as the text states them */
  readonly stated: MlirTensor[];

  constructor(
    readonly model: ModelBuilder,
    readonly operation: MlirOperation,
    values: ReadonlyMap<string, MlirValue>,
  ) {
    const bare = withoutBraces(operation.text);
    this.operands = [...bare.matchAll(/%[\w$.-]+(?:#\d+)?/g)].flatMap(([name]) => values.get(name) ?? []);
    this.stated = resultTypes(bare).slice(-Math.max(1, operation.results.length));
  }

  get text(): string {
    return this.operation.text;
  }

  problem(why: string): HwcastError {
    return new HwcastError('bad-input', why);
  }

  operand(k: number): MlirValue {
    const value = this.operands[k];
    if (!value) throw this.problem(`reads ${this.operands.length} tensors, it needs ${k + 1}`);
    return value;
  }

  /** The stated shape of result `k`; axes left open are those of `like`. @throws HwcastError `bad-input` where one stays open */
  shape(k = 0, like: Shape | undefined = this.operands[0]?.shape): Shape {
    const stated = this.stated[k];
    if (!stated) throw this.problem('does not state a tensor type for its result');
    return stated.dims.map((n, i) => {
      const size = n ?? (like?.length === stated.dims.length ? like[i] : undefined);
      if (size === undefined) throw this.problem(`axis ${i} of its result is open and does not follow`);
      return size;
    });
  }

  dtype(k = 0): Dtype {
    return this.stated[k]?.dtype ?? 'fp32';
  }

  /** How many of the weights of an operator count: all, or none where they come from outside or were counted before. */
  weights({ fixed }: MlirValue): Attrs {
    if (!fixed || fixed.counted) return { params: 0 };
    fixed.counted = true;
    return {};
  }

  /** The tensor of a value, repeated to its whole shape. */
  whole({ tensor, shape }: MlirValue): string {
    return sameShape(this.model.shapeOf(tensor), shape) ? tensor : this.model.add('expand', [tensor], { shape: [...shape] });
  }

  /** An operator's first output as a value. */
  value(op: string, inputs: readonly string[], attrs: Attrs = {}, dtype: Dtype = this.dtype()): MlirValue {
    const tensor = this.model.add(op, inputs, attrs, dtype);
    return { tensor, shape: this.model.shapeOf(tensor) };
  }

  reshaped(value: MlirValue, shape: Shape): MlirValue {
    return { ...value, tensor: this.model.reshape(this.whole(value), shape), shape };
  }

  /** An operator of one element of each operand. */
  elementwise(op: string, operands: readonly MlirValue[] = this.operands): MlirValue {
    const shape = this.shape(0, operands.find((o) => o.shape.length === this.stated[0]?.dims.length)?.shape);
    const tensors = operands.map(({ tensor }) => tensor);
    const covered = shape.every((n, i) => tensors.some((t) => n === 1 || this.model.shapeOf(t).at(i - shape.length) === n));
    if (!covered && operands.length) tensors[0] = this.whole({ ...operands[0], shape });
    return this.value(op, tensors);
  }

  opaque(kind = this.operation.name): MlirValue[] {
    const outputs: TensorType[] = this.stated.map((_, k) => ({ shape: this.shape(k), dtype: this.dtype(k) }));
    const tensors = this.model.opaque(
      kind,
      this.operands.map(({ tensor }) => tensor),
      outputs,
    );
    return tensors.map((tensor, k) => ({ tensor, shape: outputs[k].shape }));
  }
}

/** The types behind the last arrow, `to` or `into` of a signature, or the only ones that it has. */
function resultTypes(bare: string): MlirTensor[] {
  const signature = topLevel(bare.replaceAll('->', '\u0001'), '\u0001').at(-1) ?? '';
  const last = signature.split(/\s(?:to|into)\s/).at(-1)!;
  return tensorTypes(topLevel(last, ':').at(-1) ?? last);
}
