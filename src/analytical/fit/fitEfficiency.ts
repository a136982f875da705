import { nelderMead } from '../../core/nelderMead.js';
import type { Efficiency } from '../rules/efficiencies.js';

/** Where searches begin: the corrected roofline max(F / 0.75 P, B / 0.8 W) + 4 us, with a round knee; with what small tiles, divisions of k and waves cost. */
export const PLAIN_START: Efficiency = { compute: 0.75, memory: 0.8, sharpness: 3, launch: 4e-6 };
export const TILED_START: Efficiency = { ...PLAIN_START, smallTile: 0.5, splitCost: 1e-6, waveCost: 1e-7 };

/** With what each chunk of a scan takes that waits for the one before. */
export const SERIAL_START: Efficiency = { ...PLAIN_START, waveCost: 1e-6 };

/** Where searches begin for constants of products that tables repeat: a write counts a fifth more, a fifth of the last cache holds what is read, at 25 GB/s a processor. Guesses; rows move them. */
export const REPEATED_START = { writing: 1.2, held: 0.2, cacheRate: 2.5e10 };

/** A measured kernel: `predict` is its time, in seconds, by the rule of its family under given constants. */
export interface MeasuredKernel {
  predict(efficiency: Efficiency): number;
  /** seconds */
  measured: number;
}

/** Whether an exponent of a rounded maximum is none. */
const isOutside = (exponent: number): boolean => exponent < 1 || exponent > 20;

/** Whether any kernel depends on a constant. */
const isTold = (name: keyof Efficiency, devices: readonly (readonly MeasuredKernel[])[], start: Efficiency): boolean => {
  const [less, more] = [0.5, 2].map((by) => ({ ...start, [name]: by * start[name]! }));
  return devices.some((kernels) => kernels.some((k) => k.predict(less) !== k.predict(more)));
};

/** Mean absolute percentage error as a fraction. */
export function errorOf(kernels: readonly MeasuredKernel[], efficiency: Efficiency): number {
  return kernels.reduce((sum, k) => sum + Math.abs(k.predict(efficiency) / k.measured - 1), 0) / kernels.length;
}

/**
 * Constants that make the mean over devices of mean |log(predicted / measured)| least; every device counts the same, however many rows it has.
 * Constants are positive, so their logarithms are searched (Nelder-Mead from `start`); a constant that `start` lacks stays absent, one that no kernel
 * depends on stays as it is.
 * @param free the constants that are searched; all unless told. @param held what a step of one logarithm away from `start` costs, squared: constants that the kernels hardly tell stay
 */
export function fitEfficiency(
  devices: readonly (readonly MeasuredKernel[])[],
  start: Efficiency,
  { steps = 300, held = 0, free }: { steps?: number; held?: number; free?: readonly (keyof Efficiency)[] } = {},
): Efficiency {
  const searched = free ?? (Object.keys(start) as (keyof Efficiency)[]).filter((name) => typeof start[name] === 'number');
  const names = searched.filter((name) => isTold(name, devices, start));
  const from = names.map((name) => Math.log(start[name]!));
  const constants = (logs: readonly number[]): Efficiency => ({
    ...start,
    ...Object.fromEntries(names.map((name, i) => [name, Math.exp(logs[i])])),
  });
  const loss = (logs: readonly number[]) => {
    const e = constants(logs);
    if (isOutside(e.sharpness) || isOutside(e.overlap ?? 1)) return Number.POSITIVE_INFINITY;
    let sum = 0;
    for (const kernels of devices) {
      let own = 0;
      for (const k of kernels) own += Math.abs(Math.log(k.predict(e) / k.measured));
      sum += own / kernels.length;
    }
    return sum / devices.length + held * logs.reduce((away, log, i) => away + (log - from[i]) ** 2, 0);
  };
  return constants(nelderMead(loss, from, { steps }));
}
