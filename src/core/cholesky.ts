/** Lower Cholesky factor of a symmetric positive definite [n, n] row-major matrix, in place in the lower triangle; false if it is not positive definite. */
export function cholesky(a: Float64Array, n: number): boolean {
  for (let j = 0; j < n; j++) {
    let d = a[j * n + j];
    for (let k = 0; k < j; k++) d -= a[j * n + k] * a[j * n + k];
    if (!(d > 0)) return false;
    d = Math.sqrt(d);
    a[j * n + j] = d;
    for (let i = j + 1; i < n; i++) {
      let s = a[i * n + j];
      for (let k = 0; k < j; k++) s -= a[i * n + k] * a[j * n + k];
      a[i * n + j] = s / d;
    }
  }
  return true;
}

/** Solves L x = b in place for the lower factor L. */
export function forwardSolve(l: Float64Array, n: number, b: Float64Array): void {
  for (let i = 0; i < n; i++) {
    let s = b[i];
    for (let k = 0; k < i; k++) s -= l[i * n + k] * b[k];
    b[i] = s / l[i * n + i];
  }
}

/** Solves L^T x = b in place for the lower factor L. */
export function backwardSolve(l: Float64Array, n: number, b: Float64Array): void {
  for (let i = n - 1; i >= 0; i--) {
    let s = b[i];
    for (let k = i + 1; k < n; k++) s -= l[k * n + i] * b[k];
    b[i] = s / l[i * n + i];
  }
}

/** Ridge weights of centred targets on uncentred rows: argmin |A w - b|^2 + lambda |w|^2, A is [rows, n] row-major. */
export function ridge(A: Float64Array, b: Float64Array, rows: number, n: number, lambda: number): Float64Array {
  const g = new Float64Array(n * n),
    w = new Float64Array(n);
  for (let r = 0; r < rows; r++) {
    const at = r * n;
    for (let i = 0; i < n; i++) {
      const v = A[at + i];
      if (v === 0) continue;
      w[i] += v * b[r];
      for (let j = 0; j <= i; j++) g[i * n + j] += v * A[at + j];
    }
  }
  for (let i = 0; i < n; i++) g[i * n + i] += lambda;
  cholesky(g, n);
  forwardSolve(g, n, w);
  backwardSolve(g, n, w);
  return w;
}

/** K^-1 from its factor, [k, k]. */
export function inverseOf(L: Float64Array, k: number): Float64Array {
  const inverse = new Float64Array(k * k),
    e = new Float64Array(k);
  for (let i = 0; i < k; i++) {
    e.fill(0);
    e[i] = 1;
    forwardSolve(L, k, e);
    backwardSolve(L, k, e);
    inverse.set(e, i * k);
  }
  return inverse;
}
