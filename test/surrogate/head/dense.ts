/** Plain dense matrices for the textbook formulas that the tests compare with. */
export type Matrix = number[][];

export const multiply = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => b[0].map((_, j) => row.reduce((s, v, k) => s + v * b[k][j], 0)));
export const transpose = (a: Matrix): Matrix => a[0].map((_, j) => a.map((row) => row[j]));
export const plus = (...all: Matrix[]): Matrix => all[0].map((row, i) => row.map((_, j) => all.reduce((s, m) => s + m[i][j], 0)));
export const scaled = (a: Matrix, c: number): Matrix => a.map((row) => row.map((v) => c * v));
export const diagonal = (d: ArrayLike<number>): Matrix => Array.from(d, (v, i) => Array.from(d, (_, j) => (i === j ? v : 0)));
export const columnOf = (v: ArrayLike<number>): Matrix => Array.from(v, (x) => [x]);
export const outer = (v: ArrayLike<number>): Matrix => Array.from(v, (a) => Array.from(v, (b) => a * b));

/** Inverse by Gauss-Jordan elimination with pivoting, and the determinant. */
export function invert(a: Matrix): { inverse: Matrix; determinant: number } {
  const n = a.length,
    m = a.map((row, i) => [...row, ...Array.from({ length: n }, (_, j) => (i === j ? 1 : 0))]);
  let determinant = 1;
  for (let c = 0; c < n; c++) {
    let pivot = c;
    for (let r = c; r < n; r++) if (Math.abs(m[r][c]) > Math.abs(m[pivot][c])) pivot = r;
    if (pivot !== c) {
      [m[c], m[pivot]] = [m[pivot], m[c]];
      determinant = -determinant;
    }
    determinant *= m[c][c];
    const by = m[c][c];
    m[c] = m[c].map((v) => v / by);
    for (let r = 0; r < n; r++) {
      if (r === c) continue;
      const factor = m[r][c];
      m[r] = m[r].map((v, j) => v - factor * m[c][j]);
    }
  }
  return { inverse: m.map((row) => row.slice(n)), determinant };
}
