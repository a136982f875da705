import { kept } from '../../core/kept.js';
import { weightedQuantile } from '../../core/statistics.js';
import { isTrained } from '../design/trainedNetwork.js';
import { errorOf } from './kindErrors.js';
import { kindsFound } from './kindsFound.js';
import { CALIBRATED, type Calibrated, type ResidualModel } from './residualModel.js';
import type { PreparedRow } from './residualRow.js';

/** Share that the intervals are to cover. */
const COVERAGE = 0.9;
/** Models that no factor counts for. */
const PRIOR_WEIGHT = 3;
const FOLDS = 5;
/** No width is smaller for this purpose: that of whole numbers. */
const LEAST_WIDTH = 1e-3;

/**
 * How many times as wide as by their kinds of layers intervals of whole networks at csynth must be, so that they cover 90 % of networks that were left out, each model with the same weight:
 * errors of the layers of a network go together, and most rules of kinds were read off single layers. The quantile over models is drawn towards one as if three more had it; never below one.
 */
export function networkFactors(
  rows: readonly PreparedRow[],
  calibrate: (rows: readonly PreparedRow[]) => ResidualModel['calibration'],
): Partial<Record<Calibrated, number>> {
  const networks = rows.filter((r) => r.topLevel !== false && r.stage === 'csynth' && isTrained(r.design)),
    groups = [...new Set(networks.map((r) => r.group))].sort(),
    foldOf = new Map(groups.map((group, i) => [group, i % FOLDS]));
  const scores = new Map<Calibrated, Map<string, number[]>>();
  for (let fold = 0; fold < Math.min(FOLDS, groups.length); fold++) {
    const calibration = calibrate(rows.filter((r) => foldOf.get(r.group) !== fold));
    for (const row of networks) {
      if (foldOf.get(row.group) !== fold) continue;
      for (const target of CALIBRATED) {
        const found = kindsFound({ calibration }, row.design, row.analysis.layers, row.stage, target);
        if (!found) continue;
        const of = kept(
          kept(scores, target, () => new Map<string, number[]>()),
          row.group,
          () => [],
        );
        for (const error of errorOf(row, target)) of.push(error / Math.max(LEAST_WIDTH, found.halfWidth));
      }
    }
  }
  return Object.fromEntries([...scores].map(([target, of]) => [target, factorOf([...of.values()].filter((s) => s.length))]));
}

/** From the errors over the widths, of each model. */
function factorOf(scores: readonly (readonly number[])[]): number {
  if (!scores.length) return 1;
  const quantile = weightedQuantile(
    scores.flat(),
    scores.flatMap((of) => of.map(() => 1 / (scores.length * of.length))),
    COVERAGE,
  );
  return Math.max(1, (scores.length * quantile + PRIOR_WEIGHT) / (scores.length + PRIOR_WEIGHT));
}
