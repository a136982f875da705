import { ruleCalibration } from './calibrateResidual.js';
import { kindCalibration } from './kindCalibration.js';
import { kindStrata } from './kindStrata.js';
import type { ResidualModel } from './residualModel.js';
import type { PreparedRow } from './residualRow.js';
import { seenKinds } from './seenKinds.js';

/** Intervals of the rules by rows that no model learned from, by kind of layer and by whole design, and what these rows were made of. */
export function ruleIntervals(rows: readonly PreparedRow[]): Required<Pick<ResidualModel, 'calibration' | 'seen'>> {
  const byKind = rows.filter((r) => r.topLevel !== false).map((r) => ({ ...r, strata: kindStrata(r.design, r.stage) }));
  return {
    calibration: { ...kindCalibration(rows), ...ruleCalibration(rows) },
    seen: { ...seenKinds(byKind), ...seenKinds(rows) },
  };
}
