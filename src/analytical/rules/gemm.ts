import type { Efficiency } from './efficiencies.js';
import { type DeviceRates, type KernelTime, type KernelWork, kernelTime } from './kernelTime.js';

/** C[m, n] = A[m, k] B[k, n], so many of them at once. */
export interface GemmSizes {
  m: number;
  n: number;
  k: number;
  batch?: number;
  /** of an element of C */
  outputBytes: number;
}

/** Tiles of the output that libraries choose among, and into how many parts they divide k. */
const TILES: readonly (readonly [rows: number, columns: number])[] = [
  [256, 128],
  [128, 128],
  [128, 64],
  [64, 64],
  [64, 32],
];
const SPLITS = [1, 2, 4, 8, 16, 32] as const;
/** Area of a tile that reaches the full rate. */
const FULL_TILE = 128 * 128;
const STEP_OF_K = 64;

/**
 * Seconds of arithmetic of a matrix product: tiles are dealt to processors in waves, and the last wave takes as long as a full one (Habitat, Yu et al.,
 * ATC 2021; NeuSight, Lee et al., ASPLOS 2025): t = ceil(b ceil(m/Tm) ceil(n/Tn) s / U) (2 Tm Tn k/s U / (eta P) + t_w sqrt(k/s/64)) + (s > 1) t_s,
 * the least over tiles and divisions s of k. Tiles below 128 x 128 reach eta (Tm Tn / 128^2)^g. Without U tiles divide evenly.
 * Holds for dense products by a library that tunes tiles (cuBLAS, hipBLASLt, oneDNN).
 * @param splits that the library may divide k by
 */
export function gemmComputeTime(
  { m, n, k, batch = 1 }: Omit<GemmSizes, 'outputBytes'>,
  { peak, units }: DeviceRates,
  e: Efficiency,
  splits: readonly number[] = SPLITS,
): number {
  const { compute, smallTile = 0, splitCost = 0, waveCost = 0 } = e;
  let least = Number.POSITIVE_INFINITY;
  for (const [rows, columns] of TILES) {
    const area = rows * columns;
    const rate = area < FULL_TILE ? compute * (area / FULL_TILE) ** smallTile : compute;
    const tiles = batch * Math.ceil(m / rows) * Math.ceil(n / columns);
    for (const parts of splits) {
      const depth = k / parts;
      const [waves, perWave] = units === undefined ? [tiles * parts, 1] : [Math.ceil((tiles * parts) / units), units];
      const overhead = units === undefined ? 0 : waves * waveCost * Math.sqrt(depth / STEP_OF_K);
      const time = (waves * perWave * area * 2 * depth) / (rate * peak) + overhead + (parts > 1 ? splitCost : 0);
      if (time < least) least = time;
    }
  }
  return least;
}

/** Time of a matrix product on a device. `work`: its FLOPs and bytes as the table of operators counts them; with `writing` w a byte written counts w. */
export function gemmTime(sizes: GemmSizes, work: KernelWork, rates: DeviceRates, e: Efficiency): KernelTime {
  const { m, n, batch = 1, outputBytes } = sizes,
    bytes = work.bytes + ((e.writing ?? 1) - 1) * outputBytes * m * n * batch;
  return kernelTime({ ...work, bytes }, rates, e, gemmComputeTime(sizes, rates, e));
}
