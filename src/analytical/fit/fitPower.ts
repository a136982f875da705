import { nelderMead } from '../../core/nelderMead.js';
import { type PowerConstants, type PowerLimits, powerOf } from '../rules/power.js';

/** Shares of a device's rates that a kernel reached, and what the device drew meanwhile. */
export interface MeasuredPower extends PowerLimits {
  compute: number;
  memory: number;
  watts: number;
}

/** What a step of one logarithm away from where the search begins costs: few kernels move what they tell, and little else. */
const HELD = 0.01;

/** Mean absolute percentage error as a fraction. */
export const powerError = (rows: readonly MeasuredPower[], constants: PowerConstants): number =>
  rows.reduce((sum, row) => sum + Math.abs(powerOf(row, row, constants) / row.watts - 1), 0) / rows.length;

/**
 * Constants of the power of devices that make the error least; every device counts the same. @param from where the search begins
 * @param isHeld they stay near there unless kernels tell otherwise: of one device, from those of all
 */
export function fitPower(
  devices: readonly (readonly MeasuredPower[])[],
  { base, compute, memory }: PowerConstants,
  { isHeld = false } = {},
): PowerConstants {
  const from = [base, compute, memory].map(Math.log);
  const constants = (logs: readonly number[]): PowerConstants => {
    const [b, c, m] = logs.map(Math.exp);
    return { base: b, compute: c, memory: m };
  };
  const loss = (logs: readonly number[]) =>
    devices.reduce((sum, rows) => sum + powerError(rows, constants(logs)), 0) / devices.length +
    (isHeld ? HELD * logs.reduce((away, log, i) => away + (log - from[i]) ** 2, 0) : 0);
  return constants(nelderMead(loss, from, { steps: 300 }));
}
