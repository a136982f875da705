/** What is known of errors before any of a kind was seen: their scale elsewhere, and how many observations that is worth. */
export interface ErrorPrior {
  scale: number;
  weight: number;
}

/** Standard normal quantile at 95 %. */
const Z = 1.6448536;

/** Quantile at 95 % of Student's t with `n` degrees of freedom, three and more (Cornish and Fisher's expansion; within .5 %). */
export function student95(n: number): number {
  const z2 = Z * Z;
  return (
    Z +
    (Z * (z2 + 1)) / (4 * n) +
    (Z * (5 * z2 * z2 + 16 * z2 + 3)) / (96 * n * n) +
    (Z * (3 * z2 ** 3 + 19 * z2 ** 2 + 17 * z2 - 15)) / (384 * n ** 3)
  );
}

/**
 * Half width that covers 90 % of a further error, where few were seen: errors of a kind are normal around zero with a scale of its own, which is drawn around that of other kinds (inverse
 * chi-squared, `prior`), so that the next one follows Student's t. An error counts by its `share`.
 */
export function predictiveWidth(errors: readonly { error: number; share: number }[], { scale, weight }: ErrorPrior): number {
  const n = errors.reduce((sum, { share }) => sum + share, weight);
  const squares = errors.reduce((sum, { error, share }) => sum + share * error * error, 0);
  return student95(n) * Math.sqrt((weight * scale * scale + squares) / n);
}
