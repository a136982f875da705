import { z } from 'zod';
import { elementCount } from '../core/elementCount.js';

/** Element types and their width in bytes. `int4` counts half a byte. */
export const DTYPE_BYTES = {
  fp64: 8,
  fp32: 4,
  tf32: 4,
  fp16: 2,
  bf16: 2,
  fp8: 1,
  int64: 8,
  int32: 4,
  int16: 2,
  int8: 1,
  uint8: 1,
  int4: 0.5,
  bool: 1,
} as const;
export type Dtype = keyof typeof DTYPE_BYTES;
export const DtypeSchema = z.enum(Object.keys(DTYPE_BYTES) as [Dtype, ...Dtype[]]);

export type Shape = readonly number[];

/** A tensor as operators see it: image tensors are [N, C, H, W], sequences [B, S, D]. */
export interface TensorType {
  readonly shape: Shape;
  readonly dtype: Dtype;
}

/** Bytes of a tensor. */
export const tensorBytes = ({ shape, dtype }: TensorType): number => elementCount(shape) * DTYPE_BYTES[dtype];
