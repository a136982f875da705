import { elementCount } from '../../../../core/elementCount.js';
import { HwcastError } from '../../../../core/errors.js';
import { sameShape } from '../../../operators/shapes.js';
import type { Dtype } from '../../../tensorType.js';
import { quantizedAfter } from '../integerRegions.js';
import { NotCovered, type Operation, type Rules } from '../operation.js';
import { isConstant, type Value } from '../value.js';
import { weightTypes } from './convolution.js';
import { activated, broadcasting } from './elementwise.js';

export interface Product {
  a: Value;
  b: Value;
  bias?: Value | undefined;
  transposeA?: boolean;
  transposeB?: boolean;
  /** of the output; that of `a` unless told */
  dtype?: Dtype;
  /** the arithmetic, where it is not the output's */
  compute?: Dtype;
}

const last = (shape: readonly number[]): number => shape[shape.length - 1];

/** The bias as weights of a linear layer: one value for each output feature. */
const isRow = (bias: Value | undefined, features: number): boolean =>
  bias === undefined || (isConstant(bias) && elementCount(bias.shape) === features && last(bias.shape) === features);

/** The product of two tensors; a constant matrix on the right becomes the weights of a linear layer. */
export function product(op: Operation, { a, b, bias, transposeA, transposeB, dtype = a.dtype, compute }: Product): Value {
  if (!a.shape.length || !b.shape.length) throw new HwcastError('bad-input', `a product of [${a.shape}] and [${b.shape}]`);
  const isMatrix = b.shape.length >= 2 && elementCount(b.shape.slice(0, -2)) === 1;
  if (isConstant(b) && isMatrix && !transposeA && b.shape.length <= Math.max(2, a.shape.length)) {
    const [inner, features] = transposeB ? [last(b.shape), b.shape[b.shape.length - 2]] : b.shape.slice(-2);
    if (inner !== last(a.shape)) throw new HwcastError('bad-input', `inner sizes of [${a.shape}] and [${b.shape}] differ`);
    const row = isRow(bias, features);
    const attrs = { outFeatures: features, bias: bias && row ? 1 : 0, ...weightTypes(b, dtype, compute) };
    const y = op.add('linear', [a], attrs, { dtype, weights: [b, row ? bias : undefined] });
    return row || !bias ? y : broadcasting(op, 'add', [y, bias]);
  }
  const left = a.shape.length === 1 ? op.reshape(a, [1, a.shape[0]]) : a;
  const right = b.shape.length === 1 ? op.reshape(b, [b.shape[0], 1]) : b;
  const attrs = {
    ...(transposeA ? { transposeA: 1 } : {}),
    ...(transposeB ? { transposeB: 1 } : {}),
    ...(compute && compute !== dtype ? { computeDtype: compute } : {}),
  };
  let y = op.add('matmul', [left, right], attrs, { dtype });
  if (a.shape.length === 1 || b.shape.length === 1) {
    const keep = y.shape.filter(
      (_, i) => !(a.shape.length === 1 && i === y.shape.length - 2) && !(b.shape.length === 1 && i === y.shape.length - 1),
    );
    y = op.reshape(y, keep);
  }
  return bias ? broadcasting(op, 'add', [y, bias]) : y;
}

/** Between QuantizeLinear and DequantizeLinear a product runs on integers, and writes them where its result is quantized again. */
function quantizable(op: Operation, given: Product): Value {
  const { a, b } = given;
  const [left, right] = [a.integers, b.constant?.storedDtype ? b : b.integers];
  if (!left || !right) return product(op, given);
  const operands = { ...given, a: left, b: right };
  if (!quantizedAfter(op.node.outputs[0], op.scope)) return product(op, { ...operands, dtype: a.dtype, compute: left.dtype });
  const y = product(op, operands);
  return { shape: y.shape, dtype: a.dtype, integers: y };
}

function gemm(op: Operation): Value {
  const transposeA = op.int('transA', 0) !== 0;
  let a = op.input(0);
  if (transposeA && isConstant(op.input(1))) a = op.add('transpose', [a], { order: [1, 0] });
  const bias = op.inputs[2];
  const given = {
    a,
    b: op.input(1),
    bias: bias && sameShape(bias.shape, []) ? undefined : bias,
    transposeA: transposeA && a === op.input(0),
    transposeB: op.int('transB', 0) !== 0,
  };
  return activated(op, quantizable(op, given));
}

/** Products on integers with a sum of 32 bits. */
const integerProduct = (op: Operation): Value => {
  const a = op.input(0);
  return product(op, { a, b: op.input(1), dtype: 'int32', compute: a.dtype });
};

/** x, scale, zero point, w, scale, zero point, scale of y, zero point of y */
const quantizedProduct = (op: Operation): Value => product(op, { a: op.input(0), b: op.input(3) });

/** A, its scale and zero point, B, its scale and zero point, C, scale and zero point of Y where it is integers */
function quantizedGemm(op: Operation): Value {
  let a = op.input(0);
  if (op.int('transA', 0)) a = op.add('transpose', [a], { order: [1, 0] });
  const dtype = op.inputs[7] ? a.dtype : 'fp32';
  return product(op, { a, b: op.input(3), bias: op.inputs[6], transposeB: op.int('transB', 0) !== 0, dtype, compute: a.dtype });
}

function fusedProduct(op: Operation): Value {
  let a = op.input(0);
  const transposeA = op.int('transA', 0) !== 0;
  if (transposeA && isConstant(op.input(1))) a = swapped(op, a);
  const b = op.input(1);
  const options = { transposeA: transposeA && a === op.input(0), transposeB: op.int('transB', 0) !== 0 };
  return activated(op, product(op, { a, b, ...options }));
}

/** The last two axes exchanged. */
const swapped = (op: Operation, x: Value): Value => {
  const rank = x.shape.length;
  return op.add('transpose', [x], { order: x.shape.map((_, i) => (i < rank - 2 ? i : i === rank - 1 ? rank - 2 : rank - 1)) });
};

/** The operand as integers of 8 bits with a scale of the whole tensor: its extremes are looked for first. */
export function dynamicallyQuantized(op: Operation, x: Value, dtype: Dtype = 'uint8'): Value {
  op.add('reduce', [x], { kind: 'max', shape: [] });
  return op.add('quantize', [x], {}, { dtype });
}

/** A real, B integers: A is quantized as it comes, the sum scaled back. */
function dynamicProduct(op: Operation): Value {
  const a = dynamicallyQuantized(op, op.input(0));
  const bias = op.inputs[4];
  return product(op, { a, b: op.input(1), bias, dtype: op.input(0).dtype, compute: a.dtype });
}

/** A, B on integers; scales; the result is real. */
const integerToReal = (op: Operation): Value => {
  const a = op.input(0);
  return product(op, { a, b: op.input(1), bias: op.inputs[6], dtype: op.input(2).dtype, compute: a.dtype });
};

/** Weights of `bits` bits in blocks: N x K values, packed. */
function packedProduct(op: Operation): Value {
  const a = op.input(0);
  const features = op.int('N');
  const inner = op.int('K');
  if (!features || !inner || inner !== last(a.shape)) throw new NotCovered('N and K do not fit');
  const bits = op.int('bits', 4);
  const attrs = { outFeatures: features, weightDtype: bits > 4 ? 'int8' : 'int4', params: features * inner };
  const y = op.add('linear', [a], attrs);
  const bias = op.inputs[5];
  return bias && op.type === 'MatMulNBits' ? broadcasting(op, 'add', [y, bias]) : y;
}

export const PRODUCTS: Rules = {
  MatMul: (op) => quantizable(op, { a: op.input(0), b: op.input(1) }),
  Gemm: gemm,
  MatMulInteger: integerProduct,
  QLinearMatMul: quantizedProduct,
};

export const PRODUCTS_MICROSOFT: Rules = {
  FusedMatMul: fusedProduct,
  FusedMatMulActivation: fusedProduct,
  TransposeMatMul: fusedProduct,
  FusedGemm: gemm,
  GemmFastGelu: (op) => op.add('gelu', [product(op, { a: op.input(0), b: op.input(1), bias: op.inputs[2] })]),
  MatMulInteger16: integerProduct,
  QGemm: quantizedGemm,
  DynamicQuantizeMatMul: dynamicProduct,
  MatMulIntegerToFloat: integerToReal,
  MatMulNBits: packedProduct,
  MatMulBnb4: packedProduct,
};
