import { COUNTS } from '../designTargets.js';
import type { ResidualModel } from './residualModel.js';
import type { PreparedRow } from './residualRow.js';
import { RESIDUAL_EPOCHS, type ResidualOptions, trainPrepared } from './trainResidual.js';

/** Settings tried: how far weights may go, and how fast. */
export const RESIDUAL_GRID: readonly Pick<ResidualOptions, 'rate' | 'weightDecay'>[] = [
  { rate: 0.015, weightDecay: 0.05 },
  { rate: 0.015, weightDecay: 0.5 },
  { rate: 0.005, weightDecay: 0.05 },
];
/** Members of a trial (each group is left out once), and its share of the epochs. */
const TRIAL_MEMBERS = 3,
  TRIAL_EPOCHS = 0.5;

/**
 * The settings of the grid with the smallest error on left-out groups of the training designs (`validationError`); nothing else is looked at. Ties go to
 * the first.
 */
export async function tuneResidual(
  rows: readonly PreparedRow[],
  options: ResidualOptions = {},
  grid = RESIDUAL_GRID,
): Promise<{ settings: Pick<ResidualOptions, 'rate' | 'weightDecay'>; errors: number[] }> {
  const errors: number[] = [];
  for (const settings of grid) {
    const epochs = Math.max(1, Math.round((options.epochs ?? RESIDUAL_EPOCHS) * TRIAL_EPOCHS));
    const model = await trainPrepared(rows, {
      ...options,
      ...settings,
      epochs,
      members: TRIAL_MEMBERS,
      onCheckpoint: undefined,
      resume: undefined,
    });
    errors.push(validationError(model));
  }
  return { settings: grid[errors.indexOf(Math.min(...errors))], errors };
}

/** SMAPE in percent of LUT, FF, DSP and BRAM on left-out training groups, residual as trusted; a stratum counts by the square root of its designs. */
function validationError({ calibration }: ResidualModel): number {
  let sum = 0,
    weight = 0;
  for (const [stratum, targets] of Object.entries(calibration)) {
    if (stratum.split('/').length !== 4) continue;
    for (const target of COUNTS) {
      const found = targets[target];
      if (!found) continue;
      sum += Math.sqrt(found.rows) * found.learned;
      weight += Math.sqrt(found.rows);
    }
  }
  return weight > 0 ? sum / weight : Number.POSITIVE_INFINITY;
}
