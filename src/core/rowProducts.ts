/*
 * Products of the rows of a matrix, [rows, width] row-major. Each sum runs in the order of a plain loop, so its bits are those of one; several sums run
 * side by side, because one alone waits for each of its additions.
 */

/** A v, [rows]: each row times `v`, [width], added to `start`. */
export function rowsTimes(A: Float64Array, width: number, v: Float64Array, start = 0): Float64Array {
  const rows = A.length / width,
    out = new Float64Array(rows);
  let i = 0;
  for (; i + 3 < rows; i += 4) {
    let s0 = start,
      s1 = start,
      s2 = start,
      s3 = start;
    let a0 = i * width,
      a1 = a0 + width,
      a2 = a1 + width,
      a3 = a2 + width;
    for (let j = 0; j < width; j++) {
      const x = v[j];
      s0 += A[a0++] * x;
      s1 += A[a1++] * x;
      s2 += A[a2++] * x;
      s3 += A[a3++] * x;
    }
    out[i] = s0;
    out[i + 1] = s1;
    out[i + 2] = s2;
    out[i + 3] = s3;
  }
  for (; i < rows; i++) {
    let s = start;
    for (let j = 0, a = i * width; j < width; j++) s += A[a++] * v[j];
    out[i] = s;
  }
  return out;
}

/**
 * A times the rows of W, [many, stride], of which the first `width` count: one row of `out`, [many, rows], each; sums begin with `start` of their row of W.
 */
export function rowsTimesRows(
  A: Float64Array,
  width: number,
  W: Float64Array,
  stride: number,
  start: (row: number) => number,
): Float64Array {
  const rows = A.length / width,
    many = W.length / stride,
    out = new Float64Array(many * rows);
  for (let m = 0; m < many; m += 2) {
    const w = m * stride,
      // an odd last one is done twice
      w2 = m + 1 < many ? w + stride : w,
      first = start(m),
      second = m + 1 < many ? start(m + 1) : first;
    let i = 0;
    for (; i + 3 < rows; i += 4) {
      const a0 = i * width,
        a1 = a0 + width,
        a2 = a1 + width,
        a3 = a2 + width;
      let s0 = first,
        s1 = first,
        s2 = first,
        s3 = first,
        t0 = second,
        t1 = second,
        t2 = second,
        t3 = second;
      for (let j = 0; j < width; j++) {
        const x = W[w + j],
          y = W[w2 + j];
        const b0 = A[a0 + j],
          b1 = A[a1 + j],
          b2 = A[a2 + j],
          b3 = A[a3 + j];
        s0 += b0 * x;
        s1 += b1 * x;
        s2 += b2 * x;
        s3 += b3 * x;
        t0 += b0 * y;
        t1 += b1 * y;
        t2 += b2 * y;
        t3 += b3 * y;
      }
      const o = m * rows + i;
      out[o] = s0;
      out[o + 1] = s1;
      out[o + 2] = s2;
      out[o + 3] = s3;
      if (w2 === w) continue;
      out[o + rows] = t0;
      out[o + rows + 1] = t1;
      out[o + rows + 2] = t2;
      out[o + rows + 3] = t3;
    }
    for (; i < rows; i++) {
      let s = first,
        t = second;
      for (let j = 0, a = i * width; j < width; j++, a++) {
        s += A[a] * W[w + j];
        t += A[a] * W[w2 + j];
      }
      out[m * rows + i] = s;
      if (w2 !== w) out[(m + 1) * rows + i] = t;
    }
  }
  return out;
}

/** y += A^T c: to the first `width` entries of `y` the rows of A, each times its entry of `c`, [rows]. */
export function addRows(y: Float64Array, A: Float64Array, width: number, c: Float64Array): void {
  const rows = c.length;
  let i = 0;
  for (; i + 3 < rows; i += 4) {
    const c0 = c[i],
      c1 = c[i + 1],
      c2 = c[i + 2],
      c3 = c[i + 3];
    let a0 = i * width,
      a1 = a0 + width,
      a2 = a1 + width,
      a3 = a2 + width;
    for (let j = 0; j < width; j++) y[j] = y[j] + A[a0++] * c0 + A[a1++] * c1 + A[a2++] * c2 + A[a3++] * c3;
  }
  for (; i < rows; i++) {
    const x = c[i];
    for (let j = 0, a = i * width; j < width; j++) y[j] += A[a++] * x;
  }
}
