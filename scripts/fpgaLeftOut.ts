import { residualRows } from '../src/evaluate/protocols/fpgaResidual.js';
import type { FpgaSourceRow } from '../src/fpga/data/fpgaSources.js';
import { ruleCalibration } from '../src/fpga/residual/calibrateResidual.js';
import { FpgaModel } from '../src/fpga/residual/fpgaModel.js';
import { kindCalibration, kindStrata } from '../src/fpga/residual/kindCalibration.js';
import { type PreparedRow, prepareRows } from '../src/fpga/residual/residualRow.js';
import { seenKinds } from '../src/fpga/residual/seenKinds.js';
import { trainPrepared } from '../src/fpga/residual/trainResidual.js';
import { initBackend } from '../src/tensor/backend.js';

/** The model with intervals of rules from the rows that `keep` lets through, none of which it learned from. */
export function withIntervalsOf(
  model: FpgaModel,
  rows: readonly FpgaSourceRow[],
  keep: (row: FpgaSourceRow) => boolean,
): FpgaModel {
  const others = prepareRows(residualRows(rows.filter(keep)).rows);
  const byKind = others.filter((r) => r.topLevel !== false).map((r) => ({ ...r, strata: kindStrata(r.design, r.stage) }));
  const { residual } = model;
  const learned = Object.fromEntries(Object.entries(residual.calibration).filter(([name]) => /dense(\/|$)/.test(name)));
  const seenLearned = Object.fromEntries(
    Object.entries(residual.seen ?? {}).filter(([name]) => /dense(\/|$)/.test(name) && !name.startsWith('kind:')),
  );
  return new FpgaModel({
    ...residual,
    calibration: { ...kindCalibration(others), ...ruleCalibration(others), ...learned },
    seen: { ...seenKinds(byKind), ...seenKinds(others), ...seenLearned },
  });
}

/** Models trained without a fifth of the networks each, and which of them did not see a network. */
export async function modelsWithout(rows: readonly FpgaSourceRow[], folds = 5): Promise<(group: string) => FpgaModel> {
  await initBackend(process.env.HWCAST_BACKEND);
  const prepared = prepareRows(residualRows(rows).rows);
  const groups = [...new Set(prepared.map((r) => r.group))].sort();
  const foldOf = new Map(groups.map((group, i) => [group, i % folds]));
  const models: FpgaModel[] = [];
  for (let fold = 0; fold < folds; fold++) {
    const train: PreparedRow[] = prepared.filter((r) => foldOf.get(r.group) !== fold);
    models.push(new FpgaModel(await trainPrepared(train, { seed: 1 })));
  }
  return (group) => models[foldOf.get(group) ?? 0];
}
