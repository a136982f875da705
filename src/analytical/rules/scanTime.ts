import type { Efficiency } from './efficiencies.js';
import { type DeviceRates, type KernelTime, type KernelWork, kernelTime } from './kernelTime.js';

/**
 * Time of a scan in chunks: within a chunk it is matrix products, from chunk to chunk the state is handed on, one after another, whatever the device
 * (Yang et al., arXiv 2412.06464, section 3.3): t = roofline + ceil(L / q) t_w. A step of one token has no chunk.
 */
export function scanTime(
  { length, chunk }: { length: number; chunk: number },
  work: KernelWork,
  rates: DeviceRates,
  e: Efficiency,
): KernelTime {
  const once = kernelTime(work, rates, e);
  const serial = length > 1 ? Math.ceil(length / chunk) * (e.waveCost ?? 0) : 0;
  return { ...once, time: once.time + serial, bound: serial > once.time ? 'launch' : once.bound };
}
