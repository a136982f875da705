import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { addRows, rowsTimes, rowsTimesRows } from '../../src/core/rowProducts.js';

const random = createRandom(3);
const drawn = (n: number) => Float64Array.from({ length: n }, () => random.next() - 0.5);

/** start + a[0] b[0] + a[1] b[1] .., one after the other. */
function plainDot(a: ArrayLike<number>, b: ArrayLike<number>, start: number): number {
  let sum = start;
  for (let j = 0; j < a.length; j++) sum += a[j] * b[j];
  return sum;
}
const rowOf = (A: Float64Array, width: number, i: number) => A.subarray(i * width, (i + 1) * width);

describe.each([0, 1, 3, 4, 5, 8, 11])('of %i rows', (rows) => {
  const width = 37,
    A = drawn(rows * width),
    v = drawn(width);

  it('rowsTimes has the bits of plain loops', () => {
    expect([...rowsTimes(A, width, v, 0.3)]).toEqual(
      Array.from({ length: rows }, (_, i) => plainDot(rowOf(A, width, i), v, 0.3)),
    );
  });

  it.each([1, 2, 5])('rowsTimesRows has them for %i rows at once', (many) => {
    const stride = width + 1,
      W = drawn(many * stride);
    const expected = Array.from({ length: many }, (_, m) =>
      Array.from({ length: rows }, (_, i) => plainDot(rowOf(A, width, i), W.subarray(m * stride, m * stride + width), 1 + m)),
    );
    expect([...rowsTimesRows(A, width, W, stride, (m) => 1 + m)]).toEqual(expected.flat());
  });

  it('addRows adds row after row, and leaves what lies behind alone', () => {
    const y = drawn(width + 1),
      c = drawn(rows),
      expected = [...y];
    for (let i = 0; i < rows; i++) for (let j = 0; j < width; j++) expected[j] += A[i * width + j] * c[i];
    addRows(y, A, width, c);
    expect([...y]).toEqual(expected);
  });
});
