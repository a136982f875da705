import type { DeviceSpec } from '../device/deviceSpec.js';
import { POWER } from './rules/fittedEfficiencies.js';
import type { PowerConstants } from './rules/power.js';

/** How a device draws power: fitted to its own kernels (`hwcast devices fit`), else to those of the devices whose power was measured. */
export const powerConstants = ({ power }: DeviceSpec): PowerConstants => power ?? POWER;
