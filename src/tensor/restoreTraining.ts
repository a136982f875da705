import { HwcastError } from '../core/errors.js';
import type { AdamState } from './adam.js';
import type { Parameters } from './parameters.js';

/**
 * Puts a checkpoint back: parameters and both moments, and the number of steps done. Every array of the checkpoint has the length of the parameters.
 * @throws HwcastError `corrupt` where one has not; nothing is changed then.
 */
export function restoreTraining(
  arrays: { parameters: Float32Array; m: Float32Array; v: Float32Array },
  parameters: Parameters,
  adam: AdamState,
  step: number,
): void {
  for (const [name, array] of Object.entries(arrays))
    if (array.length !== parameters.data.length)
      throw new HwcastError(
        'corrupt',
        `checkpoint array '${name}' has ${array.length} values, this model ${parameters.data.length}`,
        { hint: 'resume with the options the run began with' },
      );
  parameters.data.set(arrays.parameters);
  adam.m.set(arrays.m);
  adam.v.set(arrays.v);
  adam.step = step;
}
