import { elementCount } from '../../../core/elementCount.js';
import type { GraphBuilder } from '../../graphBuilder.js';
import type { Dtype } from '../../tensorType.js';

/** A parameter, buffer or constant of a program. */
export interface StoredTensor {
  shape: number[];
  dtype: Dtype;
  isLearned: boolean;
  /** elements that no operator has counted as its own yet */
  left: number;
  /** its node, once an operator reads it as an operand */
  node?: string;
}

/** A stored tensor as a name sees it: itself, a view of it, or its values in real numbers. */
export interface StoredValue {
  tensor: StoredTensor;
  shape: readonly number[];
  dtype: Dtype;
}

export function storedTensor(shape: number[], dtype: Dtype, isLearned: boolean): StoredTensor {
  return { shape, dtype, isLearned, left: elementCount(shape) };
}

/** Elements that an operator with weights takes as its own: those of the value that no other one took before. */
export function takeElements({ tensor, shape }: StoredValue): number {
  const taken = Math.min(tensor.left, elementCount(shape));
  tensor.left -= taken;
  return taken;
}

/** The value as an operand: a node of its own, made once, seen through a view or in real numbers. */
export function storedOperand({ tensor, shape, dtype }: StoredValue, builder: GraphBuilder): string {
  if (tensor.node === undefined) {
    tensor.node = builder.add('stored', [], { shape: tensor.shape, params: tensor.isLearned ? tensor.left : 0 }, tensor.dtype);
    tensor.left = 0;
  }
  let reference = tensor.node;
  if (dtype !== tensor.dtype) reference = builder.add('dequantize', [reference], {}, dtype);
  if (String(shape) !== String(tensor.shape)) reference = builder.add('view', [reference], { shape: [...shape] }, dtype);
  return reference;
}
