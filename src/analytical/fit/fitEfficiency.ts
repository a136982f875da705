import { nelderMead } from '../../core/nelderMead.js';
import type { Efficiency } from '../rules/efficiencies.js';

/** A measured kernel: `predict` is its time, in seconds, by the rule of its family under given constants. */
export interface MeasuredKernel {
  predict(efficiency: Efficiency): number;
  /** seconds */
  measured: number;
}

/** Mean absolute percentage error as a fraction. */
export function errorOf(kernels: readonly MeasuredKernel[], efficiency: Efficiency): number {
  return kernels.reduce((sum, k) => sum + Math.abs(k.predict(efficiency) / k.measured - 1), 0) / kernels.length;
}

/**
 * Constants that make the mean over devices of mean |log(predicted / measured)| least; every device counts the same, however many rows it has.
 * Constants are positive, so their logarithms are searched (Nelder-Mead from `start`); a constant that `start` lacks stays absent.
 */
export function fitEfficiency(
  devices: readonly (readonly MeasuredKernel[])[],
  start: Efficiency,
  { steps = 300 }: { steps?: number } = {},
): Efficiency {
  const names = Object.keys(start) as (keyof Efficiency)[];
  const constants = (logs: readonly number[]) =>
    Object.fromEntries(names.map((name, i) => [name, Math.exp(logs[i])])) as unknown as Efficiency;
  const loss = (logs: readonly number[]) => {
    const e = constants(logs);
    if (e.sharpness < 1 || e.sharpness > 20) return Number.POSITIVE_INFINITY;
    let sum = 0;
    for (const kernels of devices) {
      let own = 0;
      for (const k of kernels) own += Math.abs(Math.log(k.predict(e) / k.measured));
      sum += own / kernels.length;
    }
    return sum / devices.length;
  };
  return constants(
    nelderMead(
      loss,
      names.map((name) => Math.log(start[name]!)),
      { steps },
    ),
  );
}
