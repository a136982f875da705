import type { Dtype } from '../../../graph/tensorType.js';

/** Element types that libraries put into the names of kernels, the arithmetic first. */
const DTYPES: readonly [RegExp, Dtype][] = [
  [/i8816|i16832|imma|[_-](i8|s8|int8)|int8/i, 'int8'],
  [/bf16/i, 'bf16'],
  [/f16f16|h16816|h1688|h884|hmma|_fp16|FP16|__half|_f16|hgemm/i, 'fp16'],
  [/tf32/i, 'tf32'],
  [/f32f32|sgemm|_fp32|FP32|float/i, 'fp32'],
];

/** Element type of a kernel by its name; undefined where that does not tell. */
export const kernelDtype = (name: string): Dtype | undefined => DTYPES.find(([pattern]) => pattern.test(name))?.[1];

/** Rows (places of the output) and columns (channels) of the output that a block of a product computes; undefined where the name does not tell. */
export function kernelTile(name: string): { rows: number; columns: number } | undefined {
  const [, rows, columns] = /tilesize(\d+)x(\d+)x\d+/.exec(name) ?? [];
  return rows ? { rows: Number(rows), columns: Number(columns) } : undefined;
}
