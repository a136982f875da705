import { elementCount } from '../../../core/elementCount.js';
import { HwcastError } from '../../../core/errors.js';
import type { Attrs } from '../../operators/attributes.js';
import type { Dtype, Shape, TensorType } from '../../tensorType.js';
import { type ChannelsLast, type ChannelsLastBuilder, channelsFirst } from '../channelsLast.js';
import type { FlatTable } from './flatTable.js';
import type { TfliteOperator, TfliteTensor } from './tfliteModel.js';
import { ACTIVATIONS, type TableName } from './tfliteSchema.js';
import { isConstant, isLearned, storedDtype, type TfliteConstant, type TfliteOutput, type TfliteValue } from './tfliteValue.js';

/** What an operator becomes: its outputs in order; undefined where it is not covered and stays opaque. */
export type TfliteRule = (visit: TfliteVisit) => TfliteOutput | readonly TfliteOutput[] | undefined;
export type TfliteRules = Readonly<Record<string, TfliteRule>>;

/** What is shared by all operators of a model. */
export interface TfliteShared {
  readonly build: ChannelsLastBuilder;
  /** length of a first axis that the file leaves open */
  readonly batch: number;
  /** contents of tensors that were counted as parameters */
  readonly counted: Set<unknown>;
  /** tensors that are written for the next pass, so that they count as outputs */
  readonly kept: string[];
  /** Outputs of a subgraph that runs in the place of an operator. */
  inline(subgraph: number, inputs: readonly (TfliteValue | undefined)[]): TfliteValue[];
  /** What is behind a subgraph that is not part of the graph, in words. */
  behind(subgraph: number, inputs: readonly (TfliteValue | undefined)[]): string;
}

/** An operator of a file on its way into the graph. */
export class TfliteVisit {
  constructor(
    readonly shared: TfliteShared,
    readonly operator: TfliteOperator,
    readonly inputs: readonly (TfliteValue | undefined)[],
    /** outputs as the file states them */
    readonly stated: readonly TfliteTensor[],
    /** shapes of the outputs where the file's hold for the inputs of this reading */
    readonly statedShapes: readonly (Shape | undefined)[],
  ) {}

  get build(): ChannelsLastBuilder {
    return this.shared.build;
  }

  get code(): string {
    return this.operator.code;
  }

  /** Element type of the first output. */
  get dtype(): Dtype {
    return this.stated[0]?.dtype ?? 'fp32';
  }

  problem(why: string, hint?: string): HwcastError {
    return new HwcastError('bad-input', why, { hint });
  }

  input(position: number): TfliteValue {
    const value = this.inputs[position];
    if (!value) throw this.problem(`has no input ${position}`);
    return value;
  }

  /** The tensor of an input; constants become tensors of the model. */
  tensor(position = 0): ChannelsLast {
    return this.tensorOf(this.input(position));
  }

  tensorOf(value: TfliteValue): ChannelsLast {
    value.place ??= this.stored(value, value.shape);
    return value.place;
  }

  /** Whole numbers that an input holds, undefined where they depend on what the network reads. */
  numbers(position: number): readonly number[] | undefined {
    return this.inputs[position]?.values;
  }

  options(table: TableName): FlatTable | undefined {
    return this.operator.options(table);
  }

  option(table: TableName, field: string, fallback = 0): number {
    return this.options(table)?.number(field) ?? fallback;
  }

  /** The learned tensor that an operator holds as its weights, undefined where it is computed. */
  weight(position: number): TfliteConstant | undefined {
    const value = this.inputs[position];
    return isConstant(value) ? value : undefined;
  }

  /**
   * Element types of weights and arithmetic where they are not the output's, and how many parameters count here where an earlier operator holds some of them.
   * Weights of 8 bits that were not dequantised beforehand are multiplied with activations that the runtime quantises as they come.
   */
  weightAttrs(weights: readonly (TfliteConstant | undefined)[]): Attrs {
    const held = weights.filter((w) => w !== undefined);
    const [first] = held;
    const stored = first && storedDtype(first);
    const hybrid = first && first.dtype === stored && /int[48]$/.test(stored) && /^(fp|bf)/.test(this.dtype);
    return {
      ...(stored && stored !== this.dtype ? { weightDtype: stored } : {}),
      ...(hybrid ? { computeDtype: 'int8' } : {}),
      ...this.counted(held),
    };
  }

  /** The number of parameters where it is not that of the tensors: those that an earlier operator holds count there; equal vectors are one in many files. */
  counted(weights: readonly TfliteConstant[]): Attrs {
    const { counted } = this.shared;
    const shared = weights.some((w) => w.shape.length > 1 && w.sources.some((s) => counted.has(s.data)));
    let all = 0;
    let here = 0;
    for (const weight of weights) {
      const count = elementCount(weight.shape);
      all += count;
      const again = weight.sources.some((s) => counted.has(s.data));
      if (!again || (weight.shape.length === 1 && !shared)) here += count;
      for (const { data } of weight.sources) counted.add(data);
    }
    return here === all ? {} : { params: here };
  }

  /** A constant as a tensor of the model. */
  private stored(value: TfliteValue, shape: Shape): ChannelsLast {
    if (!isConstant(value)) throw this.problem('reads what no operator makes');
    const count = elementCount(shape);
    const learned = count > 1 && value.sources.some(isLearned) ? (this.counted([value]).params ?? count) : 0;
    const attrs = { shape: [...shape], ...(learned ? { params: learned } : {}) };
    return this.build.plain(this.build.model.add('stored', [], attrs, storedDtype(value)));
  }

  /**
   * Operands of an operator of one element of each, in one order of axes. Scalars that are known are left out: they are part of the operator.
   */
  elementwise(op: string, values: readonly TfliteValue[], attrs: Attrs = {}, dtype = this.dtype): ChannelsLast {
    const computed = values.filter((v) => !isConstant(v));
    const read = computed.length ? values.filter((v) => !isConstant(v) || elementCount(v.shape) > 1) : values;
    const rank = Math.max(...read.map((v) => v.shape.length));
    const places = new Map(computed.map((v) => [v, this.tensorOf(v)]));
    const first = [...places.values()].some((x) => x.first) && computed.every((v) => v.shape.length === rank);
    const tensors = read.map((v) => {
      const place = places.get(v);
      if (place) return first ? this.build.first(place) : this.build.last(place);
      if (!first) return this.build.last(this.tensorOf(v));
      const whole = [...Array<number>(rank - v.shape.length).fill(1), ...v.shape];
      return this.stored(v, channelsFirst(whole)).tensor;
    });
    const y = this.build.model.add(op, tensors, attrs, dtype);
    return first ? this.build.pictured(y) : this.build.plain(y);
  }

  /** An operator over places and channels, in the type of the output. */
  picture(op: string, x: ChannelsLast, attrs: Attrs): ChannelsLast {
    return this.build.picture(op, x, attrs, this.dtype);
  }

  /** An operator that takes its operands as the file has them. */
  ordinary(op: string, xs: readonly ChannelsLast[], attrs: Attrs = {}, dtype = this.dtype): ChannelsLast {
    return this.build.ordinary(op, xs, attrs, dtype);
  }

  /** The activation that an operator applies to its results, by the field of its options. */
  activated(x: ChannelsLast, table: TableName): ChannelsLast {
    const number = this.option(table, 'fused_activation_function');
    const name = ACTIVATIONS[number];
    if (name === undefined) throw this.problem(`has activation ${number}, which the schema does not have`);
    return name ? this.build.elementwise(name, [x], {}, this.dtype) : x;
  }

  /** An axis counted from the front. @throws HwcastError `bad-input` */
  axis(axis: number, rank: number): number {
    const front = axis < 0 ? axis + rank : axis;
    if (!(front >= 0 && front < rank)) throw this.problem(`has axis ${axis} of ${rank}`);
    return front;
  }

  /** The shape of an output as the file has it, where it does not follow from the inputs. */
  statedShape(position = 0): Shape {
    if (!this.stated[position]) throw this.problem('has no output');
    const { shape, signature, name } = this.stated[position];
    const known = this.statedShapes[position];
    if (known) return known;
    const taken = signature.map((n, i) => (n >= 0 ? n : i === 0 ? this.shared.batch : shape[i]));
    this.build.model.assume(`the shape of '${name}' (${this.code}) is not known before it runs and taken as [${taken}]`);
    return taken;
  }

  /** What is not known: its tensors and its name. */
  opaque(kind = this.code): ChannelsLast[] {
    const { model } = this.build;
    const outputs = this.stated.map((t, i): TensorType => ({ shape: this.statedShape(i), dtype: t.dtype }));
    const read = this.inputs.filter((v) => v !== undefined && !(isConstant(v) && elementCount(v.shape) <= 1)) as TfliteValue[];
    const operands = read.map((v) => this.build.last(this.tensorOf(v)));
    return model.opaque(kind, operands, outputs).map((y) => this.build.plain(y));
  }
}
