/** Bits that a processor's XNOR and population count take at once. */
const WORD = 64;

/** C[m, n] = A[m, k] B[k, n] with weights of one or two bits. */
export interface LowBitSizes {
  m: number;
  n: number;
  k: number;
  /** bytes of an element that is written */
  outputBytes: number;
}

export interface LowBitCost {
  multiplications: number;
  additions: number;
  /** in operations of full width, as papers count them */
  operations: number;
  bytes: number;
}

/**
 * Both operands are +1 or -1 (XNOR-Net, Rastegari et al., ECCV 2016): an XNOR and a population count for 64 products, so that OPs = BOPs / 64 + FLOPs
 * (Bi-Real Net, Liu et al., ECCV 2018; BiBench, Qin et al., ICML 2023); one factor a column. Operands take a bit an element, each row whole words.
 */
export function binaryProduct({ m, n, k, outputBytes }: LowBitSizes): LowBitCost {
  const words = Math.ceil(k / WORD);
  return {
    multiplications: m * n,
    additions: m * n * words,
    operations: (2 * m * n * k) / WORD + m * n,
    bytes: ((m + n) * words * WORD) / 8 + 4 * n + m * n * outputBytes,
  };
}

/**
 * Weights are -1, 0 or 1, activations of `inputBytes`: additions and subtractions only, none for zeros (Scalable MatMul-free Language Modeling, Zhu et al.,
 * arXiv 2406.02528; BitNet b1.58, Ma et al., arXiv 2402.17764); one factor a column. Two bits a weight, as they are packed.
 * @param zeros share of the weights that are zero
 */
export function ternaryProduct(
  { m, n, k, outputBytes }: LowBitSizes,
  { inputBytes, zeros = 0 }: { inputBytes: number; zeros?: number },
): LowBitCost {
  const additions = m * n * k * (1 - zeros);
  return {
    multiplications: m * n,
    additions,
    operations: additions + m * n,
    bytes: m * k * inputBytes + (k * n) / 4 + 4 * n + m * n * outputBytes,
  };
}
