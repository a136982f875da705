import type { DeviceSpec } from '../../device/deviceSpec.js';
import { POWER } from '../rules/fittedEfficiencies.js';
import type { PowerConstants } from '../rules/power.js';
import type { TimedKernel } from './fitDevice.js';
import { fitPower, type MeasuredPower, powerError } from './fitPower.js';

/**
 * Seconds that a kernel takes at least to tell its power: between shorter ones the device waits for its host, and the figure of a meter that averages over
 * a second holds what ran before them (aiconfigurator repeats a kernel for a second, but no more than 3000 times: collector/helper.py,
 * `benchmark_with_power`).
 */
export const LEAST_SECONDS = 1 / 3000;
/** Fewest kernels with measured power that say something. */
const LEAST = 8;

/** How a device draws power by its own kernels, and the error without them and with them. */
export interface DevicePowerFit {
  constants: PowerConstants;
  kernels: number;
  /** mean absolute percentage errors of every second kernel, as fractions: by the constants of other devices, by these with the other half */
  errors: { others: number; own: number };
}

/**
 * Constants of a device's power from its kernels, near those of other devices unless they tell otherwise. @returns undefined where the power limit is not known or
 * fewer than eight kernels of at least a third of a millisecond have a power
 */
export function fitDevicePower(
  kernels: readonly TimedKernel[],
  { peak, bandwidth, tdp, idle }: Pick<DeviceSpec, 'peak' | 'bandwidth' | 'tdp' | 'idle'>,
): DevicePowerFit | undefined {
  if (tdp === undefined || bandwidth === undefined) return undefined;
  const rows = kernels.flatMap(({ dtype, work, seconds, watts }): MeasuredPower[] => {
    const rate = peak[dtype];
    if (watts === undefined || seconds < LEAST_SECONDS || (work.flops && rate === undefined)) return [];
    const compute = work.flops ? work.flops / seconds / rate! : 0;
    return [{ compute, memory: work.bytes / seconds / bandwidth, limit: tdp, idle, watts }];
  });
  if (rows.length < LEAST) return undefined;
  const own = (some: readonly MeasuredPower[]) => fitPower([some], POWER, { isHeld: true }),
    halves = [0, 1].map((h) => rows.filter((_, i) => i % 2 === h));
  const mean = (error: (h: number) => number) => (error(0) + error(1)) / 2;
  return {
    constants: own(rows),
    kernels: rows.length,
    errors: {
      others: mean((h) => powerError(halves[h], POWER)),
      own: mean((h) => powerError(halves[h], own(halves[1 - h]))),
    },
  };
}

/** Error over that of the constants of other devices from which on those of the device itself are taken: less is chance. */
const BETTER = 0.9;

/** Whether a device's own kernels tell its power better than other devices do. */
export const isBetter = ({ errors: { others, own } }: DevicePowerFit): boolean => own < BETTER * others;
