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

/** Rows of an expert lie between these, as aiconfigurator draws them: 1 and 0.8 T, or 0.01 and 2 (to a factor) where there are fewer rows than experts. */
const rangeOf = ({ tokens, experts, perToken }: ExpertSizes): readonly [number, number] =>
  tokens * perToken > experts ? [1, Math.max(2, 0.8 * tokens)] : [0.01, 2];

/**
 * Rows of each expert, the fullest first, of loads whose density falls as x^-alpha (`power_law` of aiconfigurator's tables, alpha 1.01 and 1.2), taken at
 * the middles of E equal parts of the distribution and scaled to T k; no expert has more than T, what exceeds goes to the others.
 */
export function expertRows(sizes: ExpertSizes, alpha: number): Float64Array {
  const { tokens, experts, perToken } = sizes,
    b = 1 - alpha,
    [low, high] = rangeOf(sizes).map((x) => (b === 0 ? Math.log(x) : x ** b));
  const drawn = Float64Array.from({ length: experts }, (_, rank) => {
    const at = high - (high - low) * ((rank + 0.5) / experts);
    return b === 0 ? Math.exp(at) : at ** (1 / b);
  });
  const behind = new Float64Array(experts + 1);
  for (let rank = experts - 1; rank >= 0; rank--) behind[rank] = behind[rank + 1] + drawn[rank];
  let full = 0;
  while (full < perToken && (perToken - full) * drawn[full] >= behind[full]) full++;
  return drawn.map((x, rank) => (rank < full ? tokens : (tokens * (perToken - full) * x) / behind[full]));
}

/** Mean of the largest of n standard normal values (Blom, 1958, with the quantile of Abramowitz and Stegun 26.2.23). */
function largestOf(n: number): number {
  if (n === 1) return 0;
  const t = Math.sqrt(-2 * Math.log(1 - (n - 0.375) / (n + 0.25)));
  return t - (2.515517 + 0.802853 * t + 0.010328 * t * t) / (1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t ** 3);
}

/** What the experts of a device see of a pass's tokens. */
export interface ExpertLoad {
  /** part of all T k rows */
  share: number;
  /** expected number of its experts that tokens meet */
  met: number;
}

/**
 * Of `devices` with as many experts each. Balanced loads (alpha 0): every device the same. Else of the fullest: experts stand in any order, so its rows
 * are the mean of the largest of so many sums of E / devices loads (normal approximation, drawn without replacement), at most the fullest experts together;
 * it meets as many experts as the others.
 */
export function expertLoad(sizes: ExpertSizes, devices = 1, alpha = 0): ExpertLoad {
  const { tokens, experts, perToken } = sizes;
  if (alpha === 0) return { share: 1 / devices, met: distinctExperts(tokens, experts, perToken) / devices };
  const rows = expertRows(sizes, alpha),
    all = tokens * perToken,
    own = Math.ceil(experts / devices);
  let square = 0,
    met = 0,
    most = 0;
  rows.forEach((x, rank) => {
    square += (x - all / experts) ** 2;
    met += 1 - (1 - x / tokens) ** tokens;
    if (rank < own) most += x;
  });
  const spread = experts > 1 ? Math.sqrt((square / experts) * own * ((experts - own) / (experts - 1))) : 0;
  return { share: Math.min(all / devices + largestOf(devices) * spread, most) / all, met: met / devices };
}

/**
 * Experts of a layer: F = 2 T k (3 or 2) h w; weights of the experts that are met are read once (Duplex, Yun et al., MICRO 2024, section 3). Of each of the
 * T k rows h is read, what the first matrices make is written and read, the activation w likewise, and h, which the sum over a token's experts reads again
 * to write T h (vLLM, fused_moe.py). Memory bound until T k / E rows an expert reach the ridge.
 * @param load what the device's experts see; all experts and rows unless told
 * @param keepsAll its kernels keep all T k rows, and fill with zeros what experts elsewhere make (`write_zeros_to_output` of vLLM's and SGLang's in Triton)
 */
export function expertWork(s: ExpertSizes, { share, met }: ExpertLoad = expertLoad(s), keepsAll = false): KernelWork {
  const matrices = s.gated ? 3 : 2;
  const rows = s.tokens * s.perToken * share,
    held = keepsAll ? s.tokens * s.perToken : rows;
  const weights = met * matrices * s.hidden * s.width;
  const activations =
    rows * (s.hidden + s.width) + held * (2 * (matrices - 1) * s.width + s.width + 2 * s.hidden) + (held / s.perToken) * s.hidden;
  return { flops: 2 * rows * matrices * s.hidden * s.width, bytes: weights * s.weightBytes + activations * s.bytes };
}
