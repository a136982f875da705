import type { Efficiency } from './efficiencies.js';

/** What a kernel does. */
export interface KernelWork {
  /** floating-point operations; a multiply-accumulate counts 2 */
  flops: number;
  /** to and from memory */
  bytes: number;
}

/** What a device gives a kernel, SI units. */
export interface DeviceRates {
  /** operations per second in the kernel's type */
  peak: number;
  /** bytes per second */
  bandwidth: number;
  /** processors that take tiles on their own; where it is not known, work divides evenly */
  units?: number;
  /** seconds a kernel takes before it works, where the device has a figure of its own */
  launch?: number;
  /** seconds the host needs to hand over a kernel, where it does so one by one: the device is never faster; absent where a captured graph runs */
  dispatch?: number;
  /** bytes of the last-level cache, where what a kernel reads was read shortly before (a benchmark that repeats it); absent where it comes from memory */
  cache?: number;
}

export type Bound = 'compute' | 'memory' | 'launch' | 'network';

export interface KernelTime {
  /** seconds */
  time: number;
  compute: number;
  memory: number;
  bound: Bound;
}

/** How sharply a cache ends. */
const CACHE_EDGE = 4;

/**
 * t = ((F / (eta_c P))^s + (Q / (eta_m W))^s)^(1/s) + t0: the roofline (Williams et al., CACM 2009) with a round knee, since loads and arithmetic overlap
 * only in part; s to infinity is max(). Seconds. With `overlap` p the launch hides behind the work of kernels before it: (work^p + t0^p)^(1/p). Kernels that a
 * host hands over one by one take at least its time for that (`launchedPass` of many). The constants hold for the family of kernels they were fitted to (`efficiencies`).
 * @param compute seconds of arithmetic, where a rule knows better than F / (eta_c P), e.g. from waves of tiles
 */
export function kernelTime(
  { flops, bytes }: KernelWork,
  rates: DeviceRates,
  efficiency: Efficiency,
  compute = flops / (efficiency.compute * rates.peak),
): KernelTime {
  const memory = memoryTime(bytes, rates, efficiency),
    start = rates.launch ?? efficiency.launch,
    work = roundMax(compute, memory, efficiency.sharpness);
  const alone = efficiency.overlap === undefined ? work + start : roundMax(work, start, efficiency.overlap),
    handed = (rates.dispatch ?? 0) * (efficiency.host ?? 1);
  const bound = start > work || handed > alone ? 'launch' : compute >= memory ? 'compute' : 'memory';
  return { time: Math.max(alone, handed), compute, memory, bound };
}

/** Seconds of traffic: Q / (eta_m W); of what fits a part of the cache, at the rate of that cache, Q / (c U). */
function memoryTime(bytes: number, { bandwidth, cache, units }: DeviceRates, { memory, held, cacheRate }: Efficiency): number {
  const all = bytes / (memory * bandwidth);
  if (!cache || !units || !held || !cacheRate) return all;
  const missed = 1 / (1 + ((held * cache) / bytes) ** CACHE_EDGE);
  return missed * all + (1 - missed) * Math.min(all, bytes / (cacheRate * units));
}

/** (a^s + b^s)^(1/s), without overflow. */
function roundMax(a: number, b: number, sharpness: number): number {
  const most = Math.max(a, b);
  return most === 0 ? 0 : most * (1 + (Math.min(a, b) / most) ** sharpness) ** (1 / sharpness);
}
