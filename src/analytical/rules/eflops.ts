/** Operations a byte of the device that Kinetics counts with: 562.5 (B200: 4500 TFLOP/s over 8 TB/s). */
export const KINETICS_INTENSITY = 562.5;

/** Layers with attention that are alike. */
export interface AttentionLayers {
  count: number;
  /** multiply-accumulates of a token with one it attends to: scores and values of all heads, H (d_k + d_v) */
  macs: number;
  /** values that a token keeps: H_kv (d_k + d_v) */
  values: number;
  /** tokens that one attends to at most */
  window?: number;
}

/** A model and a generation, as Kinetics counts them. */
export interface Generation {
  /** parameters that a token meets */
  params: number;
  layers: readonly AttentionLayers[];
  /** tokens of the prompt, tokens that are made */
  prompt: number;
  made: number;
  /** bytes of a value of the cache */
  cacheBytes: number;
}

/** Tokens that all `made` tokens after `prompt` others attend to: (2 c + n) n / 2, less what lies before a window. */
function pairs(prompt: number, made: number, window = Number.POSITIVE_INFINITY): number {
  const below = Math.min(made, Math.max(0, window - prompt));
  return ((2 * prompt + below) * below) / 2 + (made > below ? (made - below) * window : 0);
}

/**
 * Equivalent FLOPs of making n tokens after c others (Kinetics, Sadhukhan et al., arXiv 2506.05333, section 3): arithmetic 2 P n + 2 (2 c + n) n H d a
 * layer, and memory accesses of the cache, 2 (2 c + n) n H_kv d bytes a layer at 16 bits, times the operations that the device could do in the time of a
 * byte. Weights are shared by many requests and count nothing. `attention` is the part of both that belongs to attention; recurrences count by their
 * parameters only.
 */
export function equivalentFlops(
  { params, layers, prompt, made, cacheBytes }: Generation,
  intensity = KINETICS_INTENSITY,
): { total: number; attention: number } {
  const attention = layers.reduce(
    (sum, { count, macs, values, window }) =>
      sum + count * pairs(prompt, made, window) * (2 * macs + values * cacheBytes * intensity),
    0,
  );
  return { total: 2 * params * made + attention, attention };
}
