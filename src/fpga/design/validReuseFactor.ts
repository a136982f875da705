import { HwcastError } from '../../core/errors.js';

const divisors = (n: number): number[] => {
  const low: number[] = [],
    high: number[] = [];
  for (let d = 1; d * d <= n; d++)
    if (n % d === 0) {
      low.push(d);
      if (d * d !== n) high.unshift(n / d);
    }
  return [...low, ...high];
};

/**
 * Reuse factors that hls4ml accepts for an n_in x n_out matrix with the resource strategy, ascending.
 *
 * Its rule (`FPGABackend._check_conditions`), with N = n_in n_out: RF divides N; RF is below n_in or a multiple of it; and ceil(N / min(n_in, RF)) is a
 * multiple of n_out or RF is at least n_in. That leaves the divisors of n_in, and n_in times the divisors of n_out.
 * @throws HwcastError `bad-input` for sizes that are no positive whole numbers
 */
export function validReuseFactors(nIn: number, nOut: number): number[] {
  for (const [name, n] of [
    ['n_in', nIn],
    ['n_out', nOut],
  ] as const)
    if (!Number.isSafeInteger(n) || n < 1)
      throw new HwcastError('bad-input', `${name} of a weight matrix is a positive whole number, not ${n}`);
  return [
    ...divisors(nIn),
    ...divisors(nOut)
      .slice(1)
      .map((d) => nIn * d),
  ];
}

/**
 * The valid reuse factor nearest to the wanted one, the smaller of two equally near ones, as hls4ml chooses it.
 * @throws HwcastError `bad-input` for a wanted factor that is not a positive whole number
 */
export function closestReuseFactor(nIn: number, nOut: number, wanted: number): number {
  if (!Number.isSafeInteger(wanted) || wanted < 1)
    throw new HwcastError('bad-input', `a reuse factor is a positive whole number, not ${wanted}`, {
      hint: `1 is fully parallel, ${nIn * nOut} uses one multiplier`,
    });
  return nearestFactor(validReuseFactors(nIn, nOut), wanted);
}

/** The nearest of ascending values, the smaller of two equally near ones. */
export function nearestFactor(valid: readonly number[], wanted: number): number {
  let best = valid[0];
  for (const v of valid) if (Math.abs(v - wanted) < Math.abs(best - wanted)) best = v;
  return best;
}

/** Output pixels that a convolution with io_parallel makes at once: the divisor of all `pixels` nearest to `wanted`, as hls4ml chooses it (`FPGABackend.get_valid_conv_partition_splits`). */
export const pixelsAtOnce = (pixels: number, wanted: number): number => nearestFactor(divisors(pixels), wanted);
