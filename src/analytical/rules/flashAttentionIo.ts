/**
 * Elements that attention over N tokens of width d moves between memory and a chip that holds M elements, up to constants
 * (FlashAttention, Dao et al., NeurIPS 2022, theorem 2; The I/O Complexity of Attention, Saha and Ye, arXiv 2402.07443):
 * M >= d^2: N^2 d^2 / M, and no algorithm is better; M < d^2: N^2 d / sqrt(M), as for plain matrix products, where fusing gains nothing.
 * Never less than the operands, 4 N d.
 */
export function flashAttentionIo({ length, width, onChip }: { length: number; width: number; onChip: number }): number {
  const inner = onChip >= width ** 2 ? (length * width) ** 2 / onChip : (length ** 2 * width) / Math.sqrt(onChip);
  return Math.max(inner, 4 * length * width);
}

/** Elements that unfused attention moves: N d + N^2 (the same paper, theorem 2): scores and probabilities written and read, operands once. */
export const unfusedAttentionIo = ({ length, width }: { length: number; width: number }): number =>
  4 * length * width + 4 * length ** 2;

/**
 * What the algorithm as written moves: rows of blocks B_c = ceil(M / 4d), B_r = min(B_c, d): Q and O are read for each of the ceil(N / B_c) column
 * blocks, K and V once (FlashAttention-1, algorithm 1). Elements.
 */
export function flashAttentionElements({ length, width, onChip }: { length: number; width: number; onChip: number }): number {
  const columns = Math.ceil(onChip / (4 * width));
  const passes = Math.ceil(length / columns);
  return 2 * length * width + passes * 3 * length * width;
}
