/** Strides of a tensor whose elements lie one after another. */
export function contiguousStrides(shape: readonly number[]): number[] {
  const strides: number[] = new Array(shape.length);
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = step;
    step *= Math.max(1, shape[i]);
  }
  return strides;
}

/** Whether elements lie one after another; axes of one element do not count. Taken to be so where strides are not known. */
export function isContiguous(shape: readonly number[], strides?: readonly number[]): boolean {
  if (!strides) return true;
  const dense = contiguousStrides(shape);
  return shape.every((n, i) => n === 1 || strides[i] === dense[i]);
}

/**
 * Whether `shape` with `strides` can be seen as `target` without a copy: from the last axis on, every run of axes that lie one after another in memory
 * must split into axes of the target by itself.
 */
export function isViewable(shape: readonly number[], strides: readonly number[] | undefined, target: readonly number[]): boolean {
  if (!strides || isContiguous(shape, strides)) return true;
  let t = target.length - 1;
  let base = strides[strides.length - 1];
  let run = 1;
  let covered = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    run *= shape[i];
    const goesOn = i > 0 && (shape[i - 1] === 1 || strides[i - 1] === run * base);
    if (goesOn) continue;
    while (t >= 0 && (covered < run || target[t] === 1)) covered *= target[t--];
    if (covered !== run) return false;
    if (i > 0) base = strides[i - 1];
    run = 1;
    covered = 1;
  }
  return t === -1;
}
