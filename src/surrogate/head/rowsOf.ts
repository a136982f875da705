/** Some rows of a matrix [.., width] row-major, in the order given. */
export function rowsOf(X: Float64Array, width: number, rows: readonly number[]): Float64Array {
  const out = new Float64Array(rows.length * width);
  rows.forEach((row, i) => out.set(X.subarray(row * width, (row + 1) * width), i * width));
  return out;
}
