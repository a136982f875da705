/**
 * Eigenvalues and eigenvectors of a symmetric matrix by cyclic Jacobi rotations (Golub and Van Loan, Matrix Computations).
 * a [n, n] by rows -> values descending [n], vectors by columns [n, n]; each vector's largest entry is positive, so that the result is unique.
 */
export function principalAxes(a: Float64Array, n: number): { values: Float64Array; vectors: Float64Array } {
  const m = a.slice(),
    v = new Float64Array(n * n);
  for (let i = 0; i < n; i++) v[i * n + i] = 1;
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0,
      diagonal = 0;
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++)
        if (i === j) diagonal += m[i * n + i] ** 2;
        else off += m[i * n + j] ** 2;
    if (off <= 1e-24 * diagonal) break;
    for (let p = 0; p < n - 1; p++) for (let q = p + 1; q < n; q++) rotate(m, v, n, p, q);
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => m[j * n + j] - m[i * n + i]);
  const values = Float64Array.from(order, (i) => m[i * n + i]),
    vectors = new Float64Array(n * n);
  order.forEach((from, to) => {
    let largest = 0;
    for (let r = 0; r < n; r++) if (Math.abs(v[r * n + from]) > Math.abs(largest) + 1e-12) largest = v[r * n + from];
    for (let r = 0; r < n; r++) vectors[r * n + to] = largest < 0 ? -v[r * n + from] : v[r * n + from];
  });
  return { values, vectors };
}

/** Turns the plane (p, q) so that m[p][q] becomes 0. */
function rotate(m: Float64Array, v: Float64Array, n: number, p: number, q: number): void {
  const apq = m[p * n + q];
  if (apq === 0) return;
  const theta = (m[q * n + q] - m[p * n + p]) / (2 * apq),
    t = Math.sign(theta || 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1),
    s = t * c;
  for (let k = 0; k < n; k++) {
    const kp = m[k * n + p],
      kq = m[k * n + q];
    m[k * n + p] = c * kp - s * kq;
    m[k * n + q] = s * kp + c * kq;
  }
  for (let k = 0; k < n; k++) {
    const pk = m[p * n + k],
      qk = m[q * n + k],
      vp = v[k * n + p],
      vq = v[k * n + q];
    m[p * n + k] = c * pk - s * qk;
    m[q * n + k] = s * pk + c * qk;
    v[k * n + p] = c * vp - s * vq;
    v[k * n + q] = s * vp + c * vq;
  }
}
