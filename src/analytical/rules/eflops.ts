/** Operations a byte of the device that Kinetics counts with: 562.5 (B200: 4500 TFLOP/s over 8 TB/s). */
export const KINETICS_INTENSITY = 562.5;

/** A model and a generation, as Kinetics counts them. */
export interface Generation {
  params: number;
  layers: number;
  heads: number;
  kvHeads: number;
  headDim: number;
  /** tokens of the prompt, tokens that are made */
  prompt: number;
  made: number;
}

/**
 * Equivalent FLOPs of making `made` tokens (Kinetics, Sadhukhan et al., arXiv 2506.05333, section 3): arithmetic 2 P n + 2 (2 c + n) n H d a layer, and
 * memory accesses of the cache, 2 (2 c + n) n H_kv d a layer, times the operations that the device could do in the time of one. Weights are shared by
 * many requests and count nothing. `attention` is the part of both that belongs to attention.
 */
export function equivalentFlops(g: Generation, intensity = KINETICS_INTENSITY): { total: number; attention: number } {
  const { params, layers, heads, kvHeads, headDim, prompt, made } = g;
  const pairs = (2 * prompt + made) * made;
  const compute = 2 * pairs * heads * headDim * layers,
    memory = 2 * pairs * kvHeads * headDim * layers * intensity;
  return { total: 2 * params * made + compute + memory, attention: compute + memory };
}
