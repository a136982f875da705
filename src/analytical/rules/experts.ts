import type { KernelWork } from './kernelTime.js';

export interface ExpertSizes {
  tokens: number;
  experts: number;
  /** experts that a token takes */
  perToken: number;
  hidden: number;
  /** width of an expert on this device */
  width: number;
  gated: boolean;
  /** bytes of a weight and of an activation */
  weightBytes: number;
  bytes: number;
}

/** Expected number of different experts that `tokens` tokens meet, each taking k of E at random: E (1 - (1 - k/E)^T). */
export const distinctExperts = (tokens: number, experts: number, perToken: number): number =>
  experts * (1 - (1 - perToken / experts) ** tokens);

/**
 * Experts of a layer: F = 2 T k (3 or 2) h w; weights of the experts that are met are read once (Duplex, Yun et al., MICRO 2024, section 3). Of each of the
 * T k rows h is read, what the first matrices make is written and read, the activation w likewise, and h, which the sum over a token's experts reads again
 * to write T h (vLLM, fused_moe.py). Memory bound until T k / E rows an expert reach the ridge.
 * @param share part of the experts that this device holds (expert parallelism): its experts see that part of the rows
 * @param keepsAll its kernels keep all T k rows, and fill with zeros what experts elsewhere make (`write_zeros_to_output` of vLLM's and SGLang's in Triton)
 */
export function expertWork(s: ExpertSizes, share = 1, keepsAll = false): KernelWork {
  const matrices = s.gated ? 3 : 2;
  const rows = s.tokens * s.perToken * share,
    kept = keepsAll ? s.tokens * s.perToken : rows;
  const weights = distinctExperts(s.tokens, s.experts, s.perToken) * share * matrices * s.hidden * s.width;
  const activations =
    rows * (s.hidden + s.width) + kept * (2 * (matrices - 1) * s.width + s.width + 2 * s.hidden) + (kept / s.perToken) * s.hidden;
  return { flops: 2 * rows * matrices * s.hidden * s.width, bytes: weights * s.weightBytes + activations * s.bytes };
}

/**
 * Load of the fullest expert over the mean, for loads that fall as rank^-alpha over E experts: 1 / (E^-1 sum) of the first. Balanced: alpha 0.
 * aiconfigurator measures alpha 1.01 and 1.2.
 */
export function imbalance(experts: number, alpha: number): number {
  let sum = 0;
  for (let rank = 1; rank <= experts; rank++) sum += rank ** -alpha;
  return experts / sum;
}
