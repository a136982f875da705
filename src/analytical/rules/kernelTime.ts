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
}

export type Bound = 'compute' | 'memory' | 'launch' | 'network';

export interface KernelTime {
  /** seconds */
  time: number;
  compute: number;
  memory: number;
  bound: Bound;
}

/**
 * t = ((F / (eta_c P))^s + (Q / (eta_m W))^s)^(1/s) + t0: the roofline (Williams et al., CACM 2009) with a round knee, since loads and arithmetic overlap
 * only in part; s to infinity is max(). Seconds. The constants hold for the family of kernels they were fitted to (`efficiencies`).
 * @param compute seconds of arithmetic, where a rule knows better than F / (eta_c P), e.g. from waves of tiles
 */
export function kernelTime(
  { flops, bytes }: KernelWork,
  { peak, bandwidth, launch }: DeviceRates,
  efficiency: Efficiency,
  compute = flops / (efficiency.compute * peak),
): KernelTime {
  const memory = bytes / (efficiency.memory * bandwidth);
  const start = launch ?? efficiency.launch;
  const work = roundMax(compute, memory, efficiency.sharpness);
  return { time: work + start, compute, memory, bound: start > work ? 'launch' : compute >= memory ? 'compute' : 'memory' };
}

/** (a^s + b^s)^(1/s), without overflow. */
function roundMax(a: number, b: number, sharpness: number): number {
  const most = Math.max(a, b);
  return most === 0 ? 0 : most * (1 + (Math.min(a, b) / most) ** sharpness) ** (1 / sharpness);
}
