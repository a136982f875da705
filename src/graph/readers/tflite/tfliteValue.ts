import { elementCount } from '../../../core/elementCount.js';
import type { Dtype, Shape } from '../../tensorType.js';
import type { ChannelsLast } from '../channelsLast.js';
import { type TfliteTensor, valuesOf } from './tfliteModel.js';

/** A tensor between operators while a file is read. */
export interface TfliteValue {
  /** as the file has it, channels last */
  readonly shape: Shape;
  readonly dtype: Dtype;
  /** in the graph; constants get one where an operator reads them as an operand */
  place?: ChannelsLast;
  /** of a constant: the tensors of the file that it is made of */
  readonly sources?: readonly TfliteTensor[];
  /** what is known before the network runs: shapes, axes and the like */
  readonly values?: readonly number[] | undefined;
}

/** What a rule gives: a tensor of the graph, or a value that is there already. */
export type TfliteOutput = TfliteValue | ChannelsLast;

/** A value that is known before the network runs. */
export type TfliteConstant = TfliteValue & { readonly sources: readonly TfliteTensor[] };

export const isConstant = (value: TfliteValue | undefined): value is TfliteConstant => value?.sources !== undefined;

/** Constants of more elements are not followed. */
const MOST_FOLLOWED = 4096;

/** A tensor of the file that holds something. */
export const storedValue = (tensor: TfliteTensor): TfliteConstant => ({
  shape: tensor.shape,
  dtype: tensor.dtype,
  sources: [tensor],
  values: elementCount(tensor.shape) <= MOST_FOLLOWED ? valuesOf(tensor) : undefined,
});

/** Numbers that are worked out while the file is read. */
export const knownValue = (shape: Shape, dtype: Dtype, values: readonly number[]): TfliteConstant => ({
  shape,
  dtype,
  sources: [],
  values,
});

/** Real numbers, and integers of a scale, are learned; other integers are indices, sizes and masks. */
export const isLearned = ({ dtype, quantized }: TfliteTensor): boolean => quantized || /^(fp|bf)/.test(dtype);

/** The type that the elements of a constant lie in. */
export const storedDtype = (value: TfliteConstant): Dtype => value.sources[0]?.dtype ?? value.dtype;
