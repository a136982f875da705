import { elementCount } from '../../../core/elementCount.js';
import type { Dtype } from '../../tensorType.js';
import type { OnnxTensor } from './onnxModel.js';

/** What is known of a tensor that does not depend on an input. */
export interface Constant {
  /** in row-major order; undefined where they are not in the file or too many to follow */
  values(): Float64Array | undefined;
  /** constants of the file that it is made of, each with more than one element */
  sources: ReadonlySet<OnnxTensor>;
  /** the type its elements lie in where they are dequantized when read */
  storedDtype?: Dtype;
}

/** A tensor between operators of an ONNX model while it is translated. */
export interface Value {
  shape: readonly number[];
  dtype: Dtype;
  /** its tensor in the operator graph; absent for constants and for what is not needed yet */
  reference?: string;
  constant?: Constant;
  /** integers of which this is the dequantized form, made when something reads real numbers */
  integers?: Value;
  /** tensors of a sequence */
  items?: readonly Value[];
}

/** Constants of more elements are not followed: only shapes, axes and the like are computed. */
const MOST_FOLLOWED = 8192;
/** Strings count as the indices they stand for. */
const DTYPES: Record<string, Dtype> = {
  float32: 'fp32',
  float64: 'fp64',
  float16: 'fp16',
  bfloat16: 'bf16',
  int64: 'int64',
  uint64: 'int64',
  int32: 'int32',
  uint32: 'int32',
  int16: 'int16',
  uint16: 'int16',
  int8: 'int8',
  uint8: 'uint8',
  bool: 'bool',
  int4: 'int4',
  uint4: 'int4',
  int2: 'int4',
  uint2: 'int4',
  float4e2m1: 'int4',
  string: 'int64',
  complex64: 'fp64',
  complex128: 'fp64',
};

/** The element type of an operator graph for one of ONNX. */
export const dtypeOf = (dataType: string): Dtype => DTYPES[dataType] ?? (dataType.startsWith('float8') ? 'fp8' : 'fp32');

export const isFloat = (dtype: Dtype): boolean => /^(fp|bf|tf)/.test(dtype);
export const isConstant = (value: Value | undefined): value is Value & { constant: Constant } => value?.constant !== undefined;

const NO_SOURCES: ReadonlySet<OnnxTensor> = new Set();
const nothing = (): undefined => undefined;

/** A constant tensor; `make` computes its values when they are asked for, once. */
export function constantValue(
  shape: readonly number[],
  dtype: Dtype,
  make: () => Float64Array | undefined = nothing,
  sources: ReadonlySet<OnnxTensor> = NO_SOURCES,
): Value {
  let made: { values: Float64Array | undefined } | undefined;
  const few = elementCount(shape) <= MOST_FOLLOWED;
  const values = (): Float64Array | undefined => {
    made ??= { values: few ? make() : undefined };
    return made.values;
  };
  return { shape, dtype, constant: { sources, values } };
}

/** Whole numbers as a constant of one axis, or a scalar. */
export const integers = (values: readonly number[], scalar = false): Value =>
  constantValue(scalar ? [] : [values.length], 'int64', () => Float64Array.from(values));

/** A constant of the file. */
export function storedValue(tensor: OnnxTensor): Value {
  const sources = elementCount(tensor.dims) > 1 ? new Set([tensor]) : NO_SOURCES;
  return constantValue(tensor.dims, dtypeOf(tensor.dataType), () => tensor.values(), sources);
}

/** The constants of the file that several values are made of. */
export function sourcesOf(values: readonly (Value | undefined)[]): ReadonlySet<OnnxTensor> {
  const all = values.map((v) => v?.constant?.sources ?? NO_SOURCES).filter((s) => s.size);
  if (all.length < 2) return all[0] ?? NO_SOURCES;
  return new Set(all.flatMap((s) => [...s]));
}
