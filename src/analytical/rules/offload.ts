/** Memory outside a device that holds what does not fit: the host's over PCIe or NVLink-C2C, or CXL memory behind the same port. */
export interface Tier {
  /** bytes per second that one device gets from it */
  bandwidth: number;
}

/** Share of a port's rate that long copies from pinned memory reach: 25 of the 32 GB/s of PCIe 4.0 x16 (as commonly measured, recalled). */
export const REACHED_OF_PORT = 0.8;

/**
 * Seconds of a pass whose kernels take `compute` and that brings `bytes` of weights from a tier in `blocks` equal parts. One after another: c + B / W.
 * Overlapped, the next block comes while one runs (FlexGen, Sheng et al., ICML 2023; DistZO2, arXiv 2507.03211): the first waits, then the slower one
 * sets the pace: B / (n W) + max(c, B / W) for whole blocks.
 */
export function streamedPass(
  compute: number,
  bytes: number,
  { bandwidth }: Tier,
  { blocks, overlaps }: { blocks: number; overlaps: boolean },
): number {
  const transfer = bytes / bandwidth;
  if (!overlaps || transfer === 0) return compute + transfer;
  return transfer / blocks + Math.max(compute, (transfer * (blocks - 1)) / blocks);
}

/**
 * Seconds of a context switch: the cache of one request goes out and that of another comes in over the port (Fu, Challenges in Deploying Long-Context
 * Transformers, arXiv 2405.08944: concurrency, prefill, decoding and context switching all grow with the cache of a request).
 */
export const contextSwitch = (cacheBytes: number, { bandwidth }: Tier): number => (2 * cacheBytes) / bandwidth;
