/** Number of elements of a tensor of this shape: the product of its sizes, 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  let count = 1;
  for (let i = 0; i < shape.length; i++) count *= shape[i];
  return count;
}
