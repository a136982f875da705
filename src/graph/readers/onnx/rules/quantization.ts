import type { Dtype } from '../../../tensorType.js';
import type { Operation, Rules } from '../operation.js';
import { constantValue, dtypeOf, isConstant, type Value } from '../value.js';
import { dynamicallyQuantized } from './products.js';

/** Names of ONNX's element types by their number (TensorProto.DataType). */
const TYPES: Record<number, string> = {
  1: 'float32',
  2: 'uint8',
  3: 'int8',
  4: 'uint16',
  5: 'int16',
  6: 'int32',
  7: 'int64',
  9: 'bool',
  10: 'float16',
  11: 'float64',
  12: 'uint32',
  13: 'uint64',
  16: 'bfloat16',
  17: 'float8',
  18: 'float8',
  19: 'float8',
  20: 'float8',
  21: 'uint4',
  22: 'int4',
  23: 'float4e2m1',
};
export const typeNumbered = (type: number): Dtype => dtypeOf(TYPES[type] ?? 'float32');

/** Real numbers as integers; what was dequantized of integers is these again. */
function quantize(op: Operation): Value {
  const x = op.input(0);
  const asked = op.int('output_dtype', 0);
  const dtype = op.inputs[2]?.dtype ?? (asked ? typeNumbered(asked) : 'uint8');
  if (isConstant(x)) return constantValue(x.shape, dtype, undefined, x.constant.sources);
  if (x.integers) return x.integers;
  return op.add('quantize', [x], {}, { dtype });
}

/** Constants stay what they are and are dequantized when read; of others, the dequantized form is made when something reads real numbers. */
function dequantize(op: Operation): Value {
  const x = op.input(0);
  const dtype = op.inputs[1]?.dtype ?? 'fp32';
  if (isConstant(x)) {
    const value = constantValue(x.shape, dtype, undefined, x.constant.sources);
    return { ...value, constant: { ...value.constant!, storedDtype: x.dtype } };
  }
  return { shape: x.shape, dtype, integers: x };
}

/** Integers, their scale and their zero point: extremes are looked for first. */
function dynamicQuantize(op: Operation): Value[] {
  const x = op.input(0);
  const extreme = op.add('reduce', [x], { kind: 'max', shape: [] });
  const y = op.add('quantize', [x], {}, { dtype: 'uint8' });
  return [y, extreme, { ...constantValue([], 'uint8') }];
}

function cast(op: Operation): Value {
  const x = op.input(0);
  const like = op.type === 'CastLike' ? op.input(1).dtype : undefined;
  const dtype = like ?? typeNumbered(op.int('to', 1));
  return dtype === x.dtype ? x : op.add('cast', [x], {}, { dtype });
}

/** What DequantizeLinear says of 4 bits in blocks, com.microsoft's own writes alike. */
export const CONVERSIONS: Rules = {
  Cast: cast,
  CastLike: cast,
  BitCast: cast,
  QuantizeLinear: quantize,
  DequantizeLinear: dequantize,
  DynamicQuantizeLinear: dynamicQuantize,
};

export const CONVERSIONS_MICROSOFT: Rules = {
  QuantizeLinear: quantize,
  DequantizeLinear: dequantize,
  DynamicQuantize: (op) => dynamicallyQuantized(op, op.input(0)),
};
