/**
 * Lower Cholesky factor of a symmetric positive definite [n, n] row-major matrix, in place in the lower triangle; false if it is not positive definite.
 * Four rows at a time: each sum is in the order of its terms, and does not wait for the others.
 */
export function cholesky(a: Float64Array, n: number): boolean {
  for (let j = 0; j < n; j++) {
    const row = j * n;
    let d = a[row + j];
    for (let k = 0; k < j; k++) d -= a[row + k] * a[row + k];
    if (!(d > 0)) return false;
    d = Math.sqrt(d);
    a[row + j] = d;
    let i = j + 1;
    for (; i + 3 < n; i += 4) {
      const r0 = i * n,
        r1 = r0 + n,
        r2 = r1 + n,
        r3 = r2 + n;
      let s0 = a[r0 + j],
        s1 = a[r1 + j],
        s2 = a[r2 + j],
        s3 = a[r3 + j];
      for (let k = 0; k < j; k++) {
        const v = a[row + k];
        s0 -= a[r0 + k] * v;
        s1 -= a[r1 + k] * v;
        s2 -= a[r2 + k] * v;
        s3 -= a[r3 + k] * v;
      }
      a[r0 + j] = s0 / d;
      a[r1 + j] = s1 / d;
      a[r2 + j] = s2 / d;
      a[r3 + j] = s3 / d;
    }
    for (; i < n; i++) {
      let s = a[i * n + j];
      for (let k = 0; k < j; k++) s -= a[i * n + k] * a[row + k];
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

/**
 * Solves K x = b in place for a covariance K, [n, n], which becomes its factor. Returns the log density of b under it, without the constant of n
 * (Rasmussen and Williams, 2006, eq. 2.30).
 */
export function solveWithEvidence(K: Float64Array, n: number, b: Float64Array): number {
  cholesky(K, n);
  forwardSolve(K, n, b);
  let evidence = 0;
  for (let i = 0; i < n; i++) evidence -= 0.5 * b[i] ** 2 + Math.log(K[i * n + i]);
  backwardSolve(K, n, b);
  return evidence;
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

/** Columns of L^-1, [k, k]: row i solves L x = unit vector i, 0 before i. */
export function inverseFactor(L: Float64Array, k: number): Float64Array {
  const out = new Float64Array(k * k);
  for (let i = 0; i < k; i++) out[i * k + i] = 1;
  inFours(k, (i, r0, r1, r2, r3) => {
    for (let a = i; a < k; a++) {
      let s0 = out[r0 + a],
        s1 = out[r1 + a],
        s2 = out[r2 + a],
        s3 = out[r3 + a];
      for (let b = i; b < a; b++) {
        const l = L[a * k + b];
        s0 -= l * out[r0 + b];
        s1 -= l * out[r1 + b];
        s2 -= l * out[r2 + b];
        s3 -= l * out[r3 + b];
      }
      const d = L[a * k + a];
      out[r0 + a] = s0 / d;
      out[r1 + a] = s1 / d;
      out[r2 + a] = s2 / d;
      out[r3 + a] = s3 / d;
    }
  });
  return out;
}

/** Diagonal of K^-1 from its factor, [k]: precision of each value given the others. */
export function precisionsOf(L: Float64Array, k: number): Float64Array {
  const inverse = inverseFactor(L, k),
    precision = new Float64Array(k);
  for (let i = 0; i < k; i++) for (let a = i; a < k; a++) precision[i] += inverse[i * k + a] ** 2;
  return precision;
}

/** K^-1 from its factor, [k, k]. */
export function inverseOf(L: Float64Array, k: number): Float64Array {
  const out = inverseFactor(L, k),
    upper = new Float64Array(k * k);
  for (let i = 0; i < k; i++) for (let j = 0; j <= i; j++) upper[j * k + i] = L[i * k + j];
  inFours(k, (_, r0, r1, r2, r3) => {
    for (let a = k - 1; a >= 0; a--) {
      let s0 = out[r0 + a],
        s1 = out[r1 + a],
        s2 = out[r2 + a],
        s3 = out[r3 + a];
      for (let b = a + 1; b < k; b++) {
        const u = upper[a * k + b];
        s0 -= u * out[r0 + b];
        s1 -= u * out[r1 + b];
        s2 -= u * out[r2 + b];
        s3 -= u * out[r3 + b];
      }
      const d = upper[a * k + a];
      out[r0 + a] = s0 / d;
      out[r1 + a] = s1 / d;
      out[r2 + a] = s2 / d;
      out[r3 + a] = s3 / d;
    }
  });
  return out;
}

/** Four rows of a [k, k] matrix at a time: `i` the first, then where each starts. Of the last ones, fewer than four: the same row four times. */
function inFours(k: number, visit: (i: number, r0: number, r1: number, r2: number, r3: number) => void): void {
  let i = 0;
  for (; i + 3 < k; i += 4) visit(i, i * k, (i + 1) * k, (i + 2) * k, (i + 3) * k);
  for (; i < k; i++) visit(i, i * k, i * k, i * k, i * k);
}
