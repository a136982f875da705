import { HwcastError } from '../../core/errors.js';
import type { ExtraInputs } from './encoder.js';

/** @throws HwcastError `bad-input` where the extra columns are not those the encoder was made for. */
export function checkExtra(networks: number, width: number, given?: ExtraInputs): void {
  if ((given?.width ?? 0) !== width)
    throw new HwcastError('bad-input', `${given?.width ?? 0} extra input columns, the encoder takes ${width}`, {
      hint: 'give the columns it was trained with',
    });
  if (given && given.data.length !== networks * width)
    throw new HwcastError('bad-input', `${given.data.length} extra inputs for ${networks} networks of ${width} columns`);
}
