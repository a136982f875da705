import { describe, expect, it } from 'vitest';
import { binaryProduct, ternaryProduct } from '../../../src/analytical/rules/lowBit.js';

const sizes = { m: 2, n: 3, k: 128, outputBytes: 2 };

describe('products of few bits, by hand: 2 x 128 times 128 x 3', () => {
  it('binary: two words an output, 64 products an operation, and a factor each', () =>
    expect(binaryProduct(sizes)).toEqual({
      multiplications: 6,
      additions: 12,
      operations: (2 * 2 * 3 * 128) / 64 + 6,
      // five rows of two words, three factors of four bytes, six outputs of two
      bytes: 5 * 16 + 12 + 12,
    }));
  it('a row takes whole words', () => expect(binaryProduct({ ...sizes, k: 65 }).bytes).toBe(5 * 16 + 12 + 12));
  it('ternary: an addition for each weight that is not zero, two bits a weight', () => {
    expect(ternaryProduct(sizes, { inputBytes: 1 })).toEqual({
      multiplications: 6,
      additions: 768,
      operations: 774,
      bytes: 2 * 128 + (128 * 3) / 4 + 12 + 12,
    });
    expect(ternaryProduct(sizes, { inputBytes: 1, zeros: 0.5 }).additions).toBe(384);
  });
});
