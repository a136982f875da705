import { HwcastError } from '../core/errors.js';
import { deviceNamed, findDevice } from '../device/deviceNamed.js';
import { DTYPE_BYTES } from '../graph/tensorType.js';
import { MIXED, type RunSetting } from '../surrogate/operatorSum/machine.js';
import { EXECUTIONS } from './loweringOf.js';

/** How a new device runs, as far as its user says. */
export type ToldSetting = Pick<RunSetting, 'hardware' | 'dtype' | 'batch' | 'threads' | 'execution' | 'framework'>;

/**
 * The setting of a new device: what is told, and the device itself where the catalogue has it.
 * @param before what was told before, which stands where nothing else is told now
 * @returns undefined where nothing is known
 * @throws HwcastError `not-found` for hardware that is not in the catalogue, `bad-input` for an element type or way of execution that is none
 */
export function toldSetting(device: string, now: ToldSetting = {}, before: ToldSetting = {}): ToldSetting | undefined {
  const told: ToldSetting = { ...before, ...definedOf(now) },
    { hardware, dtype, execution } = told;
  oneOf('element type', dtype, [...Object.keys(DTYPE_BYTES), ...Object.keys(MIXED)]);
  oneOf('way of execution', execution, EXECUTIONS);
  const found = hardware === undefined ? findDevice(device) : deviceNamed(hardware);
  const known = definedOf({ ...told, hardware: found?.name });
  return Object.keys(known).length ? known : undefined;
}

const definedOf = (of: ToldSetting): ToldSetting =>
  Object.fromEntries(Object.entries(of).filter(([, value]) => value !== undefined));

function oneOf(what: string, value: string | undefined, all: readonly string[]): void {
  if (value !== undefined && !all.includes(value))
    throw new HwcastError('bad-input', `no ${what} '${value}'`, { hint: `one of ${all.join(', ')}` });
}
