/** Two-sided 95 % quantiles of Student's t for 1, 2, .. degrees of freedom. */
const T95 = [
  12.71, 4.3, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.2, 2.18, 2.16, 2.14, 2.13, 2.12, 2.11, 2.1, 2.09, 2.09,
];
const T95_MANY = 2.09;

export interface PairedDifference {
  pairs: number;
  /** mean of b - a */
  mean: number;
  /** half width of the 95 % interval of the mean; null for one pair */
  half: number | null;
  /** pairs in which b is smaller */
  smaller: number;
  /** b is smaller beyond noise (`less`), larger beyond noise (`more`), neither (`same`), or one pair tells nothing (`unknown`) */
  verdict: 'less' | 'more' | 'same' | 'unknown';
}

/** How b differs from a over pairs [a, b], with the 95 % interval of Student's t. */
export function pairedDifference(pairs: readonly (readonly [number, number])[]): PairedDifference {
  const differences = pairs.map(([a, b]) => b - a);
  const n = differences.length;
  const mean = differences.reduce((sum, d) => sum + d, 0) / n;
  const smaller = differences.filter((d) => d < 0).length;
  if (n < 2) return { pairs: n, mean, half: null, smaller, verdict: 'unknown' };
  const variance = differences.reduce((sum, d) => sum + (d - mean) ** 2, 0) / (n - 1);
  const half = (T95[n - 2] ?? T95_MANY) * Math.sqrt(variance / n);
  return { pairs: n, mean, half, smaller, verdict: mean + half < 0 ? 'less' : mean - half > 0 ? 'more' : 'same' };
}
